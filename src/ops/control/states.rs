//! What loops share: values that each step hands to the next, and outputs stacked over steps.

use std::sync::Arc;

use crate::error::{Code, Error, Result, list};
use crate::ops::layout::shared::{offsets, select};
use crate::ops::shape::{axis, elements};
use crate::ops::{Body, Definition, Dim, Fact, SharedBody, failed, invalid};
use crate::tensor::{Data, Tensor};

/// The most steps that a loop may take.
const MAX_STEPS: usize = if cfg!(test) { 1000 } else { 1_000_000 };

/// Bytes of a text that take as much room as an element.
const TEXT: usize = 8;

/// Refuses loops of too many steps.
///
/// # Errors
/// `LIMIT_EXCEEDED`.
pub fn bounded(steps: usize) -> Result<()> {
    if steps <= MAX_STEPS {
        return Ok(());
    }
    Err(Error::new(
        Code::LimitExceeded,
        format!("A loop of more than {MAX_STEPS} steps is more than one run takes. Pass fewer rows at a time."),
    )
    .with("expected", MAX_STEPS)
    .with("got", steps))
}

/// Refuses nodes with more outputs than their body makes.
///
/// # Errors
/// `MODEL_INVALID`.
pub fn outputs_fit(definition: &Definition, made: usize) -> Result<()> {
    if definition.outputs.len() <= made {
        return Ok(());
    }
    Err(invalid(format!(
        "{} has {} outputs, and its body makes {made}.",
        definition.operator.name,
        definition.outputs.len()
    )))
}

/// What holds of either of two values.
pub fn join(a: &Fact, b: &Fact) -> Fact {
    let shape = match (&a.shape, &b.shape) {
        (Some(a), Some(b)) if a.len() == b.len() => {
            let dim = |(a, b): (&Dim, &Dim)| if a == b { *a } else { Dim::Unknown };
            Some(a.iter().zip(b).map(dim).collect())
        }
        _ => None,
    };
    Fact::new(a.data_type, shape)
}

/// The facts of a loop's body when every step's states are taken into account. `inputs` are the
/// body's, of which those from `first` on are the states; its outputs are the states again behind
/// `leading` others. Answers the inputs, and all outputs.
///
/// # Errors
/// As [`Body::infer`]; `MODEL_INVALID` where a state's type changes.
pub fn infer(
    body: &dyn Body,
    mut inputs: Vec<Fact>,
    first: usize,
    states: usize,
    leading: usize,
) -> Result<(Vec<Fact>, Vec<Fact>)> {
    for fact in inputs.iter_mut().skip(first).take(states) {
        fact.value = None;
    }
    let mut attempts = 0;
    loop {
        let made = body.infer(&inputs)?;
        let mut changed = false;
        let held = inputs.iter_mut().skip(first).take(states);
        for (held, next) in held.zip(made.iter().skip(leading)) {
            if held.data_type != next.data_type {
                return Err(invalid(format!(
                    "A loop's value is {} at first and {} later.",
                    held.data_type.name(),
                    next.data_type.name()
                )));
            }
            let mut joined = join(held, next);
            if joined != *held {
                // Shapes that keep growing are not followed for ever.
                if attempts > 1 {
                    joined.shape = None;
                }
                *held = joined;
                changed = true;
            }
        }
        if !changed {
            return Ok((inputs, made));
        }
        // Nor are changes that go from state to state, one further each time.
        if attempts > 1 {
            inputs.iter_mut().skip(first).take(states).for_each(|fact| fact.shape = None);
        }
        attempts += 1;
    }
}

/// Prepares a body that nothing else runs for inputs of these facts.
///
/// # Errors
/// As [`Body::specialise`].
pub fn specialise(body: &mut SharedBody, inputs: Vec<Fact>) -> Result<()> {
    Arc::get_mut(body).map_or(Ok(()), |body| body.specialise(inputs))
}

/// One output of all steps, one behind the other.
#[derive(Debug, Default)]
pub struct Stack {
    steps: usize,
    held: Option<(Vec<usize>, Data)>,
}

