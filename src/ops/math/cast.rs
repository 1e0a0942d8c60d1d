//! `Cast` (ai.onnx 6, 9, 13, 19, 21, 23, 24, 25, 28) and `CastLike` (15, 19, 21, 23, 24, 25).
//!
//! Between all types that predikt has. Whole numbers drop high bits. What the specification leaves
//! open is as onnxruntime has it on x86-64: a number out of the range of an integer type becomes
//! the least int32 or int64, of which narrower types take the low bits; NaN does too. Texts are read
//! and written as [`text`] says.

use super::element::{Number, Wide, doubles, widen};
use super::text;
use crate::error::Result;
use crate::half::f32_to_f16;
use crate::ops::{
    Definition, Fact, Kernel, Operator, invalid, made, one_tensor, optional, replaced, required,
    types, unsupported,
};
use crate::tensor::{Data, DataType, Tensor, rare};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "",
        name: "Cast",
        versions: &[6, 9, 13, 19, 21, 23, 24, 25, 28],
        inputs: &[types::ANY],
        build,
    },
    #[cfg(feature = "extra")]
    Operator {
        domain: "",
        name: "CastLike",
        versions: &[15, 19, 21, 23, 24, 25],
        inputs: &[types::ANY],
        build,
    },
];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    // Both count for types of 8 bits and fewer only.
    if definition.version >= 19 {
        definition.attributes.flag("saturate")?;
    }
    if definition.version >= 24 {
        definition.attributes.string("round_mode")?;
    }
    if cfg!(feature = "extra") && definition.operator.name == "CastLike" {
        definition.expect_inputs(2..=2)?;
        return Ok(Box::new(Cast { to: None }));
    }
    definition.expect_inputs(1..=1)?;
    let number = definition
        .attributes
        .int("to")?
        .ok_or_else(|| invalid("Cast needs the attribute `to`."))?;
    let to = DataType::from_onnx(number).ok_or_else(|| {
        unsupported(format!("Cast to {} is not implemented.", DataType::onnx_name(number)))
    })?;
    Ok(Box::new(Cast { to: Some(to) }))
}

#[derive(Debug)]
struct Cast {
    /// `None` for the type of the second input.
    to: Option<DataType>,
}

impl Kernel for Cast {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let to = match self.to {
            Some(to) => to,
            None => required(inputs, 1)?.data_type,
        };
        Ok(vec![required(inputs, 0)?.with_type(to)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let to = match self.to {
            Some(to) => to,
            None => required(inputs, 1)?.data_type(),
        };
        one_tensor(x.dims().to_vec(), cast(x.data(), to)?)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let x = required(inputs, 0)?;
        let out = made(outputs, 0)?;
        let dims = x.dims();
        macro_rules! each {
            ($reuse:ident, $values:expr, $cast:expr) => {
                out.$reuse(dims).iter_mut().zip($values).for_each(|(out, x)| *out = $cast(*x))
            };
        }
        match (x.data(), self.to) {
            (Data::Bool(x), Some(DataType::Float32)) => each!(reuse_f32, x, |x| u8::from(x).into()),
            (Data::I64(x), Some(DataType::Float32)) => each!(reuse_f32, x, |x| x as f32),
            (Data::F64(x), Some(DataType::Float32)) => each!(reuse_f32, x, |x| x as f32),
            (Data::F32(x), Some(DataType::Float64)) => each!(reuse_f64, x, f64::from),
            (Data::F32(x), Some(DataType::Int64)) => {
                each!(reuse_i64, x, |x| to_i64(f64::from(x)));
            }
            (_, to) if to == Some(x.data_type()) => out.assign(x),
            _ => return replaced(self.run(inputs), outputs),
        }
        Ok(())
    }

    fn keeps(&self, inputs: &[Option<&Fact>]) -> bool {
        let given = optional(inputs, 0).map(|fact| fact.data_type);
        given.is_some() && given == self.to.or(optional(inputs, 1).map(|fact| fact.data_type))
    }
}

/// Elements as ones of another type.
///
/// # Errors
/// `ENGINE_FAILED` for texts that are no numbers.
pub fn cast(data: &Data, to: DataType) -> Result<Data> {
    if data.data_type() == to {
        return Ok(data.clone());
    }
    if to == DataType::String {
        return text::write(data);
    }
    if let Data::Str(texts) = data {
        return match to {
            _ if to.is_float() => Ok(Number::narrow(text::read(texts, text::float)?, to)),
            DataType::Uint8
            | DataType::Uint16
            | DataType::Uint32
            | DataType::Uint64
            | DataType::Bool => from_unsigned(text::read(texts, text::unsigned)?, to),
            _ => Ok(Number::narrow(text::read(texts, text::signed)?, to)),
        };
    }
    if to.is_float() {
        return floats(data, to);
    }
    match widen(data)? {
        Wide::I64(values) => Ok(Number::narrow(values.into_owned(), to)),
        Wide::U64(values) => from_unsigned(values.to_vec(), to),
        Wide::F32(_) | Wide::F64(_) => {
            let values = doubles(data)?;
            let values = values.iter();
            Ok(match to {
                DataType::Bool => Data::Bool(values.map(|x| *x != 0.0).collect()),
                DataType::Int64 => Data::I64(values.map(|x| to_i64(*x)).collect()),
                DataType::Uint64 => Data::U64(values.map(|x| to_u64(*x)).collect()),
                DataType::Uint32 => Data::U32(values.map(|x| to_u32(*x)).collect()),
                _ => Number::narrow(values.map(|x| i64::from(to_i32(*x))).collect(), to),
            })
        }
    }
}

fn from_unsigned(values: Vec<u64>, to: DataType) -> Result<Data> {
    Ok(match to {
        DataType::Uint64 => Data::U64(rare(values)),
        DataType::Bool => Data::Bool(values.into_iter().map(|value| value != 0).collect()),
        _ => Number::narrow(values.into_iter().map(|value| value as i64).collect(), to),
    })
}

/// Numbers as floating-point ones, rounded once; to binary16 by way of binary32.
fn floats(data: &Data, to: DataType) -> Result<Data> {
    if to == DataType::Float64 {
        return Ok(Data::F64(doubles(data)?.into_owned()));
    }
    let singles: Vec<f32> = match widen(data)? {
        Wide::F32(values) => values.into_owned(),
        Wide::F64(values) => values.iter().map(|value| *value as f32).collect(),
        Wide::I64(values) => values.iter().map(|value| *value as f32).collect(),
        Wide::U64(values) => values.iter().map(|value| *value as f32).collect(),
    };
    Ok(match to {
        DataType::Float16 => Data::F16(singles.into_iter().map(f32_to_f16).collect()),
        _ => Data::F32(singles),
    })
}

/// The whole part, or the least number where it does not fit.
pub fn to_i64(x: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&x) { x as i64 } else { i64::MIN }
}

