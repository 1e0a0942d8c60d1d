//! The features: rows of numbers.

use std::borrow::Cow;

use crate::error::{Result, list};
use crate::half::f16_to_f64;
use crate::ops::{Dim, Fact, failed, invalid, unsupported_type};
use crate::tensor::{Data, Tensor};

/// The number of rows as far as it is known. A tensor of one dimension is a single row.
///
/// # Errors
/// `MODEL_INVALID` for other ranks than 1 and 2.
pub fn row_count(features: &Fact) -> Result<Dim> {
    match features.shape.as_deref() {
        None => Ok(Dim::Unknown),
        Some([_]) => Ok(Dim::Known(1)),
        Some([rows, _]) => Ok(*rows),
        Some(shape) => Err(invalid(format!(
            "The features have {} dimensions, and should be rows × columns.",
            shape.len()
        ))),
    }
}

/// Rows and columns of the features.
///
/// # Errors
/// `ENGINE_FAILED` for other ranks than 1 and 2.
pub fn shape(features: &Tensor) -> Result<(usize, usize)> {
    match *features.dims() {
        [width] => Ok((1, width)),
        [rows, width] => Ok((rows, width)),
        ref dims => Err(failed(format!(
            "The features have the shape {}, and should be rows × columns.",
            list(dims)
        ))),
    }
}

/// The rows of `values`; those of no columns are there too.
pub fn rows<T>(values: &[T], count: usize, width: usize) -> impl Iterator<Item = &[T]> {
    (0..count).map(move |row| values.get(row * width..(row + 1) * width).unwrap_or(&[]))
}

/// The features as binary32: what is wider is rounded.
///
/// # Errors
/// `OP_UNSUPPORTED` for types that estimators do not take.
pub fn singles(data: &Data) -> Result<Cow<'_, [f32]>> {
    Ok(match data {
        Data::F32(values) => Cow::Borrowed(values),
        Data::F64(values) => values.iter().map(|value| *value as f32).collect(),
        Data::I64(values) => values.iter().map(|value| *value as f32).collect(),
        Data::I32(values) => values.iter().map(|value| *value as f32).collect(),
        Data::F16(values) => values.iter().map(|bits| f16_to_f64(*bits) as f32).collect(),
        other => return Err(unsupported_type(other.data_type())),
    })
}

/// The features as binary64.
///
/// # Errors
/// `OP_UNSUPPORTED` for types that estimators do not take.
pub fn doubles(data: &Data) -> Result<Cow<'_, [f64]>> {
    Ok(match data {
        Data::F64(values) => Cow::Borrowed(values),
        other => singles(other)?.iter().map(|value| f64::from(*value)).collect(),
    })
}
