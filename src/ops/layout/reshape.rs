//! `Reshape` (ai.onnx 5, 13, 14, 19, 21, 23, 24, 25) and `Flatten` (ai.onnx 1, 9, 11, 13, 21, 23,
//! 24, 25).

use super::shared::{as_inferred, constant, length, product};
use crate::error::{Result, list};
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, invalid, made, one_fact, replaced, required, types,
};
use crate::tensor::{Data, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "",
        name: "Reshape",
        versions: &[5, 13, 14, 19, 21, 23, 24, 25],
        inputs: &[types::ANY, types::INT64],
        build: build_reshape,
    },
    Operator {
        domain: "",
        name: "Flatten",
        versions: &[1, 9, 11, 13, 21, 23, 24, 25],
        inputs: &[types::ANY],
        build: build_flatten,
    },
];

fn build_reshape(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    let allow_zero =
        definition.version >= 14 && definition.attributes.flag("allowzero")?.unwrap_or(false);
    Ok(Box::new(Reshape { allow_zero }))
}

fn build_flatten(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    Ok(Box::new(Flatten { axis: definition.attributes.int("axis")?.unwrap_or(1) }))
}

/// The same elements under the shape that the second input holds: -1 is what is left over, and 0
/// the input's own dimension, or with `allow_zero` a dimension of no elements.
#[derive(Debug)]
struct Reshape {
    allow_zero: bool,
}

impl Reshape {
    fn shape(&self, input: Option<&[Dim]>, target: &[i64]) -> Result<Vec<Dim>> {
        let mut out = Vec::with_capacity(target.len());
        let mut free = None;
        // What the dimension that is left over is computed from: those that are not copied.
        let mut rest: Option<Vec<Dim>> = input.map(<[Dim]>::to_vec);
        let mut given = vec![];
        for (index, length) in target.iter().enumerate() {
            out.push(match *length {
                0 if !self.allow_zero => {
                    let dim = match input {
                        None => Dim::Unknown,
                        Some(input) => *input.get(index).ok_or_else(|| {
                            invalid(format!(
                                "The shape {} copies a dimension that its input does not have.",
                                list(target)
                            ))
                        })?,
                    };
                    if let Some(rest) = &mut rest {
                        rest[index] = Dim::Known(1);
                    }
                    dim
                }
                -1 if free.is_none() => {
                    free = Some(index);
                    Dim::Unknown
                }
                length => {
                    let dim = usize::try_from(length).map(Dim::Known).map_err(|_| {
                        invalid(format!("The shape {} is none to reshape to.", list(target)))
                    })?;
                    given.push(dim);
                    dim
                }
            });
        }
        if self.allow_zero && free.is_some() && target.contains(&0) {
            return Err(invalid(format!("The shape {} has both 0 and -1.", list(target))));
        }
        if let (Some(free), Some(rest)) = (free, rest) {
            out[free] = match (product(&rest), product(&given)) {
                (Dim::Known(rest), Dim::Known(given)) => {
                    let left = rest.checked_rem(given).filter(|left| *left == 0);
                    left.ok_or_else(|| {
                        invalid(format!(
                            "Elements that are a multiple of {given} cannot be reshaped from {rest} to {}.",
list(target)
                        ))
                    })?;
                    Dim::Known(rest / given)
                }
                (rest, Dim::Known(1)) => rest,
                _ => leftover(&rest, &given),
            };
        }
        Ok(out)
    }
}

/// The shape `target` of `count` elements, where it has no zeros. False where it has or where the
/// elements do not fit.
fn lengths(target: &[i64], count: usize, dims: &mut [usize]) -> bool {
    let mut free = None;
    let mut product = 1usize;
    for (index, (dim, length)) in dims.iter_mut().zip(target).enumerate() {
        match (*length, free) {
            (-1, None) => free = Some(index),
            (1.., _) => {
                *dim = usize::try_from(*length).unwrap_or(usize::MAX);
                product = product.saturating_mul(*dim);
            }
            _ => return false,
        }
    }
    match free.and_then(|free| dims.get_mut(free)) {
        Some(free) => {
            *free = count / product;
            count.is_multiple_of(product)
        }
        None => product == count,
    }
}

/// What is left of dimensions of which one is a symbol, where the others make up for those given.
fn leftover(rest: &[Dim], given: &[Dim]) -> Dim {
    let (known, free): (Vec<Dim>, Vec<Dim>) =
        rest.iter().copied().partition(|dim| dim.known().is_some());
    match (&*free, product(&known) == product(given)) {
        ([symbol], true) => *symbol,
        _ => Dim::Unknown,
    }
}

