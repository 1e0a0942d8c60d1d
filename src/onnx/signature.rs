//! What a model takes and gives, and which outputs answer `predict`.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::proto::{Dim, Graph, Node, ValueInfo, ValueKind};
use super::rewrite::{Class, class_labels};
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
    pub name: String,
    #[serde(rename = "type")]
    pub data_type: DataType,
    /// `None` where not even the rank is declared.
    pub shape: Option<Vec<Dimension>>,
}

/// What a model takes and gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signature {
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

/// Which outputs answer `predict`, as positions in [`Signature::outputs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// The output that holds a class label or a value for each row.
    pub prediction: usize,
    /// The output of shape rows × classes.
    pub probabilities: Option<usize>,
}

/// Operators of ai.onnx.ml whose second output holds class scores.
const CLASSIFIERS: [&str; 3] = ["LinearClassifier", "SVMClassifier", "TreeEnsembleClassifier"];

/// The signature of a checked graph and the roles of its outputs. `zipped` are the labels that
/// [`zip_maps`](super::rewrite::zip_maps) returned.
pub fn read(graph: &Graph, zipped: &HashMap<String, Vec<Class>>) -> (Signature, Roles) {
    let constants: HashSet<&str> = graph.initializers.iter().map(|tensor| &*tensor.name).collect();
    let inputs: Vec<Slot> = graph
        .inputs
        .iter()
        .filter(|input| !constants.contains(&*input.name))
        .filter_map(slot)
        .collect();
    let outputs: Vec<Slot> = graph.outputs.iter().filter_map(slot).collect();
    let is_label = |slot: &Slot| {
        (slot.data_type.is_integer() || matches!(slot.data_type, DataType::String | DataType::Bool))
            && slot.shape.as_ref().is_none_or(|shape| matches!(shape.len(), 1 | 2))
    };
    let label = outputs.iter().position(is_label);
    let probabilities = outputs.iter().position(|slot| {
        slot.data_type.is_float()
            && slot.shape.as_ref().is_none_or(|shape| shape.len() == 2)
            && (zipped.contains_key(&slot.name)
                || (label.is_some() && gives_probabilities(graph, slot)))
    });
    let classes = probabilities
        .and_then(|index| zipped.get(&outputs[index].name).cloned())
        .or_else(|| probabilities.and_then(|_| only_classifier(graph).and_then(class_labels)));
    let prediction = match (label, probabilities) {
        (Some(label), _) => label,
        (None, Some(probabilities)) => probabilities,
        (None, None) => 0,
    };
    (Signature { inputs, outputs, classes, features: None }, Roles { prediction, probabilities })
}

/// Whether a float output beside a label holds probabilities, and not scores or distances.
fn gives_probabilities(graph: &Graph, slot: &Slot) -> bool {
    slot.name.to_ascii_lowercase().contains("prob")
        || graph
            .nodes
            .iter()
            .find(|node| node.outputs.contains(&slot.name))
            .is_some_and(|node| node.op_type == "Softmax" || is_classifier(node))
}

fn is_classifier(node: &Node) -> bool {
    node.domain == "ai.onnx.ml" && CLASSIFIERS.contains(&&*node.op_type)
}

fn only_classifier(graph: &Graph) -> Option<&Node> {
    let mut classifiers = graph.nodes.iter().filter(|node| is_classifier(node));
    classifiers.next().filter(|_| classifiers.next().is_none())
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

    fn output(name: &str, data_type: i64, rank: usize) -> ValueInfo {
        ValueInfo {
            name: name.into(),
            kind: ValueKind::Tensor { data_type, shape: Some(vec![Dim::Unknown; rank]) },
        }
    }

    fn roles(outputs: Vec<ValueInfo>) -> Roles {
        read(&Graph { outputs, ..Graph::default() }, &HashMap::new()).1
    }

    #[test]
    fn outputs_take_their_roles() {
        let classifier = vec![output("output_label", 7, 1), output("output_probability", 1, 2)];
        assert_eq!(roles(classifier), Roles { prediction: 0, probabilities: Some(1) });
        let reversed = vec![output("probabilities", 1, 2), output("label", 7, 1)];
        assert_eq!(roles(reversed), Roles { prediction: 1, probabilities: Some(0) });
        let clusters = vec![output("label", 7, 1), output("scores", 1, 2)];
        assert_eq!(roles(clusters), Roles { prediction: 0, probabilities: None });
        assert_eq!(
            roles(vec![output("variable", 1, 2)]),
            Roles { prediction: 0, probabilities: None }
        );
    }

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
