//! What tract 0.23 is known to compute wrongly, refused by name. Each rule was found by ONNX's
//! own node tests or in tract's source; a rule goes when the operator is mended.

use std::collections::{HashMap, HashSet};

use crate::error::{Code, Error, Result};
use crate::onnx::proto::{AttributeValue, Graph, Model, Node, Tensor};
use crate::tensor::DataType;

/// Refuses a model in which a node would give a wrong answer.
///
/// # Errors
/// `OP_UNSUPPORTED`, with `details.operator` and `details.node`.
pub fn check(model: &Model) -> Result<()> {
    let Some(graph) = &model.graph else { return Ok(()) };
    check_graph(graph, &HashMap::new())
}

/// The constants that a node can see, by name.
type Constants<'g> = HashMap<&'g str, &'g Tensor>;

fn check_graph<'g>(graph: &'g Graph, outer: &Constants<'g>) -> Result<()> {
    let mut constants = outer.clone();
    constants.extend(graph.initializers.iter().map(|tensor| (&*tensor.name, tensor)));
    for node in &graph.nodes {
        if let (true, Some(AttributeValue::Tensor(tensor)), [output]) =
            (node.op_type == "Constant", node.attribute("value"), &*node.outputs)
        {
            constants.insert(output, tensor);
        }
        if let Some(why) = wrong(node, &constants).or_else(|| extreme_of_infinities(node, graph)) {
            return Err(Error::new(
                Code::OpUnsupported,
                format!(
                    "The node `{}` ({}) would give a wrong answer: {why}.",
                    node.label(),
                    node.operator()
                ),
            )
            .with("operator", node.operator())
            .with("node", node.label()));
        }
        for subgraph in node.subgraphs() {
            check_graph(subgraph, &constants)?;
        }
    }
    Ok(())
}

/// Why this node would be computed wrongly, if it would.
fn wrong(node: &Node, constants: &Constants<'_>) -> Option<String> {
    let because = |reason: &str| Some(reason.to_owned());
    match (node.domain(), &*node.op_type) {
        ("ai.onnx.ml", "TreeEnsembleClassifier") => {
            text_labels(node).or_else(|| tree_classifier(node))
        }
        ("ai.onnx.ml", "LinearClassifier") => text_labels(node).or_else(|| linear_classifier(node)),
        ("", "BatchNormalization") if node.int("training_mode").unwrap_or(0) != 0 => {
            because("it was exported in training mode, and is computed as for inference")
        }
        ("", "GlobalLpPool") if node.int("p").unwrap_or(2) % 2 != 0 => {
            because("negative values keep their sign where p is odd")
        }
        ("", "QuantizeLinear")
            if !node.has_input(2) && !matches!(node.int("output_dtype"), None | Some(0 | 2)) =>
        {
            because("the attribute output_dtype is not read; give it a zero point")
        }
        ("", "LSTM" | "GRU" | "RNN") => recurrent(node),
        ("", "Attention") => attention(node),
        ("", "Celu") if node.float("alpha").is_some_and(|alpha| alpha != 1.0) => {
            because("Celu is computed with alpha = 1 only")
        }
        ("", "Swish") if node.float("alpha").is_some_and(|alpha| alpha != 1.0) => {
            because("Swish is computed with alpha = 1 only")
        }
        ("", "DepthToSpace" | "SpaceToDepth")
            if node.string("mode").is_some_and(|mode| mode != "DCR") =>
        {
            because("the mode CRD is computed wrongly, only DCR rightly")
        }
        ("", "BitShift") => bit_shift(node, constants),
        _ => None,
    }
}

