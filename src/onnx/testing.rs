//! Small graphs for tests of engines.

use super::proto::{
    Attribute, AttributeValue, Dim, Graph, Model, Node, Tensor, ValueInfo, ValueKind,
};
use super::{Checked, roles};

/// The number of float32 in `TensorProto.DataType`.
pub const FLOAT: i64 = 1;

/// The number of int64 in `TensorProto.DataType`.
pub const INT64: i64 = 7;

/// The number of texts in `TensorProto.DataType`.
pub const STRING: i64 = 8;

/// A node of `domain.op_type`.
pub fn node(operator: &str, inputs: &[&str], outputs: &[&str], attributes: Vec<Attribute>) -> Node {
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    let (domain, op_type) = operator.rsplit_once('.').unwrap_or(("", operator));
    Node {
        op_type: op_type.into(),
        domain: domain.into(),
        inputs: names(inputs),
        outputs: names(outputs),
        attributes,
        ..Node::default()
    }
}

/// An integer attribute.
pub fn int(name: &str, value: i64) -> Attribute {
    Attribute { name: name.into(), value: AttributeValue::Int(value) }
}

/// A list of integers.
pub fn ints(name: &str, values: &[i64]) -> Attribute {
    Attribute { name: name.into(), value: AttributeValue::Ints(values.to_vec()) }
}

/// A constant of int64.
pub fn int64s(name: &str, dims: &[i64], values: &[i64]) -> Tensor {
    Tensor {
        name: name.into(),
        dims: dims.to_vec(),
        data_type: INT64,
        int64s: values.to_vec(),
        ..Tensor::default()
    }
}

/// A constant of float32.
pub fn floats(name: &str, dims: &[i64], values: &[f32]) -> Tensor {
    Tensor {
        name: name.into(),
        dims: dims.to_vec(),
        data_type: FLOAT,
        floats: values.to_vec(),
        ..Tensor::default()
    }
}

/// An input or output; a dimension of `-1` is free.
pub fn value(name: &str, data_type: i64, dims: impl Into<Option<&'static [i64]>>) -> ValueInfo {
    let dim = |dim: &i64| if *dim < 0 { Dim::Unknown } else { Dim::Value(*dim) };
    let shape = dims.into().map(|dims| dims.iter().map(dim).collect());
    ValueInfo { name: name.into(), kind: ValueKind::Tensor { data_type, shape } }
}

/// A graph as if it had been read from a file of that operator set.
pub fn checked(graph: Graph, opset: i64) -> Checked {
    let (signature, roles) = roles::read(&graph, &vec![]);
    let opsets = vec![(String::new(), opset), ("ai.onnx.ml".into(), 3)];
    let model = Model { opsets, graph: Some(graph), ..Model::default() };
    Checked { model, signature, roles, dictionary: None }
}
