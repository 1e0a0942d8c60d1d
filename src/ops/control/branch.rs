//! `If` (ai.onnx 1, 11, 13, 16, 19, 21, 23, 24, 25) over tensors.

use super::states::{condition, join, specialise};
use crate::error::Result;
use crate::ops::{
    Definition, Fact, Kernel, Memory, Operator, SharedBody, failed, invalid, required, types,
};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "If",
    versions: &[1, 11, 13, 16, 19, 21, 23, 24, 25],
    inputs: &[types::BOOL, types::ANY],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let mut branch = |name: &str| {
        let body = definition.attributes.body(name)?;
        let body = body.ok_or_else(|| invalid(format!("If has no `{name}`.")))?;
        if body.inputs() > 0 || body.outputs() < definition.outputs.len() {
            return Err(invalid(format!(
                "If's `{name}` has {} inputs and {} outputs, and should have none and {}.",
                body.inputs(),
                body.outputs(),
                definition.outputs.len()
            )));
        }
        Ok(body)
    };
    let (no, yes) = (branch("else_branch")?, branch("then_branch")?);
    if no.outputs() != yes.outputs() {
        return Err(invalid("If's branches have different numbers of outputs."));
    }
    Ok(Box::new(If { no, yes, own: definition.inputs.len() }))
}

/// Runs one of two bodies.
#[derive(Debug)]
struct If {
    no: SharedBody,
    yes: SharedBody,
    /// How many inputs are the node's own: the condition, and what is left unconnected behind it.
    own: usize,
}

impl If {
    /// A branch, and what of the node's inputs it reads.
    fn branch<T: Copy>(&self, yes: bool, inputs: &[T]) -> Result<(&SharedBody, Vec<T>)> {
        let captured = inputs.get(self.own..).unwrap_or_default();
        let (no, rest) = captured
            .split_at_checked(self.no.captures().len())
            .filter(|(_, rest)| rest.len() == self.yes.captures().len())
            .ok_or_else(|| failed("If's branches read values that it is not given."))?;
        Ok(if yes { (&self.yes, rest.to_vec()) } else { (&self.no, no.to_vec()) })
    }

    fn facts(&self, yes: bool, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (body, captured) = self.branch(yes, inputs)?;
        let facts: Vec<Fact> = captured.into_iter().flatten().cloned().collect();
        body.infer(&facts)
    }
}

impl Kernel for If {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        // Where the condition is known, the other branch may contradict itself.
        let given = required(inputs, 0)?.value.as_deref();
        if let Some(yes) = given.and_then(|given| condition(given).ok()) {
            return self.facts(yes, inputs);
        }
        let (no, yes) = match (self.facts(false, inputs), self.facts(true, inputs)) {
            (Ok(no), Ok(yes)) => (no, yes),
            // A branch that does not fit may be one that is never taken.
            (Ok(one), Err(_)) | (Err(_), Ok(one)) => {
                return Ok(one.iter().map(|fact| Fact::of(fact.data_type)).collect());
            }
            (Err(error), Err(_)) => return Err(error),
        };
        no.iter()
            .zip(&yes)
            .map(|(no, yes)| match no.data_type == yes.data_type {
                true => Ok(join(no, yes)),
                false => Err(invalid(format!(
                    "If's branches give out {} and {}.",
                    no.data_type.name(),
                    yes.data_type.name()
                ))),
            })
            .collect()
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (body, captured) = self.branch(condition(required(inputs, 0)?)?, inputs)?;
        let mut memory = Memory::default();
        body.run(&captured.into_iter().flatten().collect::<Vec<_>>(), &mut memory)?;
        Ok(memory.outputs)
    }

    fn specialise(&mut self, inputs: &[Option<&Fact>]) -> Result<()> {
        let given = required(inputs, 0)?.value.as_deref();
        let given = given.and_then(|given| condition(given).ok());
        for yes in [false, true] {
            let (_, captured) = self.branch(yes, inputs)?;
            let facts: Vec<Fact> = captured.into_iter().flatten().cloned().collect();
            // A branch that does not fit may be one that is never taken.
            if given.is_none_or(|given| given == yes) && self.facts(yes, inputs).is_ok() {
                let body = if yes { &mut self.yes } else { &mut self.no };
                specialise(body, facts)?;
            }
        }
        Ok(())
    }
}
