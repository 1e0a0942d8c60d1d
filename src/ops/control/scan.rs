//! `Scan` (ai.onnx 9, 11, 16, 19, 21, 23, 24, 25).

use std::mem::swap;

use super::states::{Stack, bounded, infer, moved, outputs_fit, reversed, specialise, stacked};
use crate::error::Result;
use crate::ops::layout::shared::in_run;
use crate::ops::shape::axis;
use crate::ops::{
    Definition, Dim, Distance, Fact, Kernel, Memory, Operator, SharedBody, failed, invalid,
    replaced, required, types,
};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Scan",
    versions: &[9, 11, 16, 19, 21, 23, 24, 25],
    inputs: &[types::ANY],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    let attributes = &mut definition.attributes;
    let body = attributes.body("body")?.ok_or_else(|| invalid("Scan has no body."))?;
    let given = attributes.int("num_scan_inputs")?.unwrap_or(0);
    let own = definition.inputs.len();
    let scanned = usize::try_from(given)
        .ok()
        .filter(|scanned| (1..=own).contains(scanned) && definition.inputs.iter().all(|held| *held))
        .ok_or_else(|| invalid(format!("Scan goes through {given} of its {own} inputs.")))?;
    let states = own - scanned;
    if body.inputs() != own || body.outputs() < states {
        return Err(invalid(format!(
            "Scan's body has {} inputs and {} outputs, where the node has {own} inputs and {states} states.",
            body.inputs(),
            body.outputs()
        )));
    }
    outputs_fit(definition, body.outputs())?;
    let attributes = &mut definition.attributes;
    let stacks = body.outputs() - states;
    let mut list = |name: &'static str, count: usize| match attributes.ints(name)? {
        None => Ok(vec![0; count]),
        Some(list) if list.len() == count => Ok(list),
        Some(list) => Err(invalid(format!(
            "The attribute `{name}` has {} numbers, and should have {count}.",
            list.len()
        ))),
    };
    let (backwards_in, axes_in) =
        (list("scan_input_directions", scanned)?, list("scan_input_axes", scanned)?);
    let (backwards_out, axes_out) =
        (list("scan_output_directions", stacks)?, list("scan_output_axes", stacks)?);
    if backwards_in.iter().chain(&backwards_out).any(|direction| !matches!(direction, 0 | 1)) {
        return Err(invalid("Scan's directions are 0, forwards, and 1, backwards."));
    }
    let ways = |backwards: Vec<i64>, axes: Vec<i64>| -> Vec<Way> {
        let way = |(backwards, axis)| Way { backwards: backwards == 1, axis };
        backwards.into_iter().zip(axes).map(way).collect()
    };
    Ok(Box::new(Scan {
        body,
        states,
        distance: None,
        inputs: ways(backwards_in, axes_in),
        outputs: ways(backwards_out, axes_out),
    }))
}

/// How an input is taken apart or an output put together.
#[derive(Debug)]
struct Way {
    backwards: bool,
    axis: i64,
}

/// Runs its body once for each slice of the inputs that it goes through, hands states from one
/// step to the next, and stacks the body's other outputs.
#[derive(Debug)]
struct Scan {
    body: SharedBody,
    /// What the body computes, where all steps can be taken at once.
    distance: Option<Distance>,
    states: usize,
    inputs: Vec<Way>,
    outputs: Vec<Way>,
}

impl Scan {
    /// The body's inputs, and how many steps there are.
    fn facts(&self, inputs: &[Option<&Fact>]) -> Result<(Vec<Fact>, Dim)> {
        let mut facts: Vec<Fact> = (0..inputs.len())
            .map(|index| required(inputs, index).cloned())
            .collect::<Result<_>>()?;
        let mut steps = Dim::Unknown;
        for (fact, way) in facts.iter_mut().skip(self.states).zip(&self.inputs) {
            fact.value = None;
            let Some(shape) = &mut fact.shape else { continue };
            let axis = axis(way.axis, shape.len())?;
            steps = match (steps, shape.remove(axis)) {
                (Dim::Known(a), Dim::Known(b)) if a != b => {
                    return Err(invalid(format!("Scan goes through axes of lengths {a} and {b}.")));
                }
                (Dim::Known(length), _) | (_, Dim::Known(length)) => Dim::Known(length),
                (Dim::Unknown, other) | (other, _) => other,
            };
        }
        Ok((facts, steps))
    }
}

