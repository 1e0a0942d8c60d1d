//! The operators that predikt implements itself, one family a file.
//!
//! Nothing here knows an engine: a family reads a node's attributes out of a [`Definition`], checks
//! them, and answers a [`Kernel`], which types, shapes and computes. [`find`] looks an operator up.
//! What every family needs: [`attributes`], [`fact`] (types and shapes before a run), [`shape`]
//! (strides, broadcasting, sizes).
//!
//! The rooms: [`math`] (element by element, reductions), [`layout`] (what only moves elements),
//! [`linalg`] (products and distances), [`control`] (what runs subgraphs), [`encoders`] (what
//! prepares features), [`estimators`] (trees, linear models, support vectors), [`text`].
//!
//! What no converter of classical models emits, or for one or two estimators only, is there only with
//! the feature `extra`, and is marked with it in the rooms' tables.
#![forbid(unsafe_code)]

pub mod attributes;
pub mod control;
pub mod encoders;
pub mod estimators;
pub mod fact;
pub mod layout;
pub mod linalg;
pub mod math;
pub mod shape;
pub mod sparse;
pub mod text;

use std::fmt;
use std::sync::Arc;

pub use attributes::{Attribute, Attributes};
pub use control::Distance;
pub use fact::{Dim, Fact};

use crate::error::{Code, Error, Result};
use crate::tensor::{Data, DataType, Tensor};
use sparse::{Change, Source, Sparse};

/// An operator of ONNX that predikt implements.
pub struct Operator {
    /// The domain; `""` is `ai.onnx`.
    pub domain: &'static str,
    /// The name within its domain.
    pub name: &'static str,
    /// The versions of its specification that are implemented, oldest first: those of the
    /// domain's operator set in which it was introduced or changed.
    pub versions: &'static [i64],
    /// The element types that each input takes; the last entry stands for all further inputs.
    pub inputs: &'static [&'static [DataType]],
    /// Reads and checks a node's attributes.
    ///
    /// # Errors
    /// `MODEL_INVALID` where they contradict the specification, `OP_UNSUPPORTED` for what is
    /// not implemented.
    pub build: fn(&mut Definition) -> Result<Box<dyn Kernel>>,
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// One node, before it is built.
#[derive(Debug)]
pub struct Definition {
    /// Which operator it is.
    pub operator: &'static Operator,
    /// The version of the specification that counts: one of [`Operator::versions`].
    pub version: i64,
    /// Which inputs are connected, in order.
    pub inputs: Vec<bool>,
    /// Which outputs are connected, in order.
    pub outputs: Vec<bool>,
    /// The attributes; building takes out what it reads, and what is left is refused.
    pub attributes: Attributes,
}

impl Definition {
    /// Whether the input at that position is connected.
    pub fn has_input(&self, index: usize) -> bool {
        self.inputs.get(index).copied().unwrap_or(false)
    }

    /// Whether the output at that position is connected.
    pub fn has_output(&self, index: usize) -> bool {
        self.outputs.get(index).copied().unwrap_or(false)
    }

    /// Refuses nodes with another number of inputs. Trailing inputs may be left unconnected.
    ///
    /// # Errors
    /// `MODEL_INVALID`.
    #[inline(always)]
    pub fn expect_inputs(&self, numbers: std::ops::RangeInclusive<usize>) -> Result<()> {
        self.expect(*numbers.start(), *numbers.end())
    }

    fn expect(&self, fewest: usize, most: usize) -> Result<()> {
        let given = self.inputs.iter().rposition(|connected| *connected).map_or(0, |last| last + 1);
        if given <= most && (0..fewest).all(|index| self.has_input(index)) {
            return Ok(());
        }
        Err(invalid(format!(
            "{} takes {fewest} to {most} inputs, and has {given}.",
            self.operator.name
        )))
    }
}

