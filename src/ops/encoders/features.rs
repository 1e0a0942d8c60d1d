//! What the encoders share: rows of features, and numbers of any type as one.

use std::borrow::Cow;

use crate::error::Result;
use crate::ops::{Dim, Fact, failed, one_fact, required, unsupported_type};
use crate::tensor::{Data, DataType};

/// The length of a row: that of the last axis. A scalar is a row of one.
pub fn row(dims: &[usize]) -> usize {
    dims.last().copied().unwrap_or(1)
}

/// The fact of an output that has the first input's shape.
pub fn same_shape(inputs: &[Option<&Fact>], data_type: DataType) -> Result<Vec<Fact>> {
    Ok(vec![required(inputs, 0)?.with_type(data_type)])
}

/// The fact of an output that has the first input's shape and one more axis of length `last`.
pub fn one_more_axis(
    inputs: &[Option<&Fact>],
    data_type: DataType,
    last: Dim,
) -> Result<Vec<Fact>> {
    let shape = required(inputs, 0)?.shape.as_ref().map(|shape| {
        let mut shape = shape.clone();
        shape.push(last);
        shape
    });
    one_fact(data_type, shape)
}

/// One value a feature: those given, or the only one for all.
///
/// # Errors
/// `ENGINE_FAILED` where there is another number of them than `row`.
pub fn per_feature<'v, T: Copy>(what: &str, values: &'v [T], row: usize) -> Result<Cow<'v, [T]>> {
    match values {
        [value] => Ok(Cow::Owned(vec![*value; row])),
        values if values.len() == row => Ok(Cow::Borrowed(values)),
        values => Err(failed(format!(
            "`{what}` has {} values, and rows have {row} features: pass rows as wide as those the model was made for.",
            values.len()
        ))),
    }
}

/// Numbers as `f32`, rounded to nearest.
pub fn singles(data: &Data) -> Result<Cow<'_, [f32]>> {
    Ok(Cow::Owned(match data {
        Data::F32(values) => return Ok(Cow::Borrowed(values)),
        Data::F64(values) => values.iter().map(|value| *value as f32).collect(),
        Data::I32(values) => values.iter().map(|value| *value as f32).collect(),
        Data::I64(values) => values.iter().map(|value| *value as f32).collect(),
        other => return Err(unsupported_type(other.data_type())),
    }))
}

/// Numbers as `i64`, cut towards zero. What does not fit, NaN among it, becomes the smallest, as
/// on x86-64, where onnxruntime runs.
pub fn integers(data: &Data) -> Result<Cow<'_, [i64]>> {
    fn cut(value: f64) -> i64 {
        let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value);
        if fits { value as i64 } else { i64::MIN }
    }
    Ok(Cow::Owned(match data {
        Data::I64(values) => return Ok(Cow::Borrowed(values)),
        Data::I32(values) => values.iter().map(|value| i64::from(*value)).collect(),
        Data::I16(values) => values.iter().map(|value| i64::from(*value)).collect(),
        Data::F32(values) => values.iter().map(|value| cut(f64::from(*value))).collect(),
        Data::F64(values) => values.iter().map(|value| cut(*value)).collect(),
        other => return Err(unsupported_type(other.data_type())),
    }))
}
