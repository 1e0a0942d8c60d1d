//! What a model takes and gives.

use crate::names::Names;

use serde::{Deserialize, Serialize};

use super::proto::{Dim, Graph, ValueInfo, ValueKind};
use super::rewrite::Class;
use crate::tensor::DataType;

/// A dimension as the file declares it. Serialised as a number, a name or null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Dimension {
    /// Always this long.
    Fixed(u64),
    /// Free, under a name that other dimensions may share.
    Named(String),
    /// Free.
    Free(()),
}

impl Dimension {
    /// The length, where it is fixed.
    pub fn fixed(&self) -> Option<u64> {
        match self {
            Dimension::Fixed(length) => Some(*length),
            _ => None,
        }
    }
}

/// A named input or output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// The name.
    pub name: String,
    /// The type of its elements.
    #[serde(rename = "type")]
    pub data_type: DataType,
    /// `None` where not even the rank is declared.
    pub shape: Option<Vec<Dimension>>,
}

/// What a model takes and gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// What goes in, without the graph's constants.
    pub inputs: Vec<Slot>,
    /// A `ZipMap` output is the float tensor rows × classes that went into it.
    pub outputs: Vec<Slot>,
    /// A classifier's labels, in the order of its probabilities.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub classes: Option<Vec<Class>>,
    /// Names of the columns of a row, in order.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub features: Option<Vec<String>>,
}

impl Signature {
    /// What a checked graph declares, without classes and features.
    pub fn declared(graph: &Graph) -> Self {
        let constants: Names = graph.initializers.iter().map(|tensor| &*tensor.name).collect();
        let inputs = graph
            .inputs
            .iter()
            .filter(|input| !constants.contains(&input.name))
            .filter_map(slot)
            .collect();
        let outputs = graph.outputs.iter().filter_map(slot).collect();
        Signature { inputs, outputs, classes: None, features: None }
    }
}

/// `None` for what is no tensor; [`guard`](super::guard) has refused that already.
fn slot(info: &ValueInfo) -> Option<Slot> {
    let ValueKind::Tensor { data_type, shape } = &info.kind else { return None };
    let shape = shape.as_ref().map(|dims| {
        dims.iter()
            .map(|dim| match dim {
                Dim::Value(length) => Dimension::Fixed(*length as u64),
                Dim::Param(name) => Dimension::Named(name.clone()),
                Dim::Unknown => Dimension::Free(()),
            })
            .collect()
    });
    Some(Slot { name: info.name.clone(), data_type: DataType::from_onnx(*data_type)?, shape })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_dimension_is_null_or_its_name() {
        let slot = Slot {
            name: "X".into(),
            data_type: DataType::Float32,
            shape: Some(vec![
                Dimension::Free(()),
                Dimension::Named("n".into()),
                Dimension::Fixed(4),
            ]),
        };
        let json = serde_json::to_string(&slot).unwrap();
        assert_eq!(json, r#"{"name":"X","type":"float32","shape":[null,"n",4]}"#);
        assert_eq!(serde_json::from_str::<Slot>(&json).unwrap(), slot);
    }
}
