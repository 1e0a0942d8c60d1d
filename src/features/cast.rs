//! A row's numbers in the type that an input takes.

use super::EXACT;
use super::layout::InputLayout;
use crate::error::{Code, Error, Result};
use crate::half::f32_to_f16;
use crate::tensor::{Data, DataType};

/// The values of `buffer` in an input's own type, or `None` where they are already.
///
/// # Errors
/// `INPUT_TYPE` where a value does not fit an integer or boolean input.
pub(crate) fn cast(input: &InputLayout, buffer: &Data, count: usize) -> Result<Option<Data>> {
    macro_rules! whole {
        ($values:expr, $kind:ty, $variant:ident) => {
            Data::$variant(
                $values
                    .iter()
                    .map(|value| integer(input, *value).map(|v| v as $kind))
                    .collect::<Result<_>>()?,
            )
        };
    }
    Ok(Some(match (buffer, input.data_type) {
        (Data::F32(_), DataType::Float32) | (Data::F64(_), DataType::Float64) => return Ok(None),
        (Data::F32(values), _) => {
            Data::F16(values[..count].iter().map(|value| f32_to_f16(*value)).collect())
        }
        (Data::F64(values), kind) => {
            let values = &values[..count];
            match kind {
                DataType::Int8 => whole!(values, i8, I8),
                DataType::Int16 => whole!(values, i16, I16),
                DataType::Int32 => whole!(values, i32, I32),
                DataType::Int64 => whole!(values, i64, I64),
                DataType::Uint8 => whole!(values, u8, U8),
                DataType::Uint16 => whole!(values, u16, U16),
                DataType::Uint32 => whole!(values, u32, U32),
                DataType::Uint64 => whole!(values, u64, U64),
                DataType::Bool => Data::Bool(
                    values
                        .iter()
                        .map(|value| integer(input, *value).map(|v| v != 0))
                        .collect::<Result<_>>()?,
                ),
                _ => return Ok(None),
            }
        }
        _ => return Ok(None),
    }))
}

fn integer(input: &InputLayout, value: f64) -> Result<i128> {
    let (low, high) = match input.data_type {
        DataType::Int8 => (-128.0, 127.0),
        DataType::Int16 => (-32_768.0, 32_767.0),
        DataType::Int32 => (-2_147_483_648.0, 2_147_483_647.0),
        DataType::Uint8 => (0.0, 255.0),
        DataType::Uint16 => (0.0, 65_535.0),
        DataType::Uint32 => (0.0, 4_294_967_295.0),
        DataType::Uint64 => (0.0, EXACT),
        DataType::Bool => (0.0, 1.0),
        _ => (-EXACT, EXACT),
    };
    if value.fract() == 0.0 && (low..=high).contains(&value) {
        return Ok(value as i128);
    }
    Err(Error::new(
        Code::InputType,
        format!(
            "The input `{}` takes {} values, and {value} is none.",
            input.name,
            input.data_type.name()
        ),
    )
    .with("input", &*input.name)
    .with("expected", input.data_type.name())
    .with("got", value.to_string()))
}
