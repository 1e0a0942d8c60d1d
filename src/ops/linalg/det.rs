//! `Det` (ai.onnx 11, 22).

use crate::error::{Result, list};
use crate::ops::math::element::{Number, doubles};
use crate::ops::shape::elements;
use crate::ops::{
    Dim, Fact, Kernel, Operator, failed, invalid, one_fact, one_tensor, required, types,
};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Det",
    versions: &[11, 22],
    inputs: &[types::FLOAT],
    build: |definition| {
        definition.expect_inputs(1..=1)?;
        Ok(Box::new(Det))
    },
}];

/// The determinants of square matrices.
#[derive(Debug)]
struct Det;

impl Kernel for Det {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        let shape = match data.shape.as_deref() {
            None => None,
            Some([.., Dim::Known(rows), Dim::Known(columns)]) if rows != columns => {
                return Err(invalid(format!("A matrix of {rows} × {columns} has no determinant.")));
            }
            Some([stacks @ .., _, _]) => Some(stacks.to_vec()),
            Some(_) => return Err(invalid("Det takes matrices.")),
        };
        one_fact(data.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        let (stacks, size) = match data.dims() {
            [stacks @ .., rows, columns] if rows == columns => (stacks, *rows),
            other => return Err(failed(format!("Shape {} has no determinants.", list(other)))),
        };
        let mut values = doubles(data.data())?.into_owned();
        let count = elements(stacks)?;
        // A matrix of no rows has the determinant 1.
        let mut out = vec![1.0; count];
        if size > 0 {
            for (matrix, out) in values.chunks_exact_mut(size * size).zip(&mut out) {
                *out = determinant(matrix, size);
            }
        }
        one_tensor(stacks.to_vec(), f64::narrow(out, data.data_type()))
    }
}

/// By elimination, with the largest element of each column as its pivot.
fn determinant(matrix: &mut [f64], size: usize) -> f64 {
    let mut product = 1.0;
    for step in 0..size {
        let size_of = |row: usize| matrix[row * size + step].abs();
        let pivot = (step..size).max_by(|a, b| size_of(*a).total_cmp(&size_of(*b)));
        let pivot = pivot.unwrap_or(step);
        if pivot != step {
            for column in 0..size {
                matrix.swap(step * size + column, pivot * size + column);
            }
            product = -product;
        }
        let head = matrix[step * size + step];
        product *= head;
        if head == 0.0 {
            return product;
        }
        let (done, rest) = matrix.split_at_mut((step + 1) * size);
        let row = &done[step * size..];
        for other in rest.chunks_exact_mut(size) {
            let factor = other[step] / head;
            for (value, held) in other.iter_mut().zip(row).skip(step + 1) {
                *value -= factor * held;
            }
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::super::super::layout::shared::tests::{check, floats};

    /// `numpy.linalg.det`, numpy 2.4.
    #[test]
    fn determinants() {
        let det = |dims: &[usize], values: &[f32]| {
            check("Det", 11, 1, vec![], &[floats(dims, values)]).map(|mut made| made.remove(0))
        };
        assert_eq!(det(&[2, 2], &[0.0, 1.0, 2.0, 3.0]).unwrap(), floats(&[], &[-2.0]));
        let two = [2.0, 0.0, 0.0, 0.5, 1.0, 2.0, 2.0, 4.0];
        assert_eq!(det(&[2, 2, 2], &two).unwrap(), floats(&[2], &[1.0, 0.0]));
        let three = [0.0, 2.0, 1.0, 4.0, 1.0, 0.0, 1.0, 3.0, 5.0];
        assert_eq!(det(&[3, 3], &three).unwrap(), floats(&[], &[-29.0]));
        assert_eq!(det(&[0, 0], &[]).unwrap(), floats(&[], &[1.0]));
        assert_eq!(det(&[0, 2, 2], &[]).unwrap().dims(), [0]);
        assert!(det(&[2, 3], &[0.0; 6]).is_err());
        assert!(det(&[2], &[0.0; 2]).is_err());
    }
}
