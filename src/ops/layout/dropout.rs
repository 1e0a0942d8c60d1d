//! `Dropout` (ai.onnx 7, 10, 12, 13, 22): as a trained model has it, which drops nothing.

use crate::error::Result;
use crate::ops::math::element::doubles;
use crate::ops::{
    Definition, Fact, Kernel, Operator, failed, optional, required, types, unsupported,
};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Dropout",
    versions: &[7, 10, 12, 13, 22],
    inputs: &[types::FLOAT, types::FLOAT, types::BOOL],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    // Neither matters where nothing is dropped.
    if definition.version < 12 {
        definition.expect_inputs(1..=1)?;
        definition.attributes.float("ratio")?;
    } else {
        definition.expect_inputs(1..=3)?;
        definition.attributes.int("seed")?;
    }
    // The mask of version 7 is of the data's type.
    Ok(Box::new(Dropout { typed: definition.version < 10 }))
}

/// Gives out what it takes, and a mask that keeps all.
#[derive(Debug)]
struct Dropout {
    typed: bool,
}

/// Whether elements would be dropped.
fn drops(inputs: &[Option<&Tensor>]) -> Result<bool> {
    let training = optional(inputs, 2)
        .is_some_and(|mode| matches!(mode.data(), Data::Bool(mode) if mode.contains(&true)));
    let ratio = match optional(inputs, 1) {
        Some(ratio) => doubles(ratio.data())?.first().copied().unwrap_or(0.0),
        None => 0.5,
    };
    Ok(training && ratio != 0.0)
}

const TRAINING: &str =
    "Dropout in training mode is not implemented. Export the model for inference.";

impl Kernel for Dropout {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        let values: Vec<Option<&Tensor>> =
            inputs.iter().map(|fact| fact.as_ref()?.value.as_deref()).collect();
        // A ratio that is not known yet may be 0.
        let known = optional(inputs, 1).is_none_or(|ratio| ratio.value.is_some());
        if known && drops(&values)? {
            return Err(unsupported(TRAINING));
        }
        let mask = if self.typed { data.data_type } else { DataType::Bool };
        Ok(vec![data.clone(), data.with_type(mask)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        if drops(inputs)? {
            return Err(failed(TRAINING));
        }
        let mask = if self.typed { data.data_type() } else { DataType::Bool };
        let one = Data::zero_and_one(mask).and_then(|data| data.slice(1..2));
        let one = one.ok_or_else(|| failed("Dropout takes numbers."))?;
        let mask = Tensor::new(data.dims().to_vec(), one.filled(data.data().len()))?;
        Ok(vec![data.clone(), mask])
    }

    fn keeps(&self, inputs: &[Option<&Fact>]) -> bool {
        let mode = optional(inputs, 2);
        let off = |fact: &Fact| match fact.value.as_deref().map(Tensor::data) {
            Some(Data::Bool(mode)) => !mode.contains(&true),
            _ => false,
        };
        mode.is_none_or(off)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{build, check, counting, floats};
    use super::*;

    /// onnxruntime 1.31.
    #[test]
    fn nothing_is_dropped() {
        let data = counting(&[2]);
        let made = check("Dropout", 7, 2, vec![], std::slice::from_ref(&data)).unwrap();
        assert_eq!(made, [data.clone(), floats(&[2], &[1.0; 2])]);
        let training = Tensor::new(vec![], Data::Bool(vec![true])).unwrap();
        let inputs = |ratio| [data.clone(), floats(&[], &[ratio]), training.clone()];
        let made = check("Dropout", 13, 2, vec![], &inputs(0.0)).unwrap();
        assert_eq!(made[1].data(), &Data::Bool(vec![true; 2]));
        assert!(check("Dropout", 13, 2, vec![], &inputs(0.5)).is_err());
        let kernel = build("Dropout", 13, 3, 1, vec![]).unwrap();
        let facts = inputs(0.5).map(|tensor| Fact::constant(tensor.into()));
        assert!(kernel.infer(&facts.iter().map(Some).collect::<Vec<_>>()).is_err());
    }
}
