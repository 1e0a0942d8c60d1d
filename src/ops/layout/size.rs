//! `Size` (ai.onnx 1, 13, 19, 21, 23, 24, 25).

use std::sync::Arc;

use crate::error::Result;
use crate::ops::{Definition, Fact, Kernel, Operator, one_tensor, required, types};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Size",
    versions: &[1, 13, 19, 21, 23, 24, 25],
    inputs: &[types::ANY],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    Ok(Box::new(Size))
}

/// The number of elements.
#[derive(Debug)]
struct Size;

impl Kernel for Size {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let count = required(inputs, 0)?
            .dims()
            .and_then(|dims| dims.iter().try_fold(1usize, |count, dim| count.checked_mul(*dim)));
        Ok(vec![match count {
            Some(count) => {
                Fact::constant(Arc::new(Tensor::new(vec![], Data::I64(vec![count as i64]))?))
            }
            None => Fact::fixed(DataType::Int64, &[]),
        }])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let count = required(inputs, 0)?.data().len();
        one_tensor(vec![], Data::I64(vec![count as i64]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{check, counting};
    use super::*;

    #[test]
    fn elements_are_counted() {
        let made = check("Size", 13, 1, vec![], &[counting(&[2, 0])]).unwrap();
        assert_eq!(made[0], Tensor::new(vec![], Data::I64(vec![0])).unwrap());
    }
}