impl Kernel for Reshape {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (data, target) = (required(inputs, 0)?, required(inputs, 1)?);
        let shape = match constant(inputs, 1) {
            Some(target) => Some(self.shape(data.shape.as_deref(), &target)?),
            None => length(target).map(|rank| vec![Dim::Unknown; rank]),
        };
        one_fact(data.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        as_inferred(self, inputs)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let (data, target) = (required(inputs, 0)?, required(inputs, 1)?);
        let count = data.data().len();
        let mut dims = [0; 4];
        if let (Data::I64(target), true) = (target.data(), count > 0)
            && let Some(dims) = dims.get_mut(..target.len())
            && lengths(target, count, dims)
            && made(outputs, 0)?.take_from(dims, data.data(), 0..count)
        {
            return Ok(());
        }
        replaced(self.run(inputs), outputs)
    }
}

/// A matrix: the axes before `axis` are its rows.
#[derive(Debug)]
struct Flatten {
    axis: i64,
}

impl Flatten {
    fn shape(&self, input: &[Dim]) -> Result<Vec<Dim>> {
        let rank = input.len() as i64;
        let axis = if self.axis < 0 { self.axis.saturating_add(rank) } else { self.axis };
        if !(0..=rank).contains(&axis) {
            return Err(invalid(format!(
                "A tensor of {rank} dimensions has no axis {}.",
                self.axis
            )));
        }
        let (rows, columns) = input.split_at(axis as usize);
        Ok(vec![product(rows), product(columns)])
    }
}

impl Kernel for Flatten {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        let shape = match &data.shape {
            Some(shape) => self.shape(shape)?,
            None => vec![Dim::Unknown; 2],
        };
        one_fact(data.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        as_inferred(self, inputs)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let data = required(inputs, 0)?;
        match data.dims() {
            [_, _] if matches!(self.axis, 1 | -1) => made(outputs, 0)?.assign(data),
            _ => return replaced(self.run(inputs), outputs),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{check, counting, ints};
    use super::*;
    use crate::ops::Attribute;

    /// numpy's rules, which onnxruntime 1.31 follows; it refuses a 0 beside a -1 in empty tensors,
    /// where the dimension is no less defined.
    #[test]
    fn shapes_are_copied_and_completed() {
        let dims = |from: &[usize], to: &[i64]| {
            check("Reshape", 13, 1, vec![], &[counting(from), ints(to)])
                .map(|made| made[0].dims().to_vec())
        };
        assert_eq!(dims(&[2, 3, 4], &[0, -1]).unwrap(), [2, 12]);
        assert_eq!(dims(&[2, 3, 4], &[-1, 0]).unwrap(), [8, 3]);
        assert_eq!(dims(&[0, 3], &[-1, 3]).unwrap(), [0, 3]);
        assert_eq!(dims(&[0, 4, 5], &[0, -1]).unwrap(), [0, 20]);
        assert_eq!(dims(&[1], &[]).unwrap(), [0usize; 0]);
        assert!(dims(&[2, 3], &[-1, -1]).is_err());
        assert!(dims(&[2, 3], &[4, -1]).is_err());
        assert!(dims(&[2, 3], &[7]).is_err());
        assert!(dims(&[2, 3], &[2, 3, 0]).is_err());
        assert!(dims(&[2, 3], &[i64::MAX, i64::MAX]).is_err());
        assert_eq!(dims(&[0, 3], &[0, 0, -1]).unwrap(), [0, 3, 1]);
        assert!(dims(&[0, 3], &[0, 5, -1]).is_err());
        let zero = vec![("allowzero", Attribute::Int(1))];
        let made = check("Reshape", 14, 1, zero, &[counting(&[3, 0]), ints(&[0, 5])]).unwrap();
        assert_eq!(made[0].dims(), [0, 5]);
    }

    #[test]
    fn a_free_batch_stays_free() {
        let reshape = Reshape { allow_zero: false };
        let batch = [Dim::Symbol(7), Dim::Known(4)];
        assert_eq!(reshape.shape(Some(&batch), &[-1, 4]).unwrap(), batch);
        assert_eq!(reshape.shape(Some(&batch), &[0, -1]).unwrap(), batch);
        assert_eq!(reshape.shape(Some(&batch[..1]), &[-1, 1]).unwrap()[0], Dim::Symbol(7));
        assert_eq!(reshape.shape(Some(&batch), &[-1, 2]).unwrap()[0], Dim::Unknown);
        assert_eq!(reshape.shape(None, &[0, 2]).unwrap(), [Dim::Unknown, Dim::Known(2)]);
    }

    #[test]
    fn flattening_leaves_two_axes() {
        for (axis, wanted) in [(0, [1, 24]), (1, [2, 12]), (3, [24, 1]), (-1, [6, 4])] {
            let axis = vec![("axis", Attribute::Int(axis))];
            let made = check("Flatten", 11, 1, axis, &[counting(&[2, 3, 4])]).unwrap();
            assert_eq!(made[0].dims(), wanted);
        }
        assert!(Flatten { axis: 4 }.shape(&[Dim::Unknown; 3]).is_err());
    }
}
