//! Our tensors ↔ tract's.

use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::{TDim, f16};

use super::failed;
use crate::engine::Feed;
use crate::error::{Code, Error, Result};
use crate::tensor::{Data, DataType, Tensor};

type TractTensor = tract_onnx::prelude::Tensor;

/// tract's name for an element type.
pub fn datum_type(data_type: DataType) -> DatumType {
    match data_type {
        DataType::Float16 => DatumType::F16,
        DataType::Float32 => DatumType::F32,
        DataType::Float64 => DatumType::F64,
        DataType::Int8 => DatumType::I8,
        DataType::Int16 => DatumType::I16,
        DataType::Int32 => DatumType::I32,
        DataType::Int64 => DatumType::I64,
        DataType::Uint8 => DatumType::U8,
        DataType::Uint16 => DatumType::U16,
        DataType::Uint32 => DatumType::U32,
        DataType::Uint64 => DatumType::U64,
        DataType::Bool => DatumType::Bool,
        DataType::String => DatumType::String,
    }
}

/// Copies an input into tract's own aligned memory.
pub fn to_tract(feed: &Feed<'_>) -> Result<TractTensor> {
    let count: usize = feed.dims.iter().product();
    let range = feed.start..feed.start + count;
    macro_rules! copy {
        ($values:expr) => {
            TractTensor::from_shape(feed.dims, slice($values, range)?).map_err(failed)
        };
    }
    match feed.data {
        Data::F16(values) => {
            let values: Vec<f16> =
                slice(values, range)?.iter().map(|bits| f16::from_bits(*bits)).collect();
            TractTensor::from_shape(feed.dims, &values).map_err(failed)
        }
        Data::F32(values) => copy!(values),
        Data::F64(values) => copy!(values),
        Data::I8(values) => copy!(values),
        Data::I16(values) => copy!(values),
        Data::I32(values) => copy!(values),
        Data::I64(values) => copy!(values),
        Data::U8(values) => copy!(values),
        Data::U16(values) => copy!(values),
        Data::U32(values) => copy!(values),
        Data::U64(values) => copy!(values),
        Data::Bool(values) => copy!(values),
        Data::Str(values) => {
            let values = slice(values, range)?.to_vec();
            let array = tract_ndarray::ArrayD::from_shape_vec(feed.dims, values);
            Ok(array.map_err(|error| failed(error.into()))?.into())
        }
    }
}

fn slice<T>(values: &[T], range: std::ops::Range<usize>) -> Result<&[T]> {
    values.get(range).ok_or_else(|| {
        Error::new(Code::InputShape, "The buffer of an input is shorter than its shape says.")
    })
}

/// Copies an output out of tract, as the type that the file declares for it. tract computes
/// int64 as a symbolic dimension type here and there; that becomes int64 again.
pub fn from_tract(tensor: &TractTensor, declared: DataType) -> Result<Tensor> {
    let wanted = datum_type(declared);
    let tensor = if tensor.datum_type() == wanted {
        std::borrow::Cow::Borrowed(tensor)
    } else if whole(tensor.datum_type()) && declared.is_integer() {
        tensor.cast_to_dt(wanted).map_err(failed)?
    } else {
        let got = ours(tensor.datum_type()).map_or("a type of tract's own", DataType::name);
        return Err(Error::new(
            Code::EngineFailed,
            format!("An output came out as {got}, and the model declares {}.", declared.name()),
        )
        .with("expected", declared.name())
        .with("got", got));
    };
    let view = tensor.try_as_plain_ram().map_err(failed)?;
    macro_rules! vec_of {
        ($kind:ty) => {
            view.as_slice::<$kind>().map_err(failed)?.to_vec()
        };
    }
    let data = match declared {
        DataType::Float16 => Data::F16(
            view.as_slice::<f16>().map_err(failed)?.iter().map(|value| value.to_bits()).collect(),
        ),
        DataType::Float32 => Data::F32(vec_of!(f32)),
        DataType::Float64 => Data::F64(vec_of!(f64)),
        DataType::Int8 => Data::I8(vec_of!(i8)),
        DataType::Int16 => Data::I16(vec_of!(i16)),
        DataType::Int32 => Data::I32(vec_of!(i32)),
        DataType::Int64 => Data::I64(vec_of!(i64)),
        DataType::Uint8 => Data::U8(vec_of!(u8)),
        DataType::Uint16 => Data::U16(vec_of!(u16)),
        DataType::Uint32 => Data::U32(vec_of!(u32)),
        DataType::Uint64 => Data::U64(vec_of!(u64)),
        DataType::Bool => Data::Bool(vec_of!(bool)),
        DataType::String => Data::Str(vec_of!(String)),
    };
    Tensor::new(tensor.shape().to_vec(), data)
}

/// Our name for one of tract's element types.
pub fn ours(kind: DatumType) -> Option<DataType> {
    (1..=13).filter_map(DataType::from_onnx).find(|own| datum_type(*own) == kind)
}

fn whole(datum_type: DatumType) -> bool {
    datum_type.is_integer() || datum_type == TDim::datum_type()
}
