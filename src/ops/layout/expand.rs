//! `Expand` (ai.onnx 8, 13) and `Tile` (ai.onnx 6, 13).

use super::shared::{bounded, constant, fixed, in_run, integers, length, offsets, select};
use crate::error::{Result, list};
use crate::ops::shape::broadcast_dims;
use crate::ops::{Dim, Fact, Kernel, Operator, failed, invalid, one_fact, required, types};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "",
        name: "Expand",
        versions: &[8, 13],
        inputs: &[types::ANY, types::INT64],
        build: |definition| {
            definition.expect_inputs(2..=2)?;
            Ok(Box::new(Expand))
        },
    },
    Operator {
        domain: "",
        name: "Tile",
        versions: &[6, 13],
        inputs: &[types::ANY, types::INT64],
        build: |definition| {
            definition.expect_inputs(2..=2)?;
            Ok(Box::new(Tile))
        },
    },
];

/// The lengths that a vector says.
fn lengths(given: &[i64]) -> Result<Vec<usize>> {
    let lengths = given.iter().map(|length| usize::try_from(*length).ok()).collect();
    Option::ok_or_else(lengths, || invalid(format!("{} has negative numbers.", list(given))))
}

/// Repeats along axes of length 1 until input and shape broadcast to each other.
#[derive(Debug)]
struct Expand;

fn expanded(input: &[Dim], target: &[i64]) -> Result<Vec<Dim>> {
    let target: Vec<Dim> = lengths(target)?.into_iter().map(Dim::Known).collect();
    Ok(broadcast_dims(&[Some(input), Some(&target)])?.unwrap_or_default())
}

impl Kernel for Expand {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (data, target) = (required(inputs, 0)?, required(inputs, 1)?);
        let shape = match (&data.shape, constant(inputs, 1)) {
            (Some(shape), Some(target)) => Some(expanded(shape, &target)?),
            (Some(shape), None) => {
                length(target).map(|rank| vec![Dim::Unknown; rank.max(shape.len())])
            }
            (None, _) => None,
        };
        one_fact(data.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        let target = integers(required(inputs, 1)?)?;
        let dims = fixed(expanded(&super::shared::dims(data), &target))?;
        let mut axes = vec![vec![0]; dims.len() - data.dims().len()];
        axes.extend(offsets(data.dims())?);
        for (axis, length) in axes.iter_mut().zip(dims) {
            if axis.len() != length {
                *axis = vec![0; length];
            }
        }
        Ok(vec![select(data.data(), &axes)?])
    }
}

/// Repeats the whole along each axis.
#[derive(Debug)]
struct Tile;

impl Kernel for Tile {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (data, repeats) = (required(inputs, 0)?, required(inputs, 1)?);
        let shape = match (&data.shape, constant(inputs, 1)) {
            (Some(shape), Some(repeats)) => {
                let repeats = lengths(&repeats)?;
                if repeats.len() != shape.len() {
                    return Err(invalid("Tile has another number of repeats than dimensions."));
                }
                let dim = |(dim, repeats): (&Dim, &usize)| match (*dim, *repeats) {
                    (_, 0) => Dim::Known(0),
                    (dim, 1) => dim,
                    (Dim::Known(dim), repeats) => {
                        dim.checked_mul(repeats).map_or(Dim::Unknown, Dim::Known)
                    }
                    _ => Dim::Unknown,
                };
                Some(shape.iter().zip(&repeats).map(dim).collect())
            }
            (Some(shape), None) => Some(vec![Dim::Unknown; shape.len()]),
            (None, _) => length(repeats).map(|rank| vec![Dim::Unknown; rank]),
        };
        one_fact(data.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        let repeats = lengths(&integers(required(inputs, 1)?)?).map_err(in_run)?;
        if repeats.len() != data.dims().len() {
            return Err(failed("Tile has another number of repeats than dimensions."));
        }
        let dims: Vec<usize> =
            data.dims().iter().zip(&repeats).map(|(dim, n)| dim.saturating_mul(*n)).collect();
        bounded(&dims)?;
        let axis = |(offsets, repeats): (Vec<usize>, &usize)| match offsets.is_empty() {
            true => offsets,
            false => offsets.repeat(*repeats),
        };
        let axes: Vec<Vec<usize>> =
            offsets(data.dims())?.into_iter().zip(&repeats).map(axis).collect();
        Ok(vec![select(data.data(), &axes)?])
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{check, counting, floats, ints};
    use super::*;

    fn run(name: &str, from: &[usize], given: &[i64]) -> Result<Tensor> {
        check(name, 13, 1, vec![], &[counting(from), ints(given)]).map(|mut made| made.remove(0))
    }

    /// onnxruntime 1.31.
    #[test]
    fn shapes_meet_halfway() {
        let made = run("Expand", &[2, 1], &[1, 3]).unwrap();
        assert_eq!(made, floats(&[2, 3], &[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]));
        assert_eq!(run("Expand", &[2], &[2, 1, 1]).unwrap().dims(), [2, 1, 2]);
        assert_eq!(run("Expand", &[], &[]).unwrap().dims(), [0usize; 0]);
        assert_eq!(run("Expand", &[2, 1], &[0]).unwrap().dims(), [2, 0]);
        assert!(run("Expand", &[2], &[3]).is_err());
        assert!(run("Expand", &[1], &[-1]).is_err());
        assert!(run("Expand", &[1], &[i64::MAX]).is_err());
        assert!(run("Expand", &[1], &[1 << 40, 0, 1 << 40]).is_err());
    }

    /// onnxruntime 1.31.
    #[test]
    fn the_whole_is_repeated() {
        let made = run("Tile", &[2, 2], &[1, 2]).unwrap();
        assert_eq!(made, floats(&[2, 4], &[0.0, 1.0, 0.0, 1.0, 2.0, 3.0, 2.0, 3.0]));
        let made = run("Tile", &[1, 2], &[2, 1]).unwrap();
        assert_eq!(made, floats(&[2, 2], &[0.0, 1.0, 0.0, 1.0]));
        assert_eq!(run("Tile", &[2], &[0]).unwrap().dims(), [0]);
        assert_eq!(run("Tile", &[0], &[i64::MAX]).unwrap().dims(), [0]);
        assert!(run("Tile", &[0, 1], &[1, i64::MAX]).is_err());
        assert!(run("Tile", &[1], &[-1]).is_err());
        assert!(run("Tile", &[1], &[1, 1]).is_err());
        assert!(run("Tile", &[1, 2], &[i64::MAX, i64::MAX]).is_err());
    }
}