/// An operator that is ready to run: its attributes are read and checked.
pub trait Kernel: Send + Sync {
    /// Types and shapes of all outputs in order, from those of the inputs. Types are always
    /// right; a shape that is not known before the run is `None` or has unknown dimensions. Where
    /// every input's shape is known and every value that shapes depend on is given
    /// ([`Fact::value`]), the outputs' shapes are known too, unless they depend on data.
    ///
    /// # Errors
    /// `OP_UNSUPPORTED` for types or ranks that are not implemented, `MODEL_INVALID` where the
    /// shapes contradict the operator's specification.
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>>;

    /// Computes all outputs in order. Inputs have the types that [`infer`](Self::infer) accepted,
    /// but shapes and values are untrusted.
    ///
    /// # Errors
    /// `ENGINE_FAILED` where shapes or values do not fit, `LIMIT_EXCEEDED` where the result
    /// would be too large.
    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>>;

    /// As [`run`](Self::run), into tensors of earlier runs, whose memory is used again
    /// ([`Tensor::reuse`]). There is one for each output that [`infer`](Self::infer) answers; what
    /// they hold before, and after an error, is not said.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        replaced(self.run(inputs), outputs)
    }

    /// Whether the first output is the first input as it is, for inputs of these facts. Such a
    /// node need not run where nothing reads its other outputs.
    fn keeps(&self, _inputs: &[Option<&Fact>]) -> bool {
        false
    }

    /// Whether [`run_sparse`](Self::run_sparse) gives the only output, for inputs of these facts.
    fn is_sparse(&self, _inputs: &[Option<&Fact>]) -> bool {
        false
    }

    /// As [`run`](Self::run), without the zeros.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    fn run_sparse(&self, _inputs: &[Option<&Tensor>], _rows: &mut Sparse) -> Result<()> {
        Err(failed("A node gives no sparse rows."))
    }

    /// What this does to the rows that are its first input, where that is all it does.
    fn change(&self, _inputs: &[Option<&Fact>]) -> Option<Change> {
        None
    }

    /// Whether it can [read sparse rows](Self::read_from) of that width as its only input.
    fn reads_sparse(&self, _width: usize) -> bool {
        false
    }

    /// From now on takes the inputs of `source` and reads what that makes of them: as if it had run before
    /// this, to the last bit.
    fn read_from(&mut self, _source: Source) {}

    /// Whether from now on it makes a change of its input of `width` columns first, to the last bit as a step before it.
    fn begin_with(&mut self, _change: &Change, _width: usize) -> bool {
        false
    }

    /// Whether from now on it makes a change of that output at last, to the last bit as a step behind it.
    fn end_with(&mut self, _output: usize, _change: &Change) -> bool {
        false
    }

    /// Prepares for inputs of these facts, which all runs from now on have: an engine calls this
    /// at most once, with facts that [`infer`](Self::infer) took.
    ///
    /// # Errors
    /// As [`infer`](Self::infer).
    fn specialise(&mut self, _inputs: &[Option<&Fact>]) -> Result<()> {
        Ok(())
    }
}

/// What a kernel whose [`run_into`](Kernel::run_into) is its own answers to [`run`](Kernel::run):
/// `count` fresh tensors.
///
/// # Errors
/// As [`Kernel::run`].
pub fn fresh(kernel: &dyn Kernel, inputs: &[Option<&Tensor>], count: usize) -> Result<Vec<Tensor>> {
    let mut outputs = vec![Tensor::default(); count];
    kernel.run_into(inputs, &mut outputs)?;
    Ok(outputs)
}

/// What a kernel's [`run_into`](Kernel::run_into) falls back on for what is seldom: puts what
/// [`run`](Kernel::run) made in the outputs' place.
///
/// # Errors
/// The run's.
pub fn replaced(made: Result<Vec<Tensor>>, outputs: &mut [Tensor]) -> Result<()> {
    outputs.iter_mut().zip(made?).for_each(|(output, made)| *output = made);
    Ok(())
}