impl Stack {
    /// Adds a step's output. `total` counts the elements in all of a loop's stacks, and how many
    /// more a text is as long as.
    ///
    /// # Errors
    /// `ENGINE_FAILED` where its type or shape is not that of the others, `LIMIT_EXCEEDED`.
    pub fn push(&mut self, made: &Tensor, total: &mut usize) -> Result<()> {
        self.steps += 1;
        let mut dims = vec![self.steps];
        dims.extend(made.dims());
        elements(&dims)?;
        let texts = match made.data() {
            Data::Str(texts) => texts.iter().map(|text| text.len() / TEXT).sum(),
            _ => 0,
        };
        *total = total.saturating_add(made.data().len()).saturating_add(texts);
        elements(&[*total])?;
        let (dims, data) = self.held.get_or_insert_with(|| {
            (made.dims().to_vec(), Data::with_capacity(made.data_type(), made.data().len()))
        });
        if dims != made.dims() || !data.extend_from(made.data(), 0..made.data().len()) {
            return Err(failed(format!(
                "A loop's steps give out shapes {} and {}, which cannot be stacked.",
                list(dims),
                list(made.dims())
            )));
        }
        Ok(())
    }

    /// All of them, along a new first axis; `one` says what a step's would have been like where
    /// there were none.
    ///
    /// # Errors
    /// `ENGINE_FAILED` where neither is given.
    pub fn finish(self, one: Option<&Fact>) -> Result<Tensor> {
        let empty = |fact: &Fact| {
            let shape = fact.shape.iter().flatten();
            let dims = shape.map(|dim| dim.known().unwrap_or(0)).collect();
            (dims, Data::zeros(fact.data_type, 0))
        };
        let held = self.held.or_else(|| one.map(empty));
        let (mut dims, data) =
            held.ok_or_else(|| failed("A loop of no steps gives nothing out."))?;
        dims.insert(0, self.steps);
        Tensor::new(dims, data)
    }
}

/// The fact of a stack of that many, along a new axis.
///
/// # Errors
/// `MODEL_INVALID` where there is no such axis.
pub fn stacked(one: &Fact, steps: Dim, given: i64) -> Result<Fact> {
    let Some(shape) = &one.shape else { return Ok(Fact::of(one.data_type)) };
    let mut shape = shape.clone();
    shape.insert(axis(given, shape.len() + 1)?, steps);
    Ok(Fact::new(one.data_type, shape))
}

/// The tensor with axis `from` in the place of `to`.
///
/// # Errors
/// `LIMIT_EXCEEDED`.
pub fn moved(tensor: Tensor, from: usize, to: usize) -> Result<Tensor> {
    if from == to || from >= tensor.dims().len() || to >= tensor.dims().len() {
        return Ok(tensor);
    }
    let mut axes = offsets(tensor.dims())?;
    let moved = axes.remove(from);
    axes.insert(to, moved);
    select(tensor.data(), &axes)
}

/// The tensor with its first axis the other way round.
///
/// # Errors
/// `LIMIT_EXCEEDED`.
pub fn reversed(tensor: &Tensor) -> Result<Tensor> {
    let mut axes = offsets(tensor.dims())?;
    axes.iter_mut().take(1).for_each(|axis| axis.reverse());
    select(tensor.data(), &axes)
}

/// Whether a single boolean is true.
///
/// # Errors
/// `ENGINE_FAILED` where it is something else.
#[cfg(feature = "extra")]
pub fn condition(tensor: &Tensor) -> Result<bool> {
    match tensor.data() {
        Data::Bool(values) if values.len() == 1 => Ok(values[0]),
        other => Err(failed(format!(
            "A condition is a single bool, not {} of {}.",
            other.len(),
            other.data_type().name()
        ))),
    }
}

/// A scalar that is not known before the run.
#[cfg(feature = "extra")]
pub fn scalar(data_type: crate::tensor::DataType) -> Fact {
    Fact::fixed(data_type, &[])
}
