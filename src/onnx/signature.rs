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
    let scored = outputs.iter().position(|slot| {
        slot.data_type.is_float()
            && slot.shape.as_ref().is_none_or(|shape| shape.len() == 2)
            && (zipped.contains_key(&slot.name)
                || (label.is_some() && gives_probabilities(graph, slot)))
    });
    let classes = scored.and_then(|index| {
        zipped.get(&outputs[index].name).cloned().or_else(|| {
            let (node, output) = origin(graph, &outputs[label?].name)?;
            (output == 0 && is_classifier(node)).then(|| class_labels(node))?
        })
    });
    // Where nothing else gives the label, the largest score does.
    let probabilities =
        scored.filter(|index| label.is_none() || !are_scores(graph, &outputs[*index].name, FAR));
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

/// Operators that give out what they take, in another type or shape at most.
const PASSING: [&str; 5] = ["Cast", "Flatten", "Identity", "Reshape", "Squeeze"];

/// How many nodes are looked through on the way back from an output.
const FAR: usize = 8;

/// The node that makes a value, and which of its outputs the value is.
fn maker<'g>(graph: &'g Graph, name: &str) -> Option<(&'g Node, usize)> {
    graph.nodes.iter().find_map(|node| {
        node.outputs.iter().position(|output| output == name).map(|output| (node, output))
    })
}

/// The node where a value comes from, behind those that only pass it on.
fn origin<'g>(graph: &'g Graph, name: &str) -> Option<(&'g Node, usize)> {
    let mut found = maker(graph, name)?;
    for _ in 0..FAR {
        let passes = found.0.domain().is_empty() && PASSING.contains(&&*found.0.op_type);
        if !passes {
            break;
        }
        found = maker(graph, found.0.inputs.first()?)?;
    }
    Some(found)
}

/// Whether a value beside a label is the raw score of a linear classifier or a support vector
/// machine: exporters call these probabilities too, where the model knows none.
fn are_scores(graph: &Graph, name: &str, far: usize) -> bool {
    let is_product =
        |node: &Node| matches!((node.domain(), &*node.op_type), ("", "Gemm" | "MatMul"));
    let Some((node, _)) = origin(graph, name).filter(|_| far > 0) else { return false };
    match (node.domain(), &*node.op_type) {
        ("ai.onnx.ml", "LinearClassifier") => {
            node.string("post_transform").is_none_or(|transform| transform == "NONE")
        }
        ("ai.onnx.ml", "SVMClassifier") => node.attribute("prob_a").is_none(),
        // One column of the scores, or both signs of a single one.
        ("ai.onnx.ml", "ArrayFeatureExtractor") => {
            node.inputs.first().is_some_and(|input| are_scores(graph, input, far - 1))
        }
        ("", "Concat") => node.inputs.last().is_some_and(|input| are_scores(graph, input, far - 1)),
        ("", "Add") => node
            .inputs
            .iter()
            .any(|input| origin(graph, input).is_some_and(|(node, _)| is_product(node))),
        _ => is_product(node),
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

    fn node(domain: &str, op_type: &str, inputs: &[&str], outputs: &[&str]) -> Node {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Node {
            op_type: op_type.into(),
            domain: domain.into(),
            inputs: names(inputs),
            outputs: names(outputs),
            ..Node::default()
        }
    }

    fn classifier(inputs: &[&str], outputs: &[&str], transform: &str) -> Node {
        use super::super::proto::{Attribute, AttributeValue};
        let mut node = node("ai.onnx.ml", "LinearClassifier", inputs, outputs);
        node.attributes = vec![
            Attribute { name: "classlabels_ints".into(), value: AttributeValue::Ints(vec![5, 9]) },
            Attribute {
                name: "post_transform".into(),
                value: AttributeValue::String(transform.into()),
            },
        ];
        node
    }

    fn read_nodes(nodes: Vec<Node>) -> (Option<Vec<Class>>, Roles) {
        let outputs = vec![output("label", 7, 1), output("probabilities", 1, 2)];
        let (signature, roles) =
            read(&Graph { nodes, outputs, ..Graph::default() }, &HashMap::new());
        (signature.classes, roles)
    }

    #[test]
    fn classes_are_those_of_the_node_that_gives_the_label() {
        let direct = vec![
            classifier(&["x"], &["l", "probabilities"], "SOFTMAX"),
            node("", "Cast", &["l"], &["label"]),
        ];
        assert_eq!(read_nodes(direct).0, Some(vec![Class::Int(5), Class::Int(9)]));
        // A classifier inside an ensemble has labels of its own.
        let inner = vec![
            classifier(&["x"], &["l", "p"], "SOFTMAX"),
            node("", "Softmax", &["p"], &["probabilities"]),
            node("", "ArgMax", &["probabilities"], &["label"]),
        ];
        assert_eq!(read_nodes(inner).0, None);
    }

    #[test]
    fn raw_scores_are_no_probabilities() {
        let linear = vec![classifier(&["x"], &["label", "probabilities"], "NONE")];
        assert_eq!(read_nodes(linear).1, Roles { prediction: 0, probabilities: None });
        let product = vec![
            node("", "MatMul", &["x", "w"], &["m"]),
            node("", "Add", &["m", "b"], &["score"]),
            node("", "Neg", &["score"], &["n"]),
            node("", "Concat", &["n", "score"], &["probabilities"]),
            node("", "ArgMax", &["probabilities"], &["label"]),
        ];
        assert_eq!(read_nodes(product).1, Roles { prediction: 0, probabilities: None });
        let both = vec![
            node("", "Sigmoid", &["x"], &["p"]),
            node("", "Sub", &["one", "p"], &["q"]),
            node("", "Concat", &["q", "p"], &["probabilities"]),
        ];
        assert_eq!(read_nodes(both).1, Roles { prediction: 0, probabilities: Some(1) });
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