/// The tensor that the output at `index` is written into.
///
/// # Errors
/// `ENGINE_FAILED` where the engine gives none.
pub fn made(outputs: &mut [Tensor], index: usize) -> Result<&mut Tensor> {
    outputs.get_mut(index).ok_or_else(|| failed("A node has no memory for one of its outputs."))
}

/// By what it is alone: the kernels' own fields would be code in every build that nobody reads.
impl fmt::Debug for dyn Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kernel")
    }
}

/// A subgraph that an operator runs, given to it by the engine as an [`Attribute::Body`].
pub trait Body: Send + Sync {
    /// How many inputs the subgraph declares.
    fn inputs(&self) -> usize;

    /// How many outputs the subgraph declares.
    fn outputs(&self) -> usize;

    /// Names of the outer values that it reads besides, in the order in which the node gets them
    /// as additional inputs behind its own.
    fn captures(&self) -> &[String];

    /// Types and shapes of the outputs. `inputs` are the declared ones, then the captured.
    ///
    /// # Errors
    /// As [`Kernel::infer`].
    fn infer(&self, inputs: &[Fact]) -> Result<Vec<Fact>>;

    /// Prepares for inputs of these facts, as [`Kernel::specialise`].
    ///
    /// # Errors
    /// As [`Kernel::infer`].
    fn specialise(&mut self, inputs: Vec<Fact>) -> Result<()>;

    /// Whether all it does is to give out its first input as it is, and the distances between the
    /// rows of that and the second input.
    fn distance(&self) -> Option<Distance> {
        None
    }

    /// Runs it. `inputs` are the declared ones, then the captured; the outputs are left in
    /// `memory`, which a later run uses again.
    ///
    /// # Errors
    /// As [`Kernel::run`].
    fn run(&self, inputs: &[&Tensor], memory: &mut Memory) -> Result<()>;
}

/// What a graph's runs leave for the next run of the same graph.
#[derive(Debug, Default)]
pub struct Memory {
    /// The last run's outputs. They may be taken.
    pub outputs: Vec<Tensor>,
    /// Values inside the graph.
    pub(crate) buffers: Vec<Tensor>,
}

impl fmt::Debug for dyn Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}

/// What an attribute of type graph becomes.
pub type SharedBody = Arc<dyn Body>;

/// A room's operators, family by family.
pub type Families = &'static [&'static [Operator]];

/// All operators, room by room.
pub static ROOMS: &[Families] = &[
    math::FAMILIES,
    layout::FAMILIES,
    linalg::FAMILIES,
    control::FAMILIES,
    encoders::FAMILIES,
    estimators::FAMILIES,
    text::FAMILIES,
];

/// Every operator.
pub fn all() -> impl Iterator<Item = &'static Operator> {
    ROOMS.iter().copied().flatten().copied().flatten()
}

/// The operator of that name, whatever its version. `domain` is `""` for `ai.onnx`.
pub fn find(domain: &str, name: &str) -> Option<&'static Operator> {
    all().find(|operator| operator.name == name && operator.domain == domain)
}

/// The version of an operator's specification that a model of operator set `opset` means.
///
/// # Errors
/// `OP_UNSUPPORTED` for a version older than all that are implemented.
pub fn version(operator: &Operator, opset: i64) -> Result<i64> {
    operator.versions.iter().rev().find(|version| **version <= opset).copied().ok_or_else(|| {
        unsupported(format!(
            "{} is implemented from version {} of its operator set on, and the model uses {opset}. Export it with a newer one.",
            operator.name,
            operator.versions.first().copied().unwrap_or_default()
        ))
    })
}

/// Builds a node: checks its number of inputs against nothing but its family's own rules, and
/// refuses attributes that the family did not read.
///
/// # Errors
/// As [`Operator::build`].
pub fn build(mut definition: Definition) -> Result<Box<dyn Kernel>> {
    let kernel = (definition.operator.build)(&mut definition)?;
    match definition.attributes.unread() {
        None => Ok(kernel),
        Some(name) => Err(unsupported(format!(
            "{} version {} has no attribute `{name}` that is implemented.",
            definition.operator.name, definition.version
        ))
        .with("attribute", name)),
    }
}

