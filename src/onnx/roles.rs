//! Which outputs answer `predict`, and a classifier's labels, whatever its exporter called them.

use crate::names::Names;

use super::elements;
use super::proto::{AttributeValue, Graph, Node};
use super::rewrite::{Class, Zipped, class_labels};
use super::signature::{Signature, Slot};
use crate::tensor::{Data, DataType, Tensor};

/// Which outputs answer `predict`, as positions in [`Signature::outputs`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// The output that holds a class label or a value for each row.
    pub prediction: usize,
    /// The output of shape rows × classes, or one output a class. Empty where there are none.
    pub probabilities: Vec<usize>,
}

/// Operators of ai.onnx.ml whose second output holds class scores.
const CLASSIFIERS: [&str; 3] = ["LinearClassifier", "SVMClassifier", "TreeEnsembleClassifier"];

/// The signature of a checked graph and the roles of its outputs. `zipped` are the labels that
/// [`zip_maps`](super::rewrite::zip_maps) returned.
pub fn read(graph: &Graph, zipped: &Zipped) -> (Signature, Roles) {
    let names: Names = zipped.iter().map(|(name, _)| &**name).collect();
    let mut signature = Signature::declared(graph);
    let outputs = &signature.outputs;
    let graph = &Makers::new(graph);
    let label = outputs.iter().position(is_label);
    let several = label.is_some_and(|label| has_several(&outputs[label]));
    let scored = outputs.iter().position(|slot| {
        slot.data_type.is_float()
            && !several
            && slot.shape.as_ref().is_none_or(|shape| shape.len() == 2)
            && (names.contains(&slot.name) || (label.is_some() && graph.gives_probabilities(slot)))
    });
    let labels = label.and_then(|label| graph.labels(&outputs[label].name));
    let columns = match (&labels, label) {
        (Some(labels), Some(label)) => columns(graph, outputs, label, labels),
        _ => None,
    };
    let named = |scored: usize| Some(zipped[names.get(&outputs[scored].name)?].1.clone());
    let classes = match scored {
        Some(scored) => named(scored).or(labels).or_else(|| {
            let label = label.filter(|label| graph.is_position(&outputs[*label].name))?;
            positions(&outputs[scored], &outputs[label])
        }),
        None => labels,
    };
    // Where nothing else gives the label, the largest score does.
    let probabilities = match (scored, columns) {
        (_, Some(columns)) if !graph.are_scores(&outputs[columns[0]].name) => columns,
        (Some(scored), None) if label.is_none() || !graph.are_scores(&outputs[scored].name) => {
            vec![scored]
        }
        _ => vec![],
    };
    let prediction = label.or(probabilities.first().copied()).unwrap_or(0);
    signature.classes = classes;
    (signature, Roles { prediction, probabilities })
}

fn is_label(slot: &Slot) -> bool {
    // What skl2onnx gives out beside a tree's answer where it is asked to.
    let is_trace = matches!(&*slot.name, "decision_leaf" | "decision_path");
    !is_trace
        && (slot.data_type.is_integer()
            || matches!(slot.data_type, DataType::String | DataType::Bool))
        && slot.shape.as_ref().is_none_or(|shape| matches!(shape.len(), 1 | 2))
}

/// Whether a label output holds several labels a row, each with classes of its own.
fn has_several(slot: &Slot) -> bool {
    slot.shape.as_ref().is_some_and(|shape| {
        shape.len() == 2 && shape[1].fixed().is_some_and(|columns| columns > 1)
    })
}

/// The classes of a model whose label is the position of its largest probability.
fn positions(probabilities: &Slot, label: &Slot) -> Option<Vec<Class>> {
    let count = probabilities.shape.as_ref()?.last()?.fixed()?;
    (label.data_type.is_integer() && count <= MOST_POSITIONS)
        .then(|| (0..count as i64).map(Class::Int).collect())
}

/// The outputs that hold one class's probability each, in the order of `labels`: all that are
/// there beside the label, each named after its class (`zipmap="columns"` of skl2onnx).
fn columns(
    graph: &Makers<'_>,
    outputs: &[Slot],
    label: usize,
    labels: &[Class],
) -> Option<Vec<usize>> {
    let rest: Vec<usize> = (0..outputs.len()).filter(|index| *index != label).collect();
    let vector = |slot: &Slot| {
        slot.data_type.is_float() && slot.shape.as_ref().is_none_or(|shape| shape.len() == 1)
    };
    let fits = rest.len() == labels.len()
        && rest.iter().zip(labels).all(|(index, class)| {
            let slot = &outputs[*index];
            let is_named = match class {
                Class::Int(class) => slot.name.ends_with(&class.to_string()),
                Class::Text(class) => slot.name.ends_with(&**class),
            };
            is_named && vector(slot) && graph.origin(&slot.name).is_some()
        });
    fits.then_some(rest)
}