fn to_i32(x: f64) -> i32 {
    if x > -2_147_483_649.0 && x < 2_147_483_648.0 { x as i32 } else { i32::MIN }
}

/// Numbers below the upper half of the range are converted as signed ones, the others are moved
/// down before and up after.
fn to_u64(x: f64) -> u64 {
    const HALF: f64 = 9_223_372_036_854_775_808.0;
    if x >= HALF { to_i64(x - HALF) as u64 ^ (1 << 63) } else { to_i64(x) as u64 }
}

fn to_u32(x: f64) -> u32 {
    const HALF: f64 = 2_147_483_648.0;
    if x >= HALF { to_i32(x - HALF) as u32 ^ (1 << 31) } else { to_i32(x) as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::ops::Attribute;
    use crate::ops::math::testing::{build, kernel, run, tensor};

    /// onnxruntime 1.31 on x86-64.
    #[cfg(feature = "extra")]
    #[test]
    fn floats_out_of_range_are_as_onnxruntime_has_them() {
        let x = || {
            Data::F64(vec![1.9, -1.9, 300.7, -3e9, 3e9, 5e9, 1e19, 2e19, f64::NAN, f64::INFINITY])
        };
        let least = i32::MIN;
        for (to, wanted) in [
            (DataType::Int8, Data::I8(vec![1, -1, 44, 0, 0, 0, 0, 0, 0, 0])),
            (DataType::Uint8, Data::U8(vec![1, 255, 44, 0, 0, 0, 0, 0, 0, 0])),
            (
                DataType::Int32,
                Data::I32(vec![1, -1, 300, least, least, least, least, least, least, least]),
            ),
            (
                DataType::Uint32,
                Data::U32(vec![1, u32::MAX, 300, 1 << 31, 3_000_000_000, 0, 0, 0, 1 << 31, 0]),
            ),
            (
                DataType::Uint64,
                Data::U64(vec![
                    1,
                    u64::MAX,
                    300,
                    18_446_744_070_709_551_616,
                    3_000_000_000,
                    5_000_000_000,
                    10_000_000_000_000_000_000,
                    0,
                    1 << 63,
                    0,
                ]),
            ),
        ] {
            assert_eq!(cast(&x(), to).unwrap(), wanted, "{to:?}");
        }
        let x = Data::F32(vec![0.0, -0.0, 1e-10, f32::NAN]);
        let wanted = Data::Bool(vec![false, false, true, true]);
        assert_eq!(cast(&x, DataType::Bool).unwrap(), wanted);
    }

    /// onnxruntime 1.31.
    #[cfg(feature = "extra")]
    #[test]
    fn integers_drop_bits_and_round_once() {
        let big = Data::I64(vec![i64::MAX, -1]);
        assert_eq!(cast(&big, DataType::Uint8).unwrap(), Data::U8(vec![255, 255]));
        let single = Data::F32(vec![9_223_372_036_854_775_808.0, -1.0]);
        assert_eq!(cast(&big, DataType::Float32).unwrap(), single);
        let half = cast(&Data::U64(vec![u64::MAX, 3]), DataType::Float16).unwrap();
        assert_eq!(half, Data::F16(vec![0x7c00, 0x4200]));
        let one = cast(&Data::Bool(vec![true]), DataType::Float64).unwrap();
        assert_eq!(one, Data::F64(vec![1.0]));
    }

    #[test]
    fn nodes_name_their_type() {
        let to = kernel("Cast", 13, 1, vec![("to", Attribute::Int(7))]);
        let made = run(&*to, &[tensor(&[1], Data::F32(vec![2.5]))]).unwrap();
        assert_eq!(made, tensor(&[1], Data::I64(vec![2])));
        let error = build("Cast", 13, 1, vec![("to", Attribute::Int(16))]).unwrap_err();
        assert_eq!(error.code(), Code::OpUnsupported);
        assert!(error.message().contains("bfloat16"));
    }
    #[cfg(feature = "extra")]
    #[test]
    fn the_type_may_be_an_inputs() {
        let like = kernel("CastLike", 19, 2, vec![("saturate", Attribute::Int(1))]);
        let inputs = [tensor(&[1], Data::F32(vec![2.5])), tensor(&[0], Data::Bool(vec![]))];
        assert_eq!(run(&*like, &inputs).unwrap(), tensor(&[1], Data::Bool(vec![true])));
    }
}
