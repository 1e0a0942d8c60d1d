//! Takes the operators of [`ops`](crate::ops) into tract: those that it lacks, and those that it
//! gets wrong.
//!
//! tract looks operators up by name alone, whatever their domain. So [`adopt`] builds a kernel of
//! each such node and puts a stand-in with the kernel's number in its place, under a name of our
//! own; [`parse`] reads the graph with the kernels at hand.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use tract_onnx::Onnx;
use tract_onnx::pb::{ModelProto, NodeProto};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::*;

use super::{failed, support, value};
use crate::engine::{Feed, kernel};
use crate::error::Result;
use crate::onnx::proto::{Attribute, AttributeValue, Graph, Model, Node};
use crate::ops::{self, Dim, Fact, Kernel};
use crate::tensor::{DataType, Tensor as Ours};

/// The name under which our operators are given to tract.
pub const STAND_IN: &str = "PrediktOperator";

/// The attribute that holds the kernel's number.
const NUMBER: &str = "number";

/// Operators of ONNX's default domain that tract has and gets wrong in some case: extremes of
/// infinities and NaN, overflow on the way, attributes that are not read.
const REPLACED: &[&str] = &[
    "ArgMax",
    "ArgMin",
    "BitShift",
    "Celu",
    "DepthToSpace",
    "Hardmax",
    "LogSoftmax",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMin",
    "Softplus",
    "SpaceToDepth",
    "Swish",
    "TopK",
];

thread_local! {
    /// The kernels of the graph that is being parsed: a builder of tract's captures nothing.
    static KERNELS: RefCell<Vec<Adapter>> = const { RefCell::new(vec![]) };
}

/// Whether graphs that tract runs have our own operator under that domain and name.
pub fn replaces(domain: &str, name: &str) -> bool {
    ops::find(domain, name).is_some()
        && (!domain.is_empty() || REPLACED.contains(&name) || !support::knows(domain, name))
}

/// Whether a node is run by our own operator.
pub fn takes(node: &Node) -> bool {
    node.subgraphs().next().is_none() && replaces(node.domain(), &node.op_type)
}

/// Builds a kernel for each node that [`takes`] names, and puts stand-ins in their place.
///
/// # Errors
/// `OP_UNSUPPORTED` and `MODEL_INVALID` as the operators have them.
pub fn adopt(model: &mut Model) -> Result<Vec<Adapter>> {
    let mut adapters = vec![];
    if let Some(graph) = &mut model.graph {
        adopt_graph(graph, &model.opsets, &mut adapters)?;
    }
    Ok(adapters)
}

fn adopt_graph(
    graph: &mut Graph,
    opsets: &kernel::Opsets,
    adapters: &mut Vec<Adapter>,
) -> Result<()> {
    for node in &mut graph.nodes {
        for attribute in &mut node.attributes {
            match &mut attribute.value {
                AttributeValue::Graph(graph) => adopt_graph(graph, opsets, adapters)?,
                AttributeValue::Graphs(graphs) => {
                    graphs.iter_mut().try_for_each(|graph| adopt_graph(graph, opsets, adapters))?;
                }
                _ => {}
            }
        }
        if !takes(node) {
            continue;
        }
        let mut no_body = |_: &mut Graph| Err(ops::unsupported("A subgraph cannot be taken over."));
        let built = kernel::build(node, opsets, &mut no_body)?;
        node.op_type = STAND_IN.to_owned();
        node.domain = String::new();
        node.attributes = vec![Attribute {
            name: NUMBER.to_owned(),
            value: AttributeValue::Int(adapters.len() as i64),
        }];
        adapters.push(Adapter {
            kernel: built.kernel.into(),
            operator: built.operator,
            inputs: node.inputs.iter().map(|name| !name.is_empty()).collect(),
            outputs: node.outputs.iter().map(|name| !name.is_empty()).collect(),
        });
    }
    Ok(())
}

/// Reads a graph in which `adapters` have their stand-ins.
///
/// # Errors
/// `ENGINE_FAILED` where tract cannot.
pub fn parse(
    onnx: &mut Onnx,
    adapters: Vec<Adapter>,
    model: &ModelProto,
) -> Result<InferenceModel> {
    onnx.op_register.insert(STAND_IN, build);
    KERNELS.with_borrow_mut(|kernels| *kernels = adapters);
    let parsed = onnx.model_for_proto_model(model).map_err(failed);
    KERNELS.with_borrow_mut(Vec::clear);
    parsed
}

fn build(
    _: &tract_onnx::model::ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let number: usize = node.get_attr(NUMBER)?;
    let adapter = KERNELS.with_borrow(|kernels| kernels.get(number).cloned());
    let adapter = adapter.with_context(|| format!("there is no operator number {number}"))?;
    Ok((Box::new(adapter), vec![]))
}

/// One of our operators as one of tract's. tract leaves out inputs and outputs that are not
/// connected; a kernel has a place for each.
#[derive(Debug, Clone)]
pub struct Adapter {
    kernel: Arc<dyn Kernel>,
    operator: &'static ops::Operator,
    inputs: Vec<bool>,
    outputs: Vec<bool>,
}