/// The largest of infinities comes out as the largest finite number, so a graph that looks for
/// infinity there (as masked attention does) goes the wrong way.
fn extreme_of_infinities(node: &Node, graph: &Graph) -> Option<String> {
    if !matches!((node.domain(), &*node.op_type), ("", "ReduceMax" | "ReduceMin")) {
        return None;
    }
    let output = node.outputs.first()?;
    graph
        .nodes
        .iter()
        .filter(|reader| reader.inputs.contains(output))
        .find(|reader| matches!((reader.domain(), &*reader.op_type), ("", "Equal" | "IsInf")))
        .map(|reader| {
            format!("the extreme of infinities is finite, and `{}` compares it", reader.label())
        })
}

/// Labels that are texts are looked up in a table of numbers.
fn text_labels(node: &Node) -> Option<String> {
    node.strings("classlabels_strings")
        .filter(|labels| !labels.is_empty())
        .map(|_| "class labels that are texts cannot be given out. Train with whole numbers as labels, and pass the texts as `classes` when loading".to_owned())
}

/// Two classes with coefficients for one of them: runtimes disagree on the other one's score.
fn linear_classifier(node: &Node) -> Option<String> {
    let labels = node.ints("classlabels_ints").map_or(0, <[i64]>::len);
    let single = match node.attribute("intercepts") {
        Some(AttributeValue::Floats(intercepts)) => intercepts.len() == 1,
        _ => true,
    };
    let transform = node.string("post_transform").unwrap_or_default();
    (labels == 2 && single && transform != "LOGISTIC").then(|| {
        "two classes have the coefficients of one, and the other's score is not defined without LOGISTIC".to_owned()
    })
}

/// Two classes: labels are taken before the scores are laid out as `[1 - p, p]`.
fn tree_classifier(node: &Node) -> Option<String> {
    let classes = node.strings("classlabels_strings").map_or(0, |labels| labels.len())
        + node.ints("classlabels_int64s").map_or(0, <[i64]>::len);
    if classes <= 2 {
        return Some("trees of two classes get wrong labels".to_owned());
    }
    let modes = node.strings("nodes_modes").unwrap_or_default();
    if modes.iter().any(|mode| mode == "BRANCH_GTE") {
        return Some("tree nodes with the mode BRANCH_GTE are taken for leaves".to_owned());
    }
    let (trees, ids) = (node.ints("nodes_treeids")?, node.ints("nodes_nodeids")?);
    let mut sizes: HashMap<i64, i64> = HashMap::new();
    for tree in trees {
        *sizes.entry(*tree).or_default() += 1;
    }
    if trees.iter().zip(ids).any(|(tree, id)| !(0..sizes[tree]).contains(id)) {
        return Some("node numbers that do not count from 0 lead to other nodes".to_owned());
    }
    let children = ["nodes_truenodeids", "nodes_falsenodeids"];
    let to_first =
        modes.iter().enumerate().filter(|(_, mode)| *mode != "LEAF").any(|(place, _)| {
            children.iter().any(|list| node.ints(list).and_then(|ids| ids.get(place)) == Some(&0))
        });
    if to_first {
        return Some("trees whose root is not node 0 are entered at another node".to_owned());
    }
    let Some(AttributeValue::Floats(weights)) = node.attribute("class_weights") else {
        return None;
    };
    let based = matches!(node.attribute("base_values"), Some(AttributeValue::Floats(values)) if !values.is_empty());
    if !based
        && weights.iter().any(|weight| *weight < 0.0)
        && !all_classes_score(node, &modes, classes)
    {
        return Some("a class without a vote beats those of negative weight".to_owned());
    }
    None
}

