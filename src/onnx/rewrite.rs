//! Rewrites what exporters add for Python's sake into what every engine runs.

use serde::{Deserialize, Serialize};

use super::proto::*;
use crate::error::{Code, Error, Result};
use crate::names::Names;

/// A class label, as the model was trained with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Class {
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
}

/// What `ZipMap` is rewritten to: the tensor that went in comes out.
const TENSOR_FLOAT: i64 = 1;

/// The labels of each output of a `ZipMap`.
pub type Zipped = Vec<(String, Vec<Class>)>;

/// Replaces each `ZipMap` (ai.onnx.ml 1) by an `Identity`, so that its output is the float tensor
/// rows × classes that went into it, and returns the class labels by output name.
///
/// # Errors
/// `MODEL_INVALID` where a `ZipMap` has no labels or the wrong number of inputs and outputs.
pub fn zip_maps(graph: &mut Graph) -> Result<Zipped> {
    let mut classes = vec![];
    for node in &mut graph.nodes {
        if node.op_type != "ZipMap" || node.domain != "ai.onnx.ml" {
            continue;
        }
        let labels = class_labels(node).ok_or_else(|| {
            Error::new(
                Code::ModelInvalid,
                format!(
                    "The ZipMap `{}` has no class labels. Export the model again.",
                    node.label()
                ),
            )
            .with("node", node.label())
        })?;
        let ([_], [output]) = (&*node.inputs, &*node.outputs) else {
            return Err(Error::new(
                Code::ModelInvalid,
                format!("The ZipMap `{}` needs one input and one output.", node.label()),
            )
            .with("node", node.label()));
        };
        classes.push((output.clone(), labels));
        node.op_type = "Identity".to_owned();
        node.domain = String::new();
        node.attributes.clear();
    }
    let places: Names = classes.iter().map(|(name, _): &(String, _)| &**name).collect();
    for output in &mut graph.outputs {
        if let Some(place) = places.get(&output.name) {
            output.kind = ValueKind::Tensor {
                data_type: TENSOR_FLOAT,
                shape: Some(vec![Dim::Unknown, Dim::Value(classes[place].1.len() as i64)]),
            };
        }
    }
    Ok(classes)
}

/// Operators that are rewritten where they can be, so that no engine needs them: domain and name.
pub const REWRITTEN: &[(&str, &str)] =
    &[("", "SequenceConstruct"), ("ai.onnx.ml", "ZipMap"), ("ai.onnx.ml", "DictVectorizer")];

/// Replaces each output that a `SequenceConstruct` (11) makes by one output for each tensor in it,
/// called `name[0]`, `name[1]`…
pub fn sequences(graph: &mut Graph) {
    if !graph.outputs.iter().any(|output| matches!(output.kind, ValueKind::Sequence { .. })) {
        return;
    }
    // For each output the node that makes it of tensors, where nothing reads it.
    let mut made = Names::new();
    for (index, node) in graph.nodes.iter().enumerate().rev() {
        if node.op_type == "SequenceConstruct"
            && node.domain().is_empty()
            && let Some(output) = node.outputs.first()
        {
            made.set(output, index);
        }
    }
    graph.nodes.iter().flat_map(|node| &node.inputs).for_each(|name| made.remove(name));
    let makers: Vec<Option<usize>> =
        graph.outputs.iter().map(|output| made.get(&output.name)).collect();
    let mut outputs = vec![];
    let mut gone = vec![false; graph.nodes.len()];
    for (output, maker) in std::mem::take(&mut graph.outputs).into_iter().zip(makers) {
        let maker = maker.filter(|maker| !gone[*maker]);
        let (ValueKind::Sequence { data_type }, Some(maker)) = (&output.kind, maker) else {
            outputs.push(output);
            continue;
        };
        gone[maker] = true;
        let inputs = std::mem::take(&mut graph.nodes[maker].inputs);
        for (index, input) in inputs.into_iter().enumerate() {
            let name = format!("{}[{index}]", output.name);
            let kind = ValueKind::Tensor { data_type: *data_type, shape: None };
            outputs.push(ValueInfo { name: name.clone(), kind });
            graph.nodes.push(Node {
                op_type: "Identity".to_owned(),
                inputs: vec![input],
                outputs: vec![name],
                ..Node::default()
            });
        }
    }
    graph.outputs = outputs;
    let mut index = 0;
    graph.nodes.retain(|_| {
        index += 1;
        !gone.get(index - 1).is_some_and(|gone| *gone)
    });
}

