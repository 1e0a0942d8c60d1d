//! Which axes a reduction runs along, and what shape is left.

use crate::error::Result;
use crate::ops::{Dim, Fact, shape, unsupported_type};
use crate::tensor::{Data, Tensor};

/// For each axis whether it is reduced. No axes at all mean every one, unless `keeps_all`.
///
/// # Errors
/// `MODEL_INVALID` where there is no such axis.
pub fn reduced(axes: &[i64], rank: usize, keeps_all: bool) -> Result<Vec<bool>> {
    let mut reduced = vec![axes.is_empty() && !keeps_all; rank];
    for axis in axes {
        // A scalar is reduced to itself along its one axis.
        if rank > 0 || !matches!(axis, 0 | -1) {
            reduced[shape::axis(*axis, rank)?] = true;
        }
    }
    Ok(reduced)
}

/// The shape that is left.
pub fn remaining<T: Copy>(dims: &[T], reduced: &[bool], keep: bool, one: T) -> Vec<T> {
    let dims = dims.iter().zip(reduced);
    match keep {
        true => dims.map(|(dim, reduced)| if *reduced { one } else { *dim }).collect(),
        false => dims.filter(|(_, reduced)| !**reduced).map(|(dim, _)| *dim).collect(),
    }
}

/// The shape that is left of a fact's, along axes that may not be known.
///
/// # Errors
/// `MODEL_INVALID` where there is no such axis.
pub fn infer(
    x: &Fact,
    axes: Option<&[i64]>,
    keep: bool,
    keeps_all: bool,
) -> Result<Option<Vec<Dim>>> {
    let Some(dims) = &x.shape else { return Ok(None) };
    Ok(match axes {
        Some(axes) => {
            let reduced = reduced(axes, dims.len(), keeps_all)?;
            Some(remaining(dims, &reduced, keep, Dim::Known(1)))
        }
        None if keep => Some(vec![Dim::Unknown; dims.len()]),
        None => None,
    })
}

/// Whole numbers out of a tensor of axes.
///
/// # Errors
/// `OP_UNSUPPORTED` for elements that are none.
pub fn integers(tensor: &Tensor) -> Result<Vec<i64>> {
    match tensor.data() {
        Data::I64(values) => Ok(values.clone()),
        Data::I32(values) => Ok(values.iter().map(|value| i64::from(*value)).collect()),
        other => Err(unsupported_type(other.data_type())),
    }
}