fn is_classifier(node: &Node) -> bool {
    node.domain == "ai.onnx.ml" && CLASSIFIERS.contains(&&*node.op_type)
}

/// Whether a tree classifier adds up scores: shares of a class are from 0 to 1, and what boosting
/// adds up is not. A post transform makes probabilities of either.
fn has_raw_votes(node: &Node) -> bool {
    if node.string("post_transform").is_some_and(|how| how != "NONE") {
        return false;
    }
    let any = |name: &str| match node.attribute(name) {
        Some(AttributeValue::Floats(values)) => {
            values.iter().any(|value| !SHARE.contains(&f64::from(*value)))
        }
        Some(AttributeValue::Tensor(tensor)) => {
            elements::value(tensor).is_ok_and(|tensor| any_float(&tensor, |v| !SHARE.contains(&v)))
        }
        _ => false,
    };
    ["class_weights", "class_weights_as_tensor", "base_values", "base_values_as_tensor"]
        .iter()
        .any(|name| any(name))
}

/// What a share of a class may be, rounded as it is.
const SHARE: std::ops::RangeInclusive<f64> = 0.0..=1.001;

fn any_float(tensor: &Tensor, holds: impl Fn(f64) -> bool) -> bool {
    match tensor.data() {
        Data::F32(values) => values.iter().any(|value| holds(f64::from(*value))),
        Data::F64(values) => values.iter().any(|value| holds(*value)),
        _ => false,
    }
}

/// Operators that give out what they take, in another type or shape at most.
const PASSING: [&str; 5] = ["Cast", "Flatten", "Identity", "Reshape", "Squeeze"];

/// Operators whose outcome is no longer a score: probabilities, positions, yes or no.
const SETTLING: [&str; 13] = [
    "ArgMax",
    "ArgMin",
    "Clip",
    "Equal",
    "Exp",
    "Greater",
    "Less",
    "Normalizer",
    "Not",
    "Sigmoid",
    "Softmax",
    "TopK",
    "TreeEnsembleClassifier",
];

/// Operators that make scores out of features.
const SCORING: [&str; 6] =
    ["Gemm", "LinearRegressor", "MatMul", "SVMRegressor", "TreeEnsemble", "TreeEnsembleRegressor"];

/// More classes than this have no names that nobody gave them.
const MOST_POSITIONS: u64 = 100_000;

/// Among how many values constants are looked for.
const MANY: usize = 1000;

/// How many nodes are looked through on the way back from an output.
const FAR: usize = 8;

/// A graph, and which node makes each value.
struct Makers<'g> {
    graph: &'g Graph,
    /// Nodes, with a position among their outputs.
    made: Vec<(&'g Node, usize)>,
    names: Names<'g>,
}

impl<'g> Makers<'g> {
    fn new(graph: &'g Graph) -> Self {
        let mut made = vec![];
        let mut names = Names::new();
        for node in &graph.nodes {
            for (index, name) in node.outputs.iter().enumerate() {
                names.set(name, made.len());
                made.push((node, index));
            }
        }
        Makers { graph, made, names }
    }

    /// The node that makes a value, and which of its outputs it is.
    fn maker(&self, name: &str) -> Option<(&'g Node, usize)> {
        self.made.get(self.names.get(name)?).copied()
    }

    /// The node where a value comes from, behind those that only pass it on, and which of its
    /// outputs it is.
    fn origin(&self, name: &str) -> Option<(&'g Node, usize)> {
        let mut found = self.maker(name)?;
        for _ in 0..FAR {
            if !found.0.domain().is_empty() || !PASSING.contains(&&*found.0.op_type) {
                break;
            }
            match found.0.inputs.first().and_then(|input| self.maker(input)) {
                Some(before) => found = before,
                None => break,
            }
        }
        Some(found)
    }

    /// The labels among which a label output chooses: those of the classifier that makes it, or of
    /// the list that it is looked up in.
    fn labels(&self, name: &str) -> Option<Vec<Class>> {
        let (node, output) = self.origin(name)?;
        match (node.domain(), &*node.op_type) {
            _ if is_classifier(node) => (output == 0).then(|| class_labels(node))?,
            ("ai.onnx.ml", "ArrayFeatureExtractor") | ("", "Gather") => {
                list(&self.constant(node.inputs.first()?)?)
            }
            ("ai.onnx.ml", "LabelEncoder") => match self.origin(node.inputs.first()?) {
                // It renames the labels of a classifier, in whose order the scores are.
                Some((before, 0)) if is_classifier(before) => {
                    renamed(node, class_labels(before)?.into_iter())
                }
                _ => {
                    let positions = 0..node.ints("keys_int64s")?.len() as i64;
                    renamed(node, positions.map(Class::Int))
                }
            },
            _ => None,
        }
    }