/// Whether each class has a tree in which every leaf votes for it.
fn all_classes_score(node: &Node, modes: &[String], classes: usize) -> bool {
    let ints = |name: &str| node.ints(name).unwrap_or_default();
    let mut leaves: HashMap<i64, usize> = HashMap::new();
    for (tree, _) in ints("nodes_treeids").iter().zip(modes).filter(|(_, mode)| *mode == "LEAF") {
        *leaves.entry(*tree).or_default() += 1;
    }
    let votes: HashSet<(i64, i64, i64)> = ints("class_treeids")
        .iter()
        .zip(ints("class_nodeids"))
        .zip(ints("class_ids"))
        .map(|((tree, leaf), class)| (*class, *tree, *leaf))
        .collect();
    let mut voting: HashMap<(i64, i64), usize> = HashMap::new();
    for (class, tree, _) in &votes {
        *voting.entry((*class, *tree)).or_default() += 1;
    }
    let sure: HashSet<i64> = voting
        .iter()
        .filter(|((_, tree), count)| leaves.get(tree) == Some(count))
        .map(|((class, _), _)| *class)
        .collect();
    sure.len() == classes
}

fn recurrent(node: &Node) -> Option<String> {
    let direction = node.string("direction").unwrap_or_default();
    if !matches!(&*direction, "" | "forward" | "bidirectional") {
        return Some(format!("direction = {direction} runs forward"));
    }
    if node.int("input_forget").unwrap_or(0) != 0 {
        return Some("the attribute input_forget is not read".to_owned());
    }
    if node.attribute("clip").is_some() {
        return Some("the attribute clip is not read".to_owned());
    }
    let defaults: &[&str] = match &*node.op_type {
        "LSTM" => &["sigmoid", "tanh", "tanh"],
        "GRU" => &["sigmoid", "tanh"],
        _ => &["tanh"],
    };
    let activations = node.strings("activations").unwrap_or_default();
    let usual = activations
        .iter()
        .zip(defaults.iter().cycle())
        .all(|(given, default)| given.eq_ignore_ascii_case(default));
    (!usual).then(|| format!("the activations {} are not read", activations.join(", ")))
}

fn attention(node: &Node) -> Option<String> {
    let causal = node.int("is_causal").unwrap_or(0) != 0;
    if causal && (node.has_input(4) || node.has_input(5)) {
        return Some("causal attention with a past ignores the past's length".to_owned());
    }
    if node.has_input(3) {
        return Some("a row that attn_mask masks whole comes out as NaN".to_owned());
    }
    ["left_window_size", "right_window_size"]
        .iter()
        .find(|name| node.int(name).is_some_and(|size| size >= 0))
        .map(|name| format!("the attribute {name} is not read"))
}

