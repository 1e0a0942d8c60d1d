//! A `TensorProto`'s elements → a [`Tensor`].

use super::limits::Limits;
use super::{decode, guard, proto};
use crate::error::{Code, Error, Result};
use crate::tensor::{Data, DataType, Tensor};
use std::mem::take;

/// Reads a `TensorProto` that stands alone, as ONNX's own test data does: its name and its value.
///
/// # Errors
/// `MODEL_INVALID` where the bytes are none or contradict themselves, `LIMIT_EXCEEDED` for one
/// that is too large, `OP_UNSUPPORTED` for an element type that predikt does not have.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<(String, Tensor)> {
    let mut tensor = decode::tensor(bytes, limits)?;
    guard::check_tensor(&tensor, limits)?;
    let value = taken(&mut tensor)?;
    Ok((tensor.name, value))
}

/// A copy of a checked `TensorProto`'s value.
///
/// # Errors
/// As for [`taken`].
pub fn value(tensor: &proto::Tensor) -> Result<Tensor> {
    taken(&mut tensor.clone())
}

/// The value of a checked `TensorProto`, which afterwards has no elements: those of float32,
/// float64 and int64 stay where the decoder has put them.
///
/// # Errors
/// `OP_UNSUPPORTED` for an element type that predikt does not have, `INPUT_SHAPE` where the
/// number of elements is not the shape's.
pub fn taken(tensor: &mut proto::Tensor) -> Result<Tensor> {
    let data_type = tensor.data_type().ok_or_else(|| {
        let name = DataType::onnx_name(tensor.data_type);
        Error::new(Code::OpUnsupported, format!("predikt has no elements of type {name}."))
            .with("got", name)
    })?;
    let dims = tensor.dims.iter().map(|dim| *dim as usize).collect();
    let raw = tensor.raw.take().filter(|raw| !raw.is_empty());
    macro_rules! numbers {
        ($kind:ty, $list:ident) => {
            match &raw {
                Some(raw) => {
                    raw.as_chunks().0.iter().map(|bytes| <$kind>::from_le_bytes(*bytes)).collect()
                }
                None => tensor.$list.iter().map(|value| *value as $kind).collect(),
            }
        };
    }
    let data = match data_type {
        DataType::Float16 => Data::F16(numbers!(u16, int32s)),
        DataType::Float32 => Data::F32(take(&mut tensor.floats)),
        DataType::Float64 => Data::F64(take(&mut tensor.doubles)),
        DataType::Int8 => Data::I8(numbers!(i8, int32s)),
        DataType::Int16 => Data::I16(numbers!(i16, int32s)),
        DataType::Int32 => Data::I32(numbers!(i32, int32s)),
        DataType::Int64 => Data::I64(take(&mut tensor.int64s)),
        DataType::Uint8 => Data::U8(numbers!(u8, int32s)),
        DataType::Uint16 => Data::U16(numbers!(u16, int32s)),
        DataType::Uint32 => Data::U32(numbers!(u32, uint64s)),
        DataType::Uint64 => Data::U64(numbers!(u64, uint64s)),
        DataType::Bool => {
            let bytes: Vec<u8> = numbers!(u8, int32s);
            Data::Bool(bytes.into_iter().map(|byte| byte != 0).collect())
        }
        DataType::String => Data::Str(texts(&mut tensor.strings)),
    };
    Tensor::new(dims, data)
}

/// A list of texts, of which only those are copied that are not UTF-8.
pub fn texts(list: &mut Vec<Vec<u8>>) -> Vec<String> {
    take(list).into_iter().map(text).collect()
}

/// A copy of a text, with U+FFFD in the place of what is not UTF-8.
pub fn lossy(mut bytes: &[u8]) -> String {
    let mut text = String::new();
    loop {
        let error = match std::str::from_utf8(bytes) {
            Ok(rest) => return text + rest,
            Err(error) => error,
        };
        let (known, rest) = bytes.split_at(error.valid_up_to());
        text.push_str(std::str::from_utf8(known).unwrap_or_default());
        text.push(char::REPLACEMENT_CHARACTER);
        bytes = error.error_len().and_then(|wrong| rest.get(wrong..)).unwrap_or_default();
    }
}

/// As [`texts`], of one.
pub fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| lossy(error.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_and_listed_elements_are_the_same() {
        // `dims` [2], a type, and two elements in `raw_data` or in the type's packed list.
        let file = |data_type: u8, field: u8, elements: &[u8]| {
            let mut bytes = vec![8, 2, 16, data_type, field << 3 | 2, elements.len() as u8];
            bytes.extend_from_slice(elements);
            read(&bytes, &Limits::default()).unwrap().1
        };
        let fixed = |raw: &[u8], data_type, field| {
            assert_eq!(file(data_type, 9, raw), file(data_type, field, raw));
        };
        fixed(&[1.5f32.to_le_bytes(), 2f32.to_le_bytes()].concat(), 1, 4);
        fixed(&[1.5f64.to_le_bytes(), 2f64.to_le_bytes()].concat(), 11, 10);
        let raw = [3i64.to_le_bytes(), 5i64.to_le_bytes()].concat();
        assert_eq!(file(7, 9, &raw), file(7, 7, &[3, 5]));
        let raw = [3i32.to_le_bytes(), 5i32.to_le_bytes()].concat();
        assert_eq!(file(6, 9, &raw), file(6, 5, &[3, 5]));
    }

    #[test]
    fn what_is_no_text_is_replaced() {
        for bytes in [&b"a\xff\xfe\xe2\x82b"[..], b"\xe2\x82", b"", "ä€".as_bytes()] {
            assert_eq!(text(bytes.to_vec()), String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn weights_are_not_copied() {
        let mut tensor = proto::Tensor {
            dims: vec![2],
            data_type: 1,
            floats: vec![1.0, 2.0],
            ..Default::default()
        };
        let elements = tensor.floats.as_ptr();
        let value = taken(&mut tensor).unwrap();
        let Data::F32(values) = value.data() else { panic!("{value:?}") };
        assert_eq!(values.as_ptr(), elements);
    }
}