    /// Whether a label is the position of a largest value.
    fn is_position(&self, name: &str) -> bool {
        self.origin(name).is_some_and(|(node, _)| {
            matches!((node.domain(), &*node.op_type), ("", "ArgMax" | "ArgMin"))
        })
    }

    /// The value of a constant.
    fn constant(&self, name: &str) -> Option<Tensor> {
        let mut name = name;
        for _ in 0..FAR {
            if let Some(tensor) = self.graph.initializer(name) {
                return elements::value(tensor).ok();
            }
            let (node, _) = self.maker(name)?;
            match (&*node.op_type, node.domain(), node.attribute("value")) {
                ("Constant", "", Some(AttributeValue::Tensor(tensor))) => {
                    return elements::value(tensor).ok();
                }
                ("Cast" | "Identity", "", _) => name = node.inputs.first()?,
                _ => return None,
            }
        }
        None
    }

    /// Whether a float output beside a label is called probabilities, or comes from what makes
    /// them.
    fn gives_probabilities(&self, slot: &Slot) -> bool {
        slot.name.as_bytes().windows(4).any(|part| part.eq_ignore_ascii_case(b"prob"))
            || self
                .maker(&slot.name)
                .is_some_and(|(node, _)| node.op_type == "Softmax" || is_classifier(node))
    }

    /// Whether a value beside a label is a raw score, made of features by products or sums that
    /// nothing turned into probabilities: exporters call these probabilities too, where the model
    /// knows none.
    fn are_scores(&self, name: &'g str) -> bool {
        let mut seen: Names = Names::new();
        let mut open = vec![name];
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            let Some((node, _)) = self.maker(name) else { continue };
            match &*node.op_type {
                "LinearClassifier"
                    if node.string("post_transform").is_none_or(|how| how == "NONE") =>
                {
                    return true;
                }
                "SVMClassifier" if node.attribute("prob_a").is_none() => return true,
                "LinearClassifier" | "SVMClassifier" => {}
                "TreeEnsembleClassifier" if has_raw_votes(node) => return true,
                "Mul" | "Where"
                    if seen.len() < MANY
                        && node.inputs.iter().any(|input| self.is_negative(input)) =>
                {
                    return true;
                }
                "Div" if self.is_sum(node.inputs.get(1)) => {}
                kind if SCORING.contains(&kind) => return true,
                kind if SETTLING.contains(&kind) => {}
                _ => open.extend(node.inputs.iter().map(|input| &**input)),
            }
        }
        false
    }

    /// Whether a value is a single constant below 0, which makes no probability of another.
    fn is_negative(&self, name: &str) -> bool {
        let made = || match self.maker(name)?.0.attribute("value")? {
            AttributeValue::Tensor(tensor) => Some(&**tensor),
            _ => None,
        };
        self.graph
            .initializer(name)
            .or_else(made)
            .filter(|tensor| tensor.dims.iter().all(|dim| *dim == 1))
            .and_then(|tensor| elements::value(tensor).ok())
            .is_some_and(|tensor| any_float(&tensor, |value| value < 0.0))
    }

    /// Whether a value is a sum along an axis: what is divided by it adds up to one.
    fn is_sum(&self, name: Option<&String>) -> bool {
        let Some((mut node, _)) = name.and_then(|name| self.origin(name)) else { return false };
        for _ in 0..FAR {
            let before = match &*node.op_type {
                "ReduceSum" => return true,
                "Add" | "Where" | "Max" => node
                    .inputs
                    .iter()
                    .find_map(|input| self.origin(input).filter(|(node, _)| node.op_type != "Mul")),
                _ => None,
            };
            match before {
                Some((before, _)) => node = before,
                None => return false,
            }
        }
        false
    }
}

/// The classes that a list of labels holds.
fn list(tensor: &Tensor) -> Option<Vec<Class>> {
    Some(match tensor.data() {
        Data::Str(texts) => texts.iter().cloned().map(Class::Text).collect(),
        Data::I64(values) => values.iter().copied().map(Class::Int).collect(),
        Data::I32(values) => values.iter().map(|value| Class::Int(i64::from(*value))).collect(),
        _ => return None,
    })
}

fn numbered(keys: &[String]) -> Names<'_> {
    keys.iter().map(|key| &**key).collect()
}