impl Kernel for Scan {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (facts, steps) = self.facts(inputs)?;
        let (mut out, made) = infer(&*self.body, facts, 0, self.states, 0)?;
        out.truncate(self.states);
        for (one, way) in made.iter().skip(self.states).zip(&self.outputs) {
            out.push(stacked(one, steps, way.axis)?);
        }
        Ok(out)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let mut all: Vec<Tensor> = vec![];
        for index in 0..self.states {
            all.push(required(inputs, index)?.clone());
        }
        // The axis that is gone through comes first, so that steps are side by side.
        let mut steps = None;
        let mut scanned = vec![];
        for (index, way) in (self.states..).zip(&self.inputs) {
            let tensor = required(inputs, index)?;
            let axis = axis(way.axis, tensor.dims().len()).map_err(in_run)?;
            let length = tensor.dims()[axis];
            if *steps.get_or_insert(length) != length {
                return Err(failed("Scan goes through axes of several lengths."));
            }
            scanned.push(moved(tensor.clone(), axis, 0)?);
        }
        let steps = steps.unwrap_or(0);
        bounded(steps)?;
        let captured: Vec<&Tensor> =
            inputs.iter().skip(self.body.inputs()).flatten().copied().collect();
        let mut stacks: Vec<Stack> = self.outputs.iter().map(|_| Stack::default()).collect();
        let mut memory = Memory::default();
        let mut total = 0;
        for step in 0..steps {
            all.truncate(self.states);
            for (tensor, way) in scanned.iter().zip(&self.inputs) {
                let index = if way.backwards { steps - 1 - step } else { step };
                let dims = tensor.dims().get(1..).unwrap_or_default().to_vec();
                let block = tensor.data().len() / steps;
                let slice = tensor.data().slice(index * block..(index + 1) * block);
                let slice = slice.ok_or_else(|| failed("Scan goes beyond its input."))?;
                all.push(Tensor::new(dims, slice)?);
            }
            let read: Vec<&Tensor> = all.iter().chain(captured.iter().copied()).collect();
            self.body.run(&read, &mut memory)?;
            for (stack, one) in stacks.iter_mut().zip(memory.outputs.iter().skip(self.states)) {
                stack.push(one, &mut total)?;
            }
            // The next step writes over this one's states.
            all.iter_mut().zip(&mut memory.outputs).take(self.states).for_each(|(a, b)| swap(a, b));
        }
        all.truncate(self.states);
        let ones = if steps == 0 { self.ones(inputs)? } else { vec![] };
        for (index, (stack, way)) in stacks.into_iter().zip(&self.outputs).enumerate() {
            let mut stack = stack.finish(ones.get(index))?;
            if way.backwards {
                stack = reversed(&stack)?;
            }
            let axis = axis(way.axis, stack.dims().len()).map_err(in_run)?;
            all.push(moved(stack, 0, axis)?);
        }
        Ok(all)
    }

    fn specialise(&mut self, inputs: &[Option<&Fact>]) -> Result<()> {
        let (facts, _) = self.facts(inputs)?;
        let (facts, _) = infer(&*self.body, facts, 0, self.states, 0)?;
        specialise(&mut self.body, facts)?;
        let forwards = |ways: &[Way]| matches!(ways, [Way { backwards: false, axis: 0 }]);
        if self.states == 1 && forwards(&self.inputs) && forwards(&self.outputs) {
            self.distance = self.body.distance();
        }
        Ok(())
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        if let (Some(distance), [Some(state), Some(steps)], [same, out]) =
            (self.distance, inputs, &mut *outputs)
            && steps.dims().first().is_some_and(|steps| *steps > 0)
        {
            bounded(steps.dims()[0])?;
            if distance.all(state, steps, out)? {
                same.assign(state);
                return Ok(());
            }
        }
        replaced(self.run(inputs), outputs)
    }
}

impl Scan {
    /// What one step would give out, where there are none.
    fn ones(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Fact>> {
        let fact = |tensor: &&Tensor| Fact::fixed(tensor.data_type(), tensor.dims());
        let facts: Vec<Fact> = inputs.iter().flatten().map(fact).collect();
        let (facts, _) = self.facts(&facts.iter().map(Some).collect::<Vec<_>>())?;
        let made = infer(&*self.body, facts, 0, self.states, 0).map_err(in_run)?.1;
        Ok(made.into_iter().skip(self.states).collect())
    }
}