impl PartialEq for Adapter {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.kernel, &other.kernel)
    }
}

impl Eq for Adapter {}

impl Adapter {
    /// The given ones at their places.
    fn place<'t, T>(&self, given: &'t [T]) -> Vec<Option<&'t T>> {
        let mut given = given.iter();
        self.inputs.iter().map(|connected| if *connected { given.next() } else { None }).collect()
    }

    /// The types and shapes of the connected outputs.
    fn facts(&self, inputs: &[Fact]) -> TractResult<TVec<(DatumType, TVec<usize>)>> {
        let inputs = self.place(inputs);
        ops::check_types(self.operator, &inputs).map_err(said)?;
        let facts = self.kernel.infer(&inputs).map_err(said)?;
        self.connected(facts)
            .map(|fact| {
                let dims = fact.dims().with_context(|| {
                    format!("the shape that {} makes depends on values", self.operator.name)
                })?;
                Ok((value::datum_type(fact.data_type), dims.into()))
            })
            .collect()
    }

    /// Those of all outputs that are connected.
    fn connected<'a, T: 'a>(&'a self, all: Vec<T>) -> impl Iterator<Item = T> + 'a {
        all.into_iter().zip(&self.outputs).filter_map(|(one, connected)| connected.then_some(one))
    }
}

/// Our error as tract's.
fn said(error: crate::error::Error) -> TractError {
    format_err!("{}", error.message())
}

/// The type that tract has for one of ours; its dimensions are whole numbers.
fn data_type(datum_type: DatumType) -> TractResult<DataType> {
    if datum_type == TDim::datum_type() {
        return Ok(DataType::Int64);
    }
    value::ours(datum_type).context("tract hands over a type of its own")
}

fn ours(tensor: &Tensor) -> TractResult<Ours> {
    value::from_tract(tensor, data_type(tensor.datum_type())?).map_err(said)
}

/// What is known of one of tract's values. `None` where the shape is not.
fn fact(
    datum_type: DatumType,
    shape: &[TDim],
    constant: Option<&Tensor>,
) -> TractResult<Option<Fact>> {
    if let Some(tensor) = constant {
        return Ok(Some(Fact::constant(Arc::new(ours(tensor)?))));
    }
    let dims: Option<Vec<Dim>> =
        shape.iter().map(|dim| dim.to_usize().ok().map(Dim::Known)).collect();
    let data_type = data_type(datum_type)?;
    Ok(dims.map(|dims| Fact::new(data_type, dims)))
}

impl Op for Adapter {
    fn name(&self) -> StaticName {
        format!("predikt.{}", self.operator.name).into()
    }

    op_as_typed_op!();
}

impl EvalOp for Adapter {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let inputs = inputs.iter().map(|tensor| ours(tensor)).collect::<TractResult<Vec<_>>>()?;
        let outputs = self.kernel.run(&self.place(&inputs)).map_err(said)?;
        self.connected(outputs)
            .map(|tensor| Ok(value::to_tract(&Feed::from(&tensor)).map_err(said)?.into_tvalue()))
            .collect()
    }
}

impl TypedOp for Adapter {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let inputs = inputs
            .iter()
            .map(|input| {
                fact(input.datum_type, &input.shape.to_tvec(), input.konst.as_deref())?
                    .with_context(|| format!("{} takes known shapes", self.operator.name))
            })
            .collect::<TractResult<Vec<Fact>>>()?;
        let facts = self.facts(&inputs)?;
        Ok(facts.into_iter().map(|(kind, dims)| TypedFact::dt_shape(kind, &*dims)).collect())
    }
}

impl InferenceOp for Adapter {
    fn infer_facts(
        &mut self,
        inputs: TVec<&InferenceFact>,
        outputs: TVec<&InferenceFact>,
        observed: TVec<&InferenceFact>,
    ) -> TractResult<(TVec<InferenceFact>, TVec<InferenceFact>, TVec<InferenceFact>)> {
        let own = |facts: &[&InferenceFact]| facts.iter().map(|fact| (*fact).clone()).collect();
        let known = inputs
            .iter()
            .map(|input| {
                let Some(kind) = input.datum_type.concretize() else { return Ok(None) };
                let Some(shape) = input.shape.concretize() else { return Ok(None) };
                fact(kind, &shape, input.value.concretize().as_deref())
            })
            .collect::<TractResult<Option<Vec<Fact>>>>()?;
        let outputs = match known {
            Some(known) => self
                .facts(&known)?
                .into_iter()
                .zip(&outputs)
                .map(|((kind, dims), given)| InferenceFact::dt_shape(kind, &*dims).unify(given))
                .collect::<TractResult<_>>()?,
            None => own(&outputs),
        };
        Ok((own(&inputs), outputs, own(&observed)))
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(self.outputs.iter().filter(|connected| **connected).count())
    }