/// Replaces a `DictVectorizer` (ai.onnx.ml 1) of the graph's only input by an `Identity`, so that
/// the input is a tensor with a column for each word of its vocabulary, and returns the words.
///
/// # Errors
/// `MODEL_INVALID` where it has no vocabulary.
pub fn dictionary(graph: &mut Graph) -> Result<Option<Vec<String>>> {
    let [input] = &mut *graph.inputs else { return Ok(None) };
    let ValueKind::Map { data_type } = input.kind else { return Ok(None) };
    let mut readers = graph.nodes.iter_mut().filter(|node| node.inputs.contains(&input.name));
    let (Some(node), None) = (readers.next(), readers.next()) else { return Ok(None) };
    if node.op_type != "DictVectorizer" || node.domain != "ai.onnx.ml" || node.outputs.len() != 1 {
        return Ok(None);
    }
    let words = match (node.strings("string_vocabulary"), node.ints("int64_vocabulary")) {
        (Some(words), _) => words,
        (None, Some(numbers)) => numbers.iter().map(ToString::to_string).collect(),
        (None, None) => {
            return Err(Error::new(
                Code::ModelInvalid,
                format!(
                    "The DictVectorizer `{}` has no vocabulary. Export the model again.",
                    node.label()
                ),
            )
            .with("node", node.label()));
        }
    };
    node.op_type = "Identity".to_owned();
    node.domain = String::new();
    node.attributes.clear();
    input.kind = ValueKind::Tensor {
        data_type,
        shape: Some(vec![Dim::Unknown, Dim::Value(words.len() as i64)]),
    };
    Ok(Some(words))
}

/// The labels that a classifier or a `ZipMap` carries, under any of the specification's names.
pub fn class_labels(node: &Node) -> Option<Vec<Class>> {
    if let Some(texts) = ["classlabels_strings", "classlabels"]
        .iter()
        .find_map(|name| node.strings(name).filter(|list| !list.is_empty()))
    {
        return Some(texts.into_iter().map(Class::Text).collect());
    }
    ["classlabels_int64s", "classlabels_ints", "classlabels"]
        .iter()
        .find_map(|name| node.ints(name).filter(|list| !list.is_empty()))
        .map(|ints| ints.iter().copied().map(Class::Int).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zip_map(attribute: Option<Attribute>) -> Graph {
        Graph {
            nodes: vec![Node {
                op_type: "ZipMap".into(),
                domain: "ai.onnx.ml".into(),
                inputs: vec!["p".into()],
                outputs: vec!["z".into()],
                attributes: attribute.into_iter().collect(),
                ..Node::default()
            }],
            outputs: vec![ValueInfo { name: "z".into(), kind: ValueKind::Other("sequence") }],
            ..Graph::default()
        }
    }

    #[test]
    fn the_labels_stay_and_the_map_goes() {
        let mut graph = zip_map(Some(Attribute {
            name: "classlabels_strings".into(),
            value: AttributeValue::Strings(vec![b"no".to_vec(), b"yes".to_vec()]),
        }));
        let classes = zip_maps(&mut graph).unwrap();
        let labels = vec![Class::Text("no".into()), Class::Text("yes".into())];
        assert_eq!(classes, [("z".to_owned(), labels)]);
        assert_eq!(graph.nodes[0].operator(), "Identity");
        assert_eq!(
            graph.outputs[0].kind,
            ValueKind::Tensor { data_type: 1, shape: Some(vec![Dim::Unknown, Dim::Value(2)]) }
        );
    }

    #[test]
    fn a_sequence_becomes_its_tensors() {
        let mut graph = Graph {
            nodes: vec![Node {
                op_type: "SequenceConstruct".into(),
                inputs: vec!["a".into(), "b".into()],
                outputs: vec!["p".into()],
                ..Node::default()
            }],
            outputs: vec![ValueInfo {
                name: "p".into(),
                kind: ValueKind::Sequence { data_type: 1 },
            }],
            ..Graph::default()
        };
        sequences(&mut graph);
        let names: Vec<&str> = graph.outputs.iter().map(|output| &*output.name).collect();
        assert_eq!(names, ["p[0]", "p[1]"]);
        assert_eq!(graph.nodes[1].inputs, ["b"]);
        assert_eq!(graph.nodes[1].operator(), "Identity");
    }

    #[test]
    fn a_dictionary_becomes_columns() {
        let mut graph = Graph {
            nodes: vec![Node {
                op_type: "DictVectorizer".into(),
                domain: "ai.onnx.ml".into(),
                inputs: vec!["x".into()],
                outputs: vec!["y".into()],
                attributes: vec![Attribute {
                    name: "string_vocabulary".into(),
                    value: AttributeValue::Strings(vec![b"a".to_vec(), b"b".to_vec()]),
                }],
                ..Node::default()
            }],
            inputs: vec![ValueInfo { name: "x".into(), kind: ValueKind::Map { data_type: 11 } }],
            ..Graph::default()
        };
        assert_eq!(dictionary(&mut graph).unwrap().unwrap(), ["a", "b"]);
        assert_eq!(graph.nodes[0].operator(), "Identity");
        assert_eq!(
            graph.inputs[0].kind,
            ValueKind::Tensor { data_type: 11, shape: Some(vec![Dim::Unknown, Dim::Value(2)]) }
        );
        assert_eq!(dictionary(&mut graph).unwrap(), None);
    }

    #[test]
    fn a_map_without_labels_is_refused() {
        assert_eq!(zip_maps(&mut zip_map(None)).unwrap_err().code(), Code::ModelInvalid);
    }

    #[test]
    fn another_domains_zip_map_is_left_alone() {
        let mut graph = zip_map(None);
        graph.nodes[0].domain = "com.example".into();
        assert!(zip_maps(&mut graph).unwrap().is_empty());
        assert_eq!(graph.nodes[0].op_type, "ZipMap");
    }
}
