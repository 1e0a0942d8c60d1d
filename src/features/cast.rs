//! A row's numbers in the type that an input takes.

use super::EXACT;
use super::layout::InputLayout;
use crate::decimal;
use crate::error::{Code, Error, Result};
use crate::half::f32_to_f16;
use crate::tensor::{Data, DataType};

/// The first `count` values of `buffer` in an input's own type: in `cast`, whose memory is used
/// again, or none there where they have it already.
///
/// # Errors
/// `INPUT_TYPE` where a value does not fit an integer or boolean input.
pub(crate) fn cast(
    input: &InputLayout,
    buffer: &Data,
    count: usize,
    cast: &mut Option<Data>,
) -> Result<()> {
    let kind = input.data_type;
    if buffer.data_type() == kind {
        *cast = None;
        return Ok(());
    }
    let target = cast.get_or_insert_with(|| Data::with_capacity(kind, count));
    macro_rules! whole {
        ($target:expr, $values:expr, $narrow:expr) => {{
            $target.clear();
            for value in $values.iter().take(count) {
                $target.push($narrow(integer(input, *value)?));
            }
        }};
    }
    match (target, buffer) {
        (Data::F16(target), Data::F32(values)) => {
            target.clear();
            target.extend(values.iter().take(count).map(|value| f32_to_f16(*value)));
        }
        (Data::I8(target), Data::F64(values)) => whole!(target, values, |v| v as i8),
        (Data::I16(target), Data::F64(values)) => whole!(target, values, |v| v as i16),
        (Data::I32(target), Data::F64(values)) => whole!(target, values, |v| v as i32),
        (Data::I64(target), Data::F64(values)) => whole!(target, values, |v| v),
        (Data::U8(target), Data::F64(values)) => whole!(target, values, |v| v as u8),
        (Data::U16(target), Data::F64(values)) => whole!(target, values, |v| v as u16),
        (Data::U32(target), Data::F64(values)) => whole!(target, values, |v| v as u32),
        (Data::U64(target), Data::F64(values)) => whole!(target, values, |v| v as u64),
        (Data::Bool(target), Data::F64(values)) => whole!(target, values, |v| v != 0),
        _ => *cast = None,
    }
    Ok(())
}

fn integer(input: &InputLayout, value: f64) -> Result<i64> {
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
        return Ok(value as i64);
    }
    let shown = decimal::text(value);
    Err(Error::new(
        Code::InputType,
        format!(
            "The input `{}` takes {} values, and {shown} is none.",
            input.name,
            input.data_type.name()
        ),
    )
    .with("input", &*input.name)
    .with("expected", input.data_type.name())
    .with("got", shown))
}
