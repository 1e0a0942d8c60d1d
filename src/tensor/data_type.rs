//! The types that elements have.

use serde::{Deserialize, Serialize};

/// An element type. Serialised under the name that onnxruntime-web gives it (`float32`, `int64`…).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataType {
    /// IEEE 754 binary16.
    Float16,
    /// IEEE 754 binary32.
    Float32,
    /// IEEE 754 binary64.
    Float64,
    /// Signed, 8 bits.
    Int8,
    /// Signed, 16 bits.
    Int16,
    /// Signed, 32 bits.
    Int32,
    /// Signed, 64 bits.
    Int64,
    /// Unsigned, 8 bits.
    Uint8,
    /// Unsigned, 16 bits.
    Uint16,
    /// Unsigned, 32 bits.
    Uint32,
    /// Unsigned, 64 bits.
    Uint64,
    /// True or false.
    Bool,
    /// UTF-8 text.
    String,
}

impl DataType {
    /// The type of ONNX's `TensorProto.DataType` number, if it is one of this build's.
    pub fn from_onnx(number: i64) -> Option<Self> {
        let kind = match number {
            1 => DataType::Float32,
            2 => DataType::Uint8,
            3 => DataType::Int8,
            4 => DataType::Uint16,
            5 => DataType::Int16,
            6 => DataType::Int32,
            7 => DataType::Int64,
            8 => DataType::String,
            9 => DataType::Bool,
            10 => DataType::Float16,
            11 => DataType::Float64,
            12 => DataType::Uint32,
            13 => DataType::Uint64,
            _ => return None,
        };
        kind.is_present().then_some(kind)
    }

    /// Whether this build has elements of the type; see [`Rare`](super::Rare).
    pub fn is_present(self) -> bool {
        let common = matches!(
            self,
            DataType::Float32
                | DataType::Float64
                | DataType::Int32
                | DataType::Int64
                | DataType::Uint8
                | DataType::Bool
                | DataType::String
        );
        common || cfg!(feature = "extra")
    }

    /// The name that ONNX gives to a `TensorProto.DataType` number, lower case.
    pub fn onnx_name(number: i64) -> String {
        if let Some(known) = Self::from_onnx(number) {
            return known.name().to_owned();
        }
        match number {
            0 => "undefined",
            14 => "complex64",
            15 => "complex128",
            16 => "bfloat16",
            17 => "float8e4m3fn",
            18 => "float8e4m3fnuz",
            19 => "float8e5m2",
            20 => "float8e5m2fnuz",
            21 => "uint4",
            22 => "int4",
            23 => "float4e2m1",
            24 => "float8e8m0",
            _ => return format!("type number {number}"),
        }
        .to_owned()
    }

    /// The name as JavaScript sees it, for instance `float32`.
    pub fn name(self) -> &'static str {
        match self {
            DataType::Float16 => "float16",
            DataType::Float32 => "float32",
            DataType::Float64 => "float64",
            DataType::Int8 => "int8",
            DataType::Int16 => "int16",
            DataType::Int32 => "int32",
            DataType::Int64 => "int64",
            DataType::Uint8 => "uint8",
            DataType::Uint16 => "uint16",
            DataType::Uint32 => "uint32",
            DataType::Uint64 => "uint64",
            DataType::Bool => "bool",
            DataType::String => "string",
        }
    }

    /// Bytes an element takes in memory and in `raw_data`; `None` for strings.
    pub fn size(self) -> Option<usize> {
        Some(match self {
            DataType::Int8 | DataType::Uint8 | DataType::Bool => 1,
            DataType::Float16 | DataType::Int16 | DataType::Uint16 => 2,
            DataType::Float32 | DataType::Int32 | DataType::Uint32 => 4,
            DataType::Float64 | DataType::Int64 | DataType::Uint64 => 8,
            DataType::String => return None,
        })
    }

    /// Whether elements are whole numbers, signed or not.
    pub fn is_integer(self) -> bool {
        matches!(
            self,
            DataType::Int8
                | DataType::Int16
                | DataType::Int32
                | DataType::Int64
                | DataType::Uint8
                | DataType::Uint16
                | DataType::Uint32
                | DataType::Uint64
        )
    }

    /// Whether elements are floating-point numbers.
    pub fn is_float(self) -> bool {
        matches!(self, DataType::Float16 | DataType::Float32 | DataType::Float64)
    }
}
