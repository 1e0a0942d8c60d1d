//! What tract 0.23 is known to compute wrongly, refused by name. Each rule was found by ONNX's
//! own node tests or in tract's source; a rule goes when the operator is mended.

use std::collections::HashMap;

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
        ("ai.onnx.ml", "TreeEnsembleClassifier") => tree_classifier(node),
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

/// Two classes: labels are taken before the scores are laid out as `[1 - p, p]`.
fn tree_classifier(node: &Node) -> Option<String> {
    let classes = node.strings("classlabels_strings").map_or(0, |labels| labels.len())
        + node.ints("classlabels_int64s").map_or(0, <[i64]>::len);
    if classes <= 2 {
        return Some("trees of two classes get wrong labels".to_owned());
    }
    let modes = node.strings("nodes_modes").unwrap_or_default();
    modes
        .iter()
        .find(|mode| *mode == "BRANCH_GTE")
        .map(|_| "tree nodes with the mode BRANCH_GTE are taken for leaves".to_owned())
}

fn recurrent(node: &Node) -> Option<String> {
    let direction = node.string("direction").unwrap_or_default();
    if direction == "reverse" {
        return Some("direction = reverse runs forward".to_owned());
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