/// What a `LabelEncoder` makes of classes.
fn renamed(node: &Node, classes: impl Iterator<Item = Class>) -> Option<Vec<Class>> {
    let values: Vec<Class> = match (node.strings("values_strings"), node.ints("values_int64s")) {
        (Some(texts), _) => texts.into_iter().map(Class::Text).collect(),
        (None, Some(ints)) => ints.iter().copied().map(Class::Int).collect(),
        (None, None) => return None,
    };
    let ints = node.ints("keys_int64s").unwrap_or_default();
    let ints: Vec<String> = ints.iter().map(ToString::to_string).collect();
    let texts = node.strings("keys_strings").unwrap_or_default();
    let (ints, texts) = (numbered(&ints), numbered(&texts));
    classes
        .map(|class| {
            let place = match class {
                Class::Int(class) => ints.get(&class.to_string()),
                Class::Text(class) => texts.get(&class),
            };
            values.get(place?).cloned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{Attribute, Dim, ValueInfo, ValueKind};

    fn output(name: &str, data_type: i64, rank: usize) -> ValueInfo {
        ValueInfo {
            name: name.into(),
            kind: ValueKind::Tensor { data_type, shape: Some(vec![Dim::Unknown; rank]) },
        }
    }

    fn roles(outputs: Vec<ValueInfo>) -> Roles {
        read(&Graph { outputs, ..Graph::default() }, &vec![]).1
    }

    #[test]
    fn outputs_take_their_roles() {
        let classifier = vec![output("output_label", 7, 1), output("output_probability", 1, 2)];
        assert_eq!(roles(classifier), Roles { prediction: 0, probabilities: vec![1] });
        let reversed = vec![output("probabilities", 1, 2), output("label", 7, 1)];
        assert_eq!(roles(reversed), Roles { prediction: 1, probabilities: vec![0] });
        let clusters = vec![output("label", 7, 1), output("scores", 1, 2)];
        assert_eq!(roles(clusters), Roles { prediction: 0, probabilities: vec![] });
        assert_eq!(
            roles(vec![output("variable", 1, 2)]),
            Roles { prediction: 0, probabilities: vec![] }
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

    fn attribute(name: &str, value: AttributeValue) -> Attribute {
        Attribute { name: name.into(), value }
    }

    fn classifier(inputs: &[&str], outputs: &[&str], transform: &str) -> Node {
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
        let (signature, roles) = read(&Graph { nodes, outputs, ..Graph::default() }, &vec![]);
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
    fn classes_that_are_renamed_keep_the_order_of_their_scores() {
        let mut rename = node("ai.onnx.ml", "LabelEncoder", &["l"], &["label"]);
        let names = ["nine", "five"].map(|name| name.as_bytes().to_vec());
        rename.attributes = vec![
            attribute("keys_int64s", AttributeValue::Ints(vec![9, 5])),
            attribute("values_strings", AttributeValue::Strings(names.to_vec())),
        ];
        let nodes = vec![classifier(&["x"], &["l", "probabilities"], "SOFTMAX"), rename];
        let classes = ["five", "nine"].map(|name| Class::Text(name.into()));
        assert_eq!(read_nodes(nodes).0.unwrap(), classes);
    }

    #[test]
    fn raw_scores_are_no_probabilities() {
        let linear = vec![classifier(&["x"], &["label", "probabilities"], "NONE")];
        assert_eq!(read_nodes(linear).1, Roles { prediction: 0, probabilities: vec![] });
        let product = vec![
            node("", "MatMul", &["x", "w"], &["m"]),
            node("", "Add", &["m", "b"], &["score"]),
            node("", "Neg", &["score"], &["n"]),
            node("", "Concat", &["n", "score"], &["probabilities"]),
            node("", "ArgMax", &["probabilities"], &["label"]),
        ];
        assert_eq!(read_nodes(product).1, Roles { prediction: 0, probabilities: vec![] });
        for (weight, is_share) in [(0.25, true), (-0.25, false), (7.0, false)] {
            let mut trees =
                node("ai.onnx.ml", "TreeEnsembleClassifier", &["x"], &["label", "probabilities"]);
            trees.attributes =
                vec![attribute("class_weights", AttributeValue::Floats(vec![0.5, weight]))];
            assert_eq!(
                read_nodes(vec![trees.clone()]).1.probabilities.len(),
                usize::from(is_share)
            );
            trees
                .attributes
                .push(attribute("post_transform", AttributeValue::String(b"SOFTMAX".to_vec())));
            assert_eq!(read_nodes(vec![trees]).1.probabilities, [1], "{weight}");
        }
        let both = vec![
            node("", "Sigmoid", &["x"], &["p"]),
            node("", "Sub", &["one", "p"], &["q"]),
            node("", "Concat", &["q", "p"], &["probabilities"]),
        ];
        assert_eq!(read_nodes(both).1, Roles { prediction: 0, probabilities: vec![1] });
    }
}
