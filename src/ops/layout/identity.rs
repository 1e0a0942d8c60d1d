//! `Identity` (ai.onnx 1, 13, 14, 16, 19, 21, 23, 24, 25).

use crate::error::Result;
use crate::ops::{Definition, Fact, Kernel, Operator, required, types};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Identity",
    versions: &[1, 13, 14, 16, 19, 21, 23, 24, 25],
    inputs: &[types::ANY],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    Ok(Box::new(Identity))
}

/// Gives out what it takes.
#[derive(Debug)]
struct Identity;

impl Kernel for Identity {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        Ok(vec![required(inputs, 0)?.clone()])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        Ok(vec![required(inputs, 0)?.clone()])
    }

    fn keeps(&self, _inputs: &[Option<&Fact>]) -> bool {
        true
    }
}