    fn to_typed(
        &self,
        _: &InferenceModel,
        node: &InferenceNode,
        target: &mut TypedModel,
        mapping: &HashMap<OutletId, OutletId>,
    ) -> TractResult<TVec<OutletId>> {
        let inputs: TVec<OutletId> = node.inputs.iter().map(|input| mapping[input]).collect();
        target.wire_node(&*node.name, self.clone(), &inputs)
    }

    as_op!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use crate::engine::tract::TractEngine;
    use crate::onnx::Limits;
    use crate::onnx::testing::{FLOAT, checked, int, int64s, ints, node, value};
    use crate::tensor::Data;

    #[test]
    fn what_is_replaced_is_ours() {
        assert!(REPLACED.is_sorted());
        for name in REPLACED {
            assert!(support::knows("", name), "tract has no {name}");
            assert!(replaces("", name), "{name} is not ours");
        }
        assert!(!replaces("", "Relu") && !replaces("", "Conv"));
        assert!(replaces("ai.onnx.ml", "Scaler") && !replaces("com.example", "Scaler"));
    }

    /// Runs one node, between operators that only tract has, on `x`.
    fn run(middle: Node, opset: i64, input: Ours) -> Ours {
        let graph = Graph {
            nodes: vec![
                node("Shrink", &["x"], &["before"], vec![]),
                middle,
                node("Shrink", &["after"], &["y"], vec![]),
            ],
            initializers: vec![int64s("axis", &[1], &[1]), int64s("columns", &[2], &[2, 0])],
            inputs: vec![value("x", FLOAT, None)],
            outputs: vec![value("y", FLOAT, None)],
            ..Graph::default()
        };
        let mut engine = TractEngine::load(checked(graph, opset), Limits::default(), 1).unwrap();
        engine.run(&[Feed::from(&input)]).unwrap().remove(0)
    }

    fn floats(dims: &[usize], values: &[f32]) -> Ours {
        Ours::new(dims.to_vec(), Data::F32(values.to_vec())).unwrap()
    }

    fn near(got: &Ours, want: &[f32]) -> bool {
        let Data::F32(got) = got.data() else { return false };
        got.len() == want.len() && got.iter().zip(want).all(|(a, b)| a == b || (a - b).abs() < 1e-3)
    }

    /// scipy 1.17: `logsumexp([[1000, 1000, 1], [-1000, -1000, -1001]], axis=1)`, in every form that
    /// the specification gave the operator.
    #[test]
    fn sums_of_exponentials_stay_finite() {
        let x = || floats(&[2, 3], &[1000.0, 1000.0, 1.0, -1000.0, -1000.0, -1001.0]);
        let want = [1000.6932, -999.1383];
        for opset in [11, 13, 17] {
            for (keep, dims) in [(0, vec![2]), (1, vec![2, 1])] {
                let attributes = vec![ints("axes", &[1]), int("keepdims", keep)];
                let y =
                    run(node("ReduceLogSumExp", &["before"], &["after"], attributes), opset, x());
                assert_eq!(y.dims(), dims, "opset {opset}");
                assert!(near(&y, &want), "{y:?}");
            }
        }
        let reduce =
            node("ReduceLogSumExp", &["before", "axis"], &["after"], vec![int("keepdims", 0)]);
        assert!(near(&run(reduce, 18, x()), &want));
    }

    /// onnxruntime 1.31.
    #[test]
    fn logarithms_of_softmax_stay_finite() {
        let x = || floats(&[1, 2, 2], &[90.0, -100.0, 89.0, -300.0]);
        let soft = |attributes| node("LogSoftmax", &["before"], &["after"], attributes);
        // Shrink makes 0 of what is no further from it than a half.
        for (opset, attributes, want) in [
            (11, vec![], [0.0, -190.313_26, -1.313_262, -390.313_26]),
            (13, vec![int("axis", 1)], [0.0, 0.0, -1.313_262, -200.0]),
        ] {
            let y = run(soft(attributes), opset, x());
            assert!(near(&y, &want), "opset {opset}: {y:?}");
        }
    }

    #[test]
    fn extremes_of_infinities_are_infinite() {
        let x = floats(&[1, 2], &[f32::NEG_INFINITY; 2]);
        let reduce = node("ReduceMax", &["before"], &["after"], vec![ints("axes", &[1])]);
        assert_eq!(*run(reduce, 13, x).data(), Data::F32(vec![f32::NEG_INFINITY]));
    }

    /// onnxruntime 1.31.
    #[test]
    fn operators_of_other_domains_run_inside() {
        let x = floats(&[2, 3], &[10.0, 11.0, 12.0, 13.0, 14.0, 15.0]);
        let take =
            node("ai.onnx.ml.ArrayFeatureExtractor", &["before", "columns"], &["after"], vec![]);
        let y = run(take, 13, x);
        assert_eq!(y, floats(&[2, 2], &[12.0, 10.0, 15.0, 13.0]));
    }
}
