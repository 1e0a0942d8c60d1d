//! The types that kernels compute in: narrow integers widen to 64 bits, binary16 to binary32.
//! Results narrow by dropping high bits, or by rounding.

use std::borrow::Cow;

use crate::error::Result;
use crate::half::{f16_to_f64, f32_to_f16};
use crate::ops::unsupported_type;
use crate::tensor::{Data, DataType, Rare, rare};

/// A tensor's elements in one of the types that kernels compute in.
#[derive(Debug)]
pub enum Wide<'t> {
    /// Of float16 and float32.
    F32(Cow<'t, [f32]>),
    /// Of float64.
    F64(Cow<'t, [f64]>),
    /// Of all integers but uint64, and of booleans: 0 and 1.
    I64(Cow<'t, [i64]>),
    /// Of uint64.
    U64(Rare<u64>),
}

/// Elements in a type to compute in.
///
/// # Errors
/// `OP_UNSUPPORTED` for texts.
pub fn widen(data: &Data) -> Result<Wide<'_>> {
    macro_rules! signed {
        ($values:expr) => {
            Wide::I64($values.iter().map(|value| i64::from(*value)).collect())
        };
    }
    Ok(match data {
        Data::F16(values) => Wide::F32(values.iter().map(|v| f16_to_f64(*v) as f32).collect()),
        Data::F32(values) => Wide::F32(Cow::Borrowed(values)),
        Data::F64(values) => Wide::F64(Cow::Borrowed(values)),
        Data::I8(values) => signed!(values),
        Data::I16(values) => signed!(values),
        Data::I32(values) => signed!(values),
        Data::I64(values) => Wide::I64(Cow::Borrowed(values)),
        Data::U8(values) => signed!(values),
        Data::U16(values) => signed!(values),
        Data::U32(values) => signed!(values),
        Data::U64(values) => Wide::U64(values.clone()),
        Data::Bool(values) => signed!(values),
        Data::Str(_) => return Err(unsupported_type(DataType::String)),
    })
}

/// Elements as doubles, whatever number they are.
///
/// # Errors
/// `OP_UNSUPPORTED` for texts.
pub fn doubles(data: &Data) -> Result<Cow<'_, [f64]>> {
    Ok(match data {
        Data::F16(values) => values.iter().map(|value| f16_to_f64(*value)).collect(),
        _ => match widen(data)? {
            Wide::F32(values) => values.iter().map(|value| f64::from(*value)).collect(),
            Wide::F64(values) => values,
            Wide::I64(values) => values.iter().map(|value| *value as f64).collect(),
            Wide::U64(values) => values.iter().map(|value| *value as f64).collect(),
        },
    })
}

/// A type that kernels compute in.
pub trait Number: Copy + 'static {
    /// Elements of type `kind`, which widens to this type.
    fn narrow(values: Vec<Self>, kind: DataType) -> Data;
}

impl Number for f32 {
    fn narrow(values: Vec<Self>, kind: DataType) -> Data {
        match kind {
            DataType::Float16 => Data::F16(values.into_iter().map(f32_to_f16).collect()),
            _ => Data::F32(values),
        }
    }
}

impl Number for f64 {
    fn narrow(values: Vec<Self>, kind: DataType) -> Data {
        match kind {
            DataType::Float16 => {
                Data::F16(values.into_iter().map(|v| f32_to_f16(v as f32)).collect())
            }
            DataType::Float32 => Data::F32(values.into_iter().map(|v| v as f32).collect()),
            _ => Data::F64(values),
        }
    }
}

impl Number for i64 {
    fn narrow(values: Vec<Self>, kind: DataType) -> Data {
        let values_of = values.iter();
        match kind {
            DataType::Int8 => Data::I8(values_of.map(|v| *v as i8).collect()),
            DataType::Int16 => Data::I16(values_of.map(|v| *v as i16).collect()),
            DataType::Int32 => Data::I32(values_of.map(|v| *v as i32).collect()),
            DataType::Uint8 => Data::U8(values_of.map(|v| *v as u8).collect()),
            DataType::Uint16 => Data::U16(values_of.map(|v| *v as u16).collect()),
            DataType::Uint32 => Data::U32(values_of.map(|v| *v as u32).collect()),
            DataType::Uint64 => Data::U64(values_of.map(|v| *v as u64).collect()),
            DataType::Bool => Data::Bool(values_of.map(|v| *v != 0).collect()),
            _ => Data::I64(values),
        }
    }
}

impl Number for u64 {
    fn narrow(values: Vec<Self>, _: DataType) -> Data {
        Data::U64(rare(values))
    }
}

/// The elements of a floating-point tensor through a function of doubles.
///
/// # Errors
/// `OP_UNSUPPORTED` for other elements.
pub fn map_floats(data: &Data, function: &dyn Fn(f64) -> f64) -> Result<Data> {
    Ok(match data {
        Data::F16(values) => {
            Data::F16(values.iter().map(|v| f32_to_f16(function(f16_to_f64(*v)) as f32)).collect())
        }
        Data::F32(values) => {
            Data::F32(values.iter().map(|v| function(f64::from(*v)) as f32).collect())
        }
        Data::F64(values) => Data::F64(values.iter().map(|v| function(*v)).collect()),
        other => return Err(unsupported_type(other.data_type())),
    })
}

/// The elements of an integer tensor through a function of integers; results drop high bits.
///
/// # Errors
/// `OP_UNSUPPORTED` for other elements.
pub fn map_integers(data: &Data, function: &dyn Fn(i128) -> i128) -> Result<Data> {
    let kind = data.data_type();
    if !kind.is_integer() {
        return Err(unsupported_type(kind));
    }
    Ok(match widen(data)? {
        Wide::I64(values) => {
            Number::narrow(values.iter().map(|v| function((*v).into()) as i64).collect(), kind)
        }
        Wide::U64(values) => {
            Data::U64(values.iter().map(|v| function((*v).into()) as u64).collect())
        }
        _ => return Err(unsupported_type(kind)),
    })
}

/// uint64 ↔ int64 such that their order is kept.
pub fn ordered(bits: u64) -> i64 {
    (bits ^ (1 << 63)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "extra")]
    #[test]
    fn narrowing_drops_high_bits() {
        assert_eq!(i64::narrow(vec![128, -1, 300], DataType::Int8), Data::I8(vec![-128, -1, 44]));
        assert_eq!(i64::narrow(vec![-1], DataType::Uint32), Data::U32(vec![u32::MAX]));
    }

    #[test]
    fn order_is_kept() {
        assert!(ordered(0) < ordered(1) && ordered(i64::MAX as u64) < ordered(u64::MAX));
        assert_eq!(ordered(u64::MAX), i64::MAX);
    }
}
