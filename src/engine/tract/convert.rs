//! A checked graph → tract's own `ModelProto`.

use tract_onnx::pb;

use crate::onnx::proto::*;
use crate::tensor::DataType;

/// The whole model, with the opset of the default domain only: tract reads no other.
pub fn model(model: Model) -> pb::ModelProto {
    pb::ModelProto {
        ir_version: model.ir_version,
        opset_import: vec![pb::OperatorSetIdProto {
            domain: String::new(),
            version: model.opset(),
        }],
        graph: model.graph.map(graph),
        ..pb::ModelProto::default()
    }
}

fn graph(graph: Graph) -> pb::GraphProto {
    pb::GraphProto {
        name: graph.name,
        node: graph.nodes.into_iter().map(node).collect(),
        initializer: graph.initializers.into_iter().map(tensor).collect(),
        input: graph.inputs.into_iter().map(value_info).collect(),
        output: graph.outputs.into_iter().map(value_info).collect(),
        ..pb::GraphProto::default()
    }
}

fn node(node: Node) -> pb::NodeProto {
    pb::NodeProto {
        input: node.inputs,
        output: node.outputs,
        name: node.name,
        op_type: node.op_type,
        domain: node.domain,
        attribute: node.attributes.into_iter().map(attribute).collect(),
        ..pb::NodeProto::default()
    }
}

fn attribute(attribute: Attribute) -> pb::AttributeProto {
    use pb::attribute_proto::AttributeType;
    let mut proto = pb::AttributeProto { name: attribute.name, ..pb::AttributeProto::default() };
    let kind = match attribute.value {
        AttributeValue::Float(value) => {
            proto.f = value;
            AttributeType::Float
        }
        AttributeValue::Int(value) => {
            proto.i = value;
            AttributeType::Int
        }
        AttributeValue::String(value) => {
            proto.s = value;
            AttributeType::String
        }
        AttributeValue::Tensor(value) => {
            proto.t = Some(tensor(*value));
            AttributeType::Tensor
        }
        AttributeValue::Graph(value) => {
            proto.g = Some(graph(*value));
            AttributeType::Graph
        }
        AttributeValue::Floats(values) => {
            proto.floats = values;
            AttributeType::Floats
        }
        AttributeValue::Ints(values) => {
            proto.ints = values;
            AttributeType::Ints
        }
        AttributeValue::Strings(values) => {
            proto.strings = values;
            AttributeType::Strings
        }
        AttributeValue::Tensors(values) => {
            proto.tensors = values.into_iter().map(tensor).collect();
            AttributeType::Tensors
        }
        AttributeValue::Graphs(values) => {
            proto.graphs = values.into_iter().map(graph).collect();
            AttributeType::Graphs
        }
        AttributeValue::Reference(_) | AttributeValue::Other(_) => AttributeType::Undefined,
    };
    proto.r#type = kind as i32;
    proto
}

/// tract reads unsigned 32- and 64-bit lists from the wrong fields, so these become `raw_data`.
fn tensor(tensor: Tensor) -> pb::TensorProto {
    let raw_data = match (tensor.raw, DataType::from_onnx(tensor.data_type)) {
        (Some(raw), _) if !raw.is_empty() => raw,
        (_, Some(DataType::Uint32)) => {
            tensor.uint64s.iter().flat_map(|value| (*value as u32).to_le_bytes()).collect()
        }
        (_, Some(DataType::Uint64)) => {
            tensor.uint64s.iter().flat_map(|value| value.to_le_bytes()).collect()
        }
        _ => vec![],
    };
    pb::TensorProto {
        name: tensor.name,
        dims: tensor.dims,
        data_type: tensor.data_type as i32,
        raw_data,
        float_data: tensor.floats,
        int32_data: tensor.int32s,
        int64_data: tensor.int64s,
        double_data: tensor.doubles,
        string_data: tensor.strings,
        ..pb::TensorProto::default()
    }
}

fn value_info(info: ValueInfo) -> pb::ValueInfoProto {
    use pb::tensor_shape_proto::Dimension;
    use pb::tensor_shape_proto::dimension::Value;
    let value = match info.kind {
        ValueKind::Tensor { data_type, shape } => {
            let shape = shape.map(|dims| pb::TensorShapeProto {
                dim: dims
                    .into_iter()
                    .map(|dim| Dimension {
                        value: match dim {
                            Dim::Value(length) => Some(Value::DimValue(length)),
                            Dim::Param(_) | Dim::Unknown => None,
                        },
                        ..Dimension::default()
                    })
                    .collect(),
            });
            Some(pb::type_proto::Value::TensorType(pb::type_proto::Tensor {
                elem_type: data_type as i32,
                shape,
            }))
        }
        ValueKind::Map { .. }
        | ValueKind::Sequence { .. }
        | ValueKind::Other(_)
        | ValueKind::Missing => None,
    };
    pb::ValueInfoProto {
        name: info.name,
        r#type: value.map(|value| pb::TypeProto { value: Some(value), ..pb::TypeProto::default() }),
        ..pb::ValueInfoProto::default()
    }
}
