//! What is known of a value before a run: its type, its shape, or the value itself.

use std::sync::Arc;

use crate::tensor::{DataType, Tensor};

/// A dimension as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dim {
    /// Always this long.
    Known(usize),
    /// Free; the same number means the same length. The batch dimension is one of these.
    Symbol(u32),
    /// Nothing is known.
    Unknown,
}

impl Dim {
    /// The length, where it is known.
    pub fn known(self) -> Option<usize> {
        match self {
            Dim::Known(length) => Some(length),
            _ => None,
        }
    }
}

/// What is known of a value before a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The elements' type.
    pub data_type: DataType,
    /// `None` where not even the rank is known.
    pub shape: Option<Vec<Dim>>,
    /// The value, where it is a constant.
    pub value: Option<Arc<Tensor>>,
}

impl Fact {
    /// A value of that type and shape.
    pub fn new(data_type: DataType, shape: impl Into<Option<Vec<Dim>>>) -> Self {
        Fact { data_type, shape: shape.into(), value: None }
    }

    /// A value of that type whose shape is not known.
    pub fn of(data_type: DataType) -> Self {
        Fact { data_type, shape: None, value: None }
    }

    /// A value whose dimensions are all known.
    pub fn fixed(data_type: DataType, dims: &[usize]) -> Self {
        Fact::new(data_type, dims.iter().map(|dim| Dim::Known(*dim)).collect::<Vec<_>>())
    }

    /// A constant.
    pub fn constant(value: Arc<Tensor>) -> Self {
        Fact { value: Some(value.clone()), ..Fact::fixed(value.data_type(), value.dims()) }
    }

    /// The same shape with elements of another type, and no value.
    pub fn with_type(&self, data_type: DataType) -> Self {
        Fact { data_type, shape: self.shape.clone(), value: None }
    }

    /// The number of dimensions, where it is known.
    pub fn rank(&self) -> Option<usize> {
        self.shape.as_ref().map(Vec::len)
    }

    /// All dimensions, where all are known.
    pub fn dims(&self) -> Option<Vec<usize>> {
        self.shape.as_ref()?.iter().map(|dim| dim.known()).collect()
    }
}