/// Refuses input types that the operator's table does not list.
///
/// # Errors
/// `OP_UNSUPPORTED`.
pub fn check_types(operator: &Operator, inputs: &[Option<&Fact>]) -> Result<()> {
    for (index, fact) in inputs.iter().enumerate() {
        let Some(fact) = fact else { continue };
        let Some(types) = operator.inputs.get(index).or(operator.inputs.last()) else { continue };
        if !types.contains(&fact.data_type) {
            let names: Vec<&str> = types.iter().map(|kind| kind.name()).collect();
            return Err(unsupported(format!(
                "Input {index} of {} is {}; implemented are {}.",
                operator.name,
                fact.data_type.name(),
                names.join(", ")
            ))
            .with("expected", names.iter().map(ToString::to_string).collect::<Vec<_>>())
            .with("got", fact.data_type.name()));
        }
    }
    Ok(())
}

/// Lists of element types for [`Operator::inputs`].
pub mod types {
    use crate::tensor::DataType::{self, *};

    /// Every type there is.
    pub const ANY: &[DataType] = &[
        Float16, Float32, Float64, Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64, Bool,
        String,
    ];
    /// Every type but text.
    pub const FIXED: &[DataType] = &[
        Float16, Float32, Float64, Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64, Bool,
    ];
    /// Whole and floating-point numbers.
    pub const NUMBER: &[DataType] =
        &[Float16, Float32, Float64, Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64];
    /// Floating-point numbers.
    pub const FLOAT: &[DataType] = &[Float16, Float32, Float64];
    /// What most operators of ai.onnx.ml take.
    pub const ML: &[DataType] = &[Float32, Float64, Int64, Int32];
    /// Indices.
    pub const INDEX: &[DataType] = &[Int32, Int64];
    /// Shapes and axes.
    pub const INT64: &[DataType] = &[Int64];
    /// Booleans.
    pub const BOOL: &[DataType] = &[Bool];
    /// Texts.
    pub const STRING: &[DataType] = &[String];
}

/// The input at `index`, which the operator requires.
///
/// # Errors
/// `MODEL_INVALID` where it is not connected.
pub fn required<'t, T: ?Sized>(inputs: &[Option<&'t T>], index: usize) -> Result<&'t T> {
    inputs
        .get(index)
        .copied()
        .flatten()
        .ok_or_else(|| invalid(format!("The required input {index} is not connected.")))
}

/// The input at `index`, if it is connected.
pub fn optional<'t, T: ?Sized>(inputs: &[Option<&'t T>], index: usize) -> Option<&'t T> {
    inputs.get(index).copied().flatten()
}

/// The only output of a run.
///
/// # Errors
/// As [`Tensor::new`].
pub fn one_tensor(dims: Vec<usize>, data: Data) -> Result<Vec<Tensor>> {
    Ok(vec![Tensor::new(dims, data)?])
}

/// The fact of the only output.
pub fn one_fact(data_type: DataType, shape: impl Into<Option<Vec<Dim>>>) -> Result<Vec<Fact>> {
    Ok(only(Fact::new(data_type, shape)))
}

fn only(fact: Fact) -> Vec<Fact> {
    vec![fact]
}

/// `MODEL_INVALID`: the node contradicts its specification.
pub fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::ModelInvalid, message)
}

/// `OP_UNSUPPORTED`: not implemented.
pub fn unsupported(message: impl Into<String>) -> Error {
    Error::new(Code::OpUnsupported, message)
}

/// `ENGINE_FAILED`: shapes or values of this run do not fit the operator.
pub fn failed(message: impl Into<String>) -> Error {
    Error::new(Code::EngineFailed, message)
}

/// The error for an element type that a kernel has no code for.
pub fn unsupported_type(data_type: DataType) -> Error {
    unsupported(format!("Elements of type {} are not implemented here.", data_type.name()))
        .with("got", data_type.name())
}
