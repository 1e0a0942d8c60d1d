//! `Loop` (ai.onnx 1, 11, 13, 16, 19, 21, 23, 24, 25) over tensors.

use super::states::{Stack, bounded, condition, infer, outputs_fit, scalar, specialise, stacked};
use crate::error::Result;
use crate::ops::layout::shared::{in_run, integer};
use crate::ops::{
    Definition, Dim, Fact, Kernel, Memory, Operator, SharedBody, failed, invalid, optional,
    required, types,
};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Loop",
    versions: &[1, 11, 13, 16, 19, 21, 23, 24, 25],
    inputs: &[types::ANY],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    let body = definition.attributes.body("body")?.ok_or_else(|| invalid("Loop has no body."))?;
    let states = definition.inputs.len().saturating_sub(2);
    if body.inputs() != states + 2 || body.outputs() < states + 1 {
        return Err(invalid(format!(
            "Loop's body has {} inputs and {} outputs, which do not fit {states} states.",
            body.inputs(),
            body.outputs()
        )));
    }
    if !definition.inputs.iter().skip(2).all(|held| *held) {
        return Err(invalid("One of Loop's states is not connected."));
    }
    outputs_fit(definition, body.outputs() - 1)?;
    let own = definition.inputs.len();
    Ok(Box::new(Loop { body, states, own }))
}

/// Runs its body until it says stop or as often as told, hands states from one step to the next,
/// and stacks the body's other outputs.
#[derive(Debug)]
struct Loop {
    body: SharedBody,
    states: usize,
    /// The node's own inputs, of which the first two may be left out.
    own: usize,
}

impl Loop {
    /// What holds of all that the body takes, and of all that it gives out.
    fn facts(&self, inputs: &[Option<&Fact>]) -> Result<(Vec<Fact>, Vec<Fact>)> {
        let mut facts = vec![scalar(DataType::Int64), scalar(DataType::Bool)];
        // The states, and behind the node's own inputs what the body reads besides.
        for index in self.own.min(2)..inputs.len() {
            facts.push(required(inputs, index)?.clone());
        }
        infer(&*self.body, facts, 2, self.states, 1)
    }
}

impl Kernel for Loop {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (held, made) = self.facts(inputs)?;
        let mut out: Vec<Fact> = held.into_iter().skip(2).take(self.states).collect();
        for one in made.iter().skip(1 + self.states) {
            out.push(stacked(one, Dim::Unknown, 0)?);
        }
        Ok(out)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (own, captured) = inputs.split_at(self.own.min(inputs.len()));
        let most = optional(own, 0).map(integer).transpose()?;
        let mut goes_on = optional(own, 1).map_or(Ok(true), condition)?;
        let mut states: Vec<Tensor> = own.iter().skip(2).copied().flatten().cloned().collect();
        let captured: Vec<&Tensor> = captured.iter().flatten().copied().collect();
        let mut stacks: Vec<Stack> = vec![];
        stacks.resize_with(self.body.outputs() - self.states - 1, Stack::default);
        let mut memory = Memory::default();
        let mut total = 0;
        let mut step = 0usize;
        while goes_on && most.is_none_or(|most| (step as i64) < most) {
            bounded(step + 1)?;
            let number = Tensor::new(vec![], Data::I64(vec![step as i64]))?;
            let flag = Tensor::new(vec![], Data::Bool(vec![true]))?;
            let read: Vec<&Tensor> = [&number, &flag]
                .into_iter()
                .chain(&states)
                .chain(captured.iter().copied())
                .collect();
            self.body.run(&read, &mut memory)?;
            let mut made = memory.outputs.drain(..);
            let flag = made.next().ok_or_else(|| failed("Loop's body gives nothing out."))?;
            goes_on = condition(&flag)?;
            states = made.by_ref().take(self.states).collect();
            for (stack, one) in stacks.iter_mut().zip(made) {
                stack.push(&one, &mut total)?;
            }
            step += 1;
        }
        if step == 0 && !stacks.is_empty() {
            let fact = |tensor: &Tensor| Fact::fixed(tensor.data_type(), tensor.dims());
            let facts: Vec<Option<Fact>> = inputs.iter().map(|input| input.map(fact)).collect();
            let facts: Vec<Option<&Fact>> = facts.iter().map(Option::as_ref).collect();
            let ones = self.facts(&facts).map_err(in_run)?.1;
            for (stack, one) in stacks.into_iter().zip(ones.iter().skip(1 + self.states)) {
                states.push(stack.finish(Some(one))?);
            }
            return Ok(states);
        }
        for stack in stacks {
            states.push(stack.finish(None)?);
        }
        Ok(states)
    }

    fn specialise(&mut self, inputs: &[Option<&Fact>]) -> Result<()> {
        let facts = self.facts(inputs)?.0;
        specialise(&mut self.body, facts)
    }
}
