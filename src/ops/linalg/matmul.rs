//! `MatMul` (ai.onnx 1, 9, 13).

use super::product::{Operands, Scalar, operands};
use crate::error::Result;
use crate::ops::math::element::Number;
use crate::ops::shape::{broadcast, broadcast_dims, broadcast_strides, elements, walk};
use crate::ops::{Dim, Fact, Kernel, Operator, failed, invalid, one_fact, required};
use crate::tensor::{DataType, Tensor};

/// What products are computed of.
#[cfg(not(feature = "extra"))]
pub const NUMBERS: &[DataType] = crate::ops::types::FLOAT;

/// What products are computed of.
#[cfg(feature = "extra")]
pub const NUMBERS: &[DataType] = &[
    DataType::Float16,
    DataType::Float32,
    DataType::Float64,
    DataType::Int32,
    DataType::Int64,
    DataType::Uint32,
    DataType::Uint64,
];

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "MatMul",
    versions: &[1, 9, 13],
    inputs: &[NUMBERS],
    build: |definition| {
        definition.expect_inputs(2..=2)?;
        Ok(Box::new(MatMul))
    },
}];

/// The product of matrices, or of stacks of them that broadcast, as `numpy.matmul` has it: a
/// vector is a row on the left and a column on the right, and that axis is gone from the result.
#[derive(Debug)]
pub struct MatMul;

fn shape(a: &[Dim], b: &[Dim]) -> Result<Option<Vec<Dim>>> {
    let ([.., depth], [.., last]) = (a, b) else {
        return Err(invalid("MatMul multiplies no scalars."));
    };
    let (rows, stacks_a) = match a {
        [stacks @ .., rows, _] => (Some(*rows), stacks),
        _ => (None, &[][..]),
    };
    let (height, columns, stacks_b) = match b {
        [stacks @ .., height, columns] => (height, Some(*columns), stacks),
        _ => (last, None, &[][..]),
    };
    if let (Dim::Known(depth), Dim::Known(height)) = (depth, height)
        && depth != height
    {
        return Err(invalid(format!(
            "A matrix of {depth} columns cannot be multiplied by one of {height} rows."
        )));
    }
    let stacks = broadcast_dims(&[Some(stacks_a), Some(stacks_b)])?;
    Ok(stacks.map(|mut dims| {
        dims.extend(rows.into_iter().chain(columns));
        dims
    }))
}

impl Kernel for MatMul {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (a, b) = (required(inputs, 0)?, required(inputs, 1)?);
        let shape = match (&a.shape, &b.shape) {
            (Some(a), Some(b)) => shape(a, b)?,
            _ => None,
        };
        one_fact(a.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        Ok(vec![product(required(inputs, 0)?, required(inputs, 1)?, 1.0)?])
    }
}

/// `alpha` times the product of two tensors.
pub fn product(a: &Tensor, b: &Tensor, alpha: f32) -> Result<Tensor> {
    let layout = Layout::of(a.dims(), b.dims())?;
    let kind = a.data_type();
    let data = match operands(&[a.data(), b.data()])? {
        Operands::F32(held) => Number::narrow(layout.run(&held, alpha), kind),
        Operands::F64(held) => Number::narrow(layout.run(&held, alpha), kind),
        #[cfg(feature = "extra")]
        Operands::I64(held) => Number::narrow(layout.run(&held, alpha), kind),
    };
    Tensor::new(layout.dims, data)
}

/// A product of stacks of matrices, ready to be computed.
#[derive(Debug)]
struct Layout {
    /// The result's shape.
    dims: Vec<usize>,
    stacks: Vec<usize>,
    stacks_a: Vec<usize>,
    stacks_b: Vec<usize>,
    rows: usize,
    depth: usize,
    columns: usize,
}

impl Layout {
    fn of(a: &[usize], b: &[usize]) -> Result<Self> {
        let scalar = || failed("MatMul multiplies no scalars.");
        let (depth, left) = a.split_last().ok_or_else(scalar)?;
        let (height, columns, stacks_b) = match b {
            [stacks @ .., height, columns] => (height, Some(*columns), stacks),
            [height] => (height, None, &[][..]),
            [] => return Err(scalar()),
        };
        if depth != height {
            return Err(failed(format!(
                "A matrix of {depth} columns cannot be multiplied by one of {height} rows."
            )));
        }
        // Matrices that all meet the same one are the rows of a single matrix.
        let (rows, stacks_a, shown) = match left {
            left if stacks_b.is_empty() => (elements(left)?, &[][..], left),
            [] => (1, left, left),
            [stacks @ .., rows] => (*rows, stacks, &left[stacks.len()..]),
        };
        let stacks = broadcast(&[stacks_a, stacks_b])?;
        let dims: Vec<usize> = stacks.iter().chain(shown).copied().chain(columns).collect();
        elements(&dims)?;
        elements(&stacks)?;
        let stacked = |dims: &[usize], size: usize| -> Vec<usize> {
            let strides = broadcast_strides(dims, &stacks).into_iter();
            strides.map(|stride| stride.saturating_mul(size)).collect()
        };
        let columns = columns.unwrap_or(1);
        Ok(Layout {
            stacks_a: stacked(stacks_a, rows.saturating_mul(*depth)),
            stacks_b: stacked(stacks_b, depth.saturating_mul(columns)),
            dims,
            stacks,
            rows,
            depth: *depth,
            columns,
        })
    }

