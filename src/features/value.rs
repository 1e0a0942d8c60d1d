//! One value of a row.

use serde::{Deserialize, Serialize};

use super::layout::InputLayout;
use crate::error::{Code, Error, Result};
use crate::tensor::Data;

/// One value of a row. Serialised as a number, a text, or null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// For an input of numbers.
    Number(f64),
    /// For an input of texts.
    Text(String),
    /// Not known: NaN in an input of floats, the empty text in one of texts.
    Missing,
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::Missing => "null",
        }
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

/// Writes one input's part of a row to its place in the input's buffer.
///
/// # Errors
/// `INPUT_TYPE` for a text where a number belongs, a number where a text does, and a missing value
/// in an input of whole numbers.
pub(crate) fn write(
    input: &InputLayout,
    buffer: &mut Data,
    row: usize,
    values: &[Value],
) -> Result<()> {
    let start = row * values.len();
    for (column, value) in values.iter().enumerate() {
        match (value, &mut *buffer) {
            (Value::Number(value), Data::F32(target)) => target[start + column] = *value as f32,
            (Value::Number(value), Data::F64(target)) => target[start + column] = *value,
            (Value::Text(value), Data::Str(target)) => target[start + column].clone_from(value),
            (Value::Missing, Data::F32(target)) => target[start + column] = f32::NAN,
            (Value::Missing, Data::F64(target)) if input.data_type.is_float() => {
                target[start + column] = f64::NAN;
            }
            (Value::Missing, Data::Str(target)) => target[start + column].clear(),
            (value, _) => {
                return Err(Error::new(
                    Code::InputType,
                    format!(
                        "The input `{}` takes {}, and row {row} has {} there.",
                        input.name,
                        input.data_type.name(),
                        value.kind()
                    ),
                )
                .with("input", &*input.name)
                .with("row", row)
                .with("column", column)
                .with("expected", input.data_type.name())
                .with("got", value.kind()));
            }
        }
    }
    Ok(())
}
