//! `FusedMatMul` (com.microsoft 1), which onnxruntime's optimiser makes of `MatMul`.

use super::matmul::{MatMul, product};
use crate::error::Result;
use crate::ops::layout::shared::{offsets, select};
use crate::ops::{Definition, Fact, Kernel, Operator, required, types, unsupported};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "com.microsoft",
    name: "FusedMatMul",
    versions: &[1],
    inputs: &[types::FLOAT],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    let attributes = &mut definition.attributes;
    for name in ["transBatchA", "transBatchB"] {
        if attributes.int(name)?.unwrap_or(0) != 0 {
            return Err(unsupported(format!(
                "FusedMatMul's attribute `{name}` is not implemented."
            )));
        }
    }
    let mut turned = |name| Ok::<_, crate::Error>(attributes.int(name)?.unwrap_or(0) != 0);
    let turned = [turned("transA")?, turned("transB")?];
    Ok(Box::new(FusedMatMul { turned, alpha: attributes.float("alpha")?.unwrap_or(1.0) }))
}

/// A product of matrices, times a number.
#[derive(Debug)]
struct FusedMatMul {
    /// Whose matrices are transposed first.
    turned: [bool; 2],
    alpha: f32,
}

/// The last two axes, if there are two, in the other order.
fn turn<T>(axes: &mut [T]) {
    if let [.., rows, columns] = axes {
        std::mem::swap(rows, columns);
    }
}

impl FusedMatMul {
    /// An operand, transposed if it is to be.
    fn operand(&self, tensor: &Tensor, index: usize) -> Result<Tensor> {
        if !self.turned[index] {
            return Ok(tensor.clone());
        }
        let mut axes = offsets(tensor.dims())?;
        turn(&mut axes);
        select(tensor.data(), &axes)
    }
}

impl Kernel for FusedMatMul {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let mut facts = [required(inputs, 0)?.clone(), required(inputs, 1)?.clone()];
        for (fact, _) in facts.iter_mut().zip(self.turned).filter(|(_, turned)| *turned) {
            fact.shape.iter_mut().for_each(|dims| turn(dims));
        }
        MatMul.infer(&[Some(&facts[0]), Some(&facts[1])])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let a = self.operand(required(inputs, 0)?, 0)?;
        let b = self.operand(required(inputs, 1)?, 1)?;
        Ok(vec![product(&a, &b, self.alpha)?])
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::layout::shared::tests::{counting, floats};
    use super::*;

    /// onnxruntime 1.31.
    #[test]
    fn fused_operands_are_transposed() {
        let kernel = FusedMatMul { turned: [true, true], alpha: 0.5 };
        let (a, b) = (counting(&[3, 2]), counting(&[2, 2, 3]));
        let made = kernel.run(&[Some(&a), Some(&b)]).unwrap().remove(0);
        assert_eq!(made, floats(&[2, 2, 2], &[5.0, 14.0, 6.5, 20.0, 23.0, 32.0, 33.5, 47.0]));
        let facts = [&a, &b].map(|tensor| Fact::fixed(tensor.data_type(), tensor.dims()));
        let inferred = kernel.infer(&[Some(&facts[0]), Some(&facts[1])]).unwrap();
        assert_eq!(inferred[0].dims().unwrap(), [2, 2, 2]);
    }
}