    fn run<T: Scalar>(&self, operands: &[impl AsRef<[T]>], alpha: f32) -> Vec<T> {
        let count = self.dims.iter().product();
        let mut out = vec![T::default(); count];
        let [a, b] = operands else { return out };
        let (a, b) = (a.as_ref(), b.as_ref());
        if count == 0 || self.depth == 0 {
            return out;
        }
        let mut results = out.chunks_exact_mut(self.rows * self.columns);
        walk(&self.stacks, &[&self.stacks_a, &self.stacks_b], &mut |offsets| {
            let a = a.get(offsets[0]..offsets[0] + self.rows * self.depth);
            let b = b.get(offsets[1]..offsets[1] + self.depth * self.columns);
            if let (Some(a), Some(b), Some(out)) = (a, b, results.next()) {
                T::add_product(a, b, out, self.depth, self.columns);
            }
        });
        if alpha != 1.0 {
            out.iter_mut().for_each(|value| *value = value.scaled(alpha));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::layout::shared::tests::{check, counting, floats};
    use super::*;
    #[cfg(feature = "extra")]
    use crate::tensor::Data;

    fn product(a: &Tensor, b: &Tensor) -> Result<Tensor> {
        check("MatMul", 13, 1, vec![], &[a.clone(), b.clone()]).map(|mut made| made.remove(0))
    }

    /// numpy 2.4.
    #[test]
    fn shapes_are_numpys() {
        for (a, b, wanted) in [
            (&[2, 3][..], &[3, 4][..], &[2, 4][..]),
            (&[3], &[3], &[]),
            (&[3], &[3, 4], &[4]),
            (&[2, 3], &[3], &[2]),
            (&[5, 2, 3], &[3, 4], &[5, 2, 4]),
            (&[5, 2, 3], &[3], &[5, 2]),
            (&[5, 1, 2, 3], &[6, 3, 4], &[5, 6, 2, 4]),
            (&[3], &[6, 3, 4], &[6, 4]),
            (&[0, 3], &[3, 4], &[0, 4]),
            (&[2, 0], &[0, 4], &[2, 4]),
            (&[2, 3], &[0, 3, 4], &[0, 2, 4]),
        ] {
            assert_eq!(product(&counting(a), &counting(b)).unwrap().dims(), wanted, "{a:?} {b:?}");
        }
        for (a, b) in [(&[][..], &[1][..]), (&[1], &[]), (&[2], &[3]), (&[2, 1, 1], &[3, 1, 1])] {
            assert!(product(&counting(a), &counting(b)).is_err(), "{a:?} {b:?}");
        }
    }

    /// numpy 2.4: `numpy.matmul(arange(12).reshape(2,1,2,3), arange(12).reshape(2,3,2))`.
    #[test]
    fn stacks_meet() {
        let made = product(&counting(&[2, 1, 2, 3]), &counting(&[2, 3, 2])).unwrap();
        let wanted =
            [10., 13., 28., 40., 28., 31., 100., 112., 46., 67., 64., 94., 172., 193., 244., 274.];
        assert_eq!(made, floats(&[2, 2, 2, 2], &wanted));
    }

    #[cfg(feature = "extra")]
    #[test]
    fn integers_wrap() {
        let one = |data| Tensor::new(vec![1], data).unwrap();
        let made = product(&one(Data::I32(vec![i32::MAX])), &one(Data::I32(vec![2]))).unwrap();
        assert_eq!(made.data(), &Data::I32(vec![-2]));
        let made = product(&one(Data::U64(vec![u64::MAX])), &one(Data::U64(vec![3]))).unwrap();
        assert_eq!(made.data(), &Data::U64(vec![u64::MAX - 2]));
        let made = product(&one(Data::F16(vec![0x4000])), &one(Data::F16(vec![0x4200]))).unwrap();
        assert_eq!(made.data(), &Data::F16(vec![0x4600]));
    }
}
