//! A `TensorProto`'s elements → a [`Tensor`].

use super::limits::Limits;
use super::{decode, guard, proto};
use crate::error::{Code, Error, Result};
use crate::tensor::{Data, DataType, Tensor};

/// Reads a `TensorProto` that stands alone, as ONNX's own test data does: its name and its value.
///
/// # Errors
/// `MODEL_INVALID` where the bytes are none or contradict themselves, `LIMIT_EXCEEDED` for one
/// that is too large, `OP_UNSUPPORTED` for an element type that predikt does not have.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<(String, Tensor)> {
    let tensor = decode::tensor(bytes, limits)?;
    guard::check_tensor(&tensor, limits)?;
    let value = value(&tensor)?;
    Ok((tensor.name, value))
}

/// The value of a checked `TensorProto`.
///
/// # Errors
/// `OP_UNSUPPORTED` for an element type that predikt does not have, `INPUT_SHAPE` where the
/// number of elements is not the shape's.
pub fn value(tensor: &proto::Tensor) -> Result<Tensor> {
    let data_type = tensor.data_type().ok_or_else(|| {
        let name = DataType::onnx_name(tensor.data_type);
        Error::new(Code::OpUnsupported, format!("predikt has no elements of type {name}."))
            .with("got", name)
    })?;
    let dims = tensor.dims.iter().map(|dim| *dim as usize).collect();
    let raw = tensor.raw.as_ref().filter(|raw| !raw.is_empty());
    macro_rules! numbers {
        ($kind:ty, $list:ident) => {
            match raw {
                Some(raw) => {
                    raw.as_chunks().0.iter().map(|bytes| <$kind>::from_le_bytes(*bytes)).collect()
                }
                None => tensor.$list.iter().map(|value| *value as $kind).collect(),
            }
        };
    }
    let data = match data_type {
        DataType::Float16 => Data::F16(numbers!(u16, int32s)),
        DataType::Float32 => Data::F32(numbers!(f32, floats)),
        DataType::Float64 => Data::F64(numbers!(f64, doubles)),
        DataType::Int8 => Data::I8(numbers!(i8, int32s)),
        DataType::Int16 => Data::I16(numbers!(i16, int32s)),
        DataType::Int32 => Data::I32(numbers!(i32, int32s)),
        DataType::Int64 => Data::I64(numbers!(i64, int64s)),
        DataType::Uint8 => Data::U8(numbers!(u8, int32s)),
        DataType::Uint16 => Data::U16(numbers!(u16, int32s)),
        DataType::Uint32 => Data::U32(numbers!(u32, uint64s)),
        DataType::Uint64 => Data::U64(numbers!(u64, uint64s)),
        DataType::Bool => {
            let bytes: Vec<u8> = numbers!(u8, int32s);
            Data::Bool(bytes.into_iter().map(|byte| byte != 0).collect())
        }
        DataType::String => Data::Str(
            tensor
                .strings
                .iter()
                .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
                .collect(),
        ),
    };
    Tensor::new(dims, data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_and_listed_elements_are_the_same() {
        let listed = proto::Tensor {
            dims: vec![2],
            data_type: 7,
            int64s: vec![-1, 5],
            ..Default::default()
        };
        let mut bytes = (-1i64).to_le_bytes().to_vec();
        bytes.extend(5i64.to_le_bytes());
        let raw =
            proto::Tensor { dims: vec![2], data_type: 7, raw: Some(bytes), ..Default::default() };
        assert_eq!(value(&listed).unwrap(), value(&raw).unwrap());
    }
}