/// Shifts by at least the width of the type, or by negative amounts, wrap around. They can be
/// told beforehand only where the amount is a constant.
fn bit_shift(node: &Node, constants: &Constants<'_>) -> Option<String> {
    let amounts = node.inputs.get(1).and_then(|name| constants.get(&**name));
    let Some(amounts) = amounts else {
        return Some("amounts that are not constant may be as wide as the type".to_owned());
    };
    let width = amounts.data_type().and_then(DataType::size)?;
    let bytes: Vec<u8> = match &amounts.raw {
        Some(raw) if !raw.is_empty() => raw.clone(),
        _ => return Some("the amount must be kept as raw data to be checked".to_owned()),
    };
    let wide = bytes.chunks(width).any(|amount| {
        amount[1..].iter().any(|byte| *byte != 0) || usize::from(amount[0]) >= 8 * width
    });
    wide.then(|| "it shifts by as many bits as the type has, or more".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::Attribute;

    fn node(domain: &str, op_type: &str, attributes: Vec<(&str, AttributeValue)>) -> Node {
        Node {
            op_type: op_type.into(),
            domain: domain.into(),
            inputs: vec!["x".into()],
            outputs: vec!["y".into()],
            attributes: attributes
                .into_iter()
                .map(|(name, value)| Attribute { name: name.into(), value })
                .collect(),
            ..Node::default()
        }
    }

    fn text(text: &str) -> AttributeValue {
        AttributeValue::String(text.into())
    }

    fn texts(texts: &[&str]) -> AttributeValue {
        AttributeValue::Strings(texts.iter().map(|text| text.as_bytes().to_vec()).collect())
    }

    fn why(node: &Node) -> Option<String> {
        wrong(node, &HashMap::new())
    }

    #[test]
    fn what_is_not_read_is_refused() {
        use AttributeValue::{Floats, Int, Ints};
        let two = || ("classlabels_ints", Ints(vec![0, 1]));
        for (domain, op_type, attributes, word) in [
            ("", "LSTM", vec![("input_forget", Int(1))], "input_forget"),
            ("", "GRU", vec![("direction", text("Reverse"))], "direction"),
            ("", "BatchNormalization", vec![("training_mode", Int(1))], "training"),
            ("", "GlobalLpPool", vec![("p", Int(3))], "odd"),
            ("", "QuantizeLinear", vec![("output_dtype", Int(3))], "output_dtype"),
            (
                "ai.onnx.ml",
                "LinearClassifier",
                vec![("classlabels_strings", texts(&["a"]))],
                "texts",
            ),
            (
                "ai.onnx.ml",
                "LinearClassifier",
                vec![two(), ("intercepts", Floats(vec![0.0]))],
                "LOGISTIC",
            ),
        ] {
            let why = why(&node(domain, op_type, attributes)).unwrap_or_default();
            assert!(why.contains(word), "{op_type}: {why}");
        }
        for (domain, op_type, attributes) in [
            ("", "LSTM", vec![("direction", text("bidirectional")), ("input_forget", Int(0))]),
            ("", "BatchNormalization", vec![("training_mode", Int(0))]),
            ("", "GlobalLpPool", vec![]),
            ("", "QuantizeLinear", vec![("output_dtype", Int(2))]),
            ("ai.onnx.ml", "LinearClassifier", vec![two(), ("intercepts", Floats(vec![0.0; 2]))]),
            ("ai.onnx.ml", "LinearClassifier", vec![two(), ("post_transform", text("LOGISTIC"))]),
        ] {
            assert_eq!(why(&node(domain, op_type, attributes)), None, "{op_type}");
        }
    }

    /// A root and two leaves, which vote for classes of three.
    fn tree(ids: [i64; 3], votes: &[(i64, i64, f32)]) -> Node {
        use AttributeValue::{Floats, Ints};
        let list = |pick: fn(&(i64, i64, f32)) -> i64| Ints(votes.iter().map(pick).collect());
        node(
            "ai.onnx.ml",
            "TreeEnsembleClassifier",
            vec![
                ("classlabels_int64s", Ints(vec![0, 1, 2])),
                ("nodes_treeids", Ints(vec![0; 3])),
                ("nodes_nodeids", Ints(ids.to_vec())),
                ("nodes_modes", texts(&["BRANCH_LEQ", "LEAF", "LEAF"])),
                ("nodes_truenodeids", Ints(vec![ids[1], 0, 0])),
                ("nodes_falsenodeids", Ints(vec![ids[2], 0, 0])),
                ("class_treeids", Ints(vec![0; votes.len()])),
                ("class_nodeids", list(|vote| vote.0)),
                ("class_ids", list(|vote| vote.1)),
                ("class_weights", Floats(votes.iter().map(|vote| vote.2).collect())),
            ],
        )
    }

    #[test]
    fn trees_that_would_be_walked_wrongly_are_refused() {
        let usual = [(1, 0, 1.0), (2, 1, 1.0)];
        assert_eq!(why(&tree([0, 1, 2], &usual)), None);
        assert!(why(&tree([0, 2, 4], &usual)).unwrap().contains("count from 0"));
        assert!(why(&tree([2, 1, 0], &usual)).unwrap().contains("root"));
        let negative = [(1, 0, -1.0), (2, 1, 1.0)];
        assert!(why(&tree([0, 1, 2], &negative)).unwrap().contains("negative"));
        let all: Vec<_> =
            (1..=2).flat_map(|leaf| (0..3).map(move |class| (leaf, class, -1.0))).collect();
        assert_eq!(why(&tree([0, 1, 2], &all)), None);
    }
}
