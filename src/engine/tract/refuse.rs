//! What tract 0.23 is known to compute wrongly, refused by name. Each rule was found by ONNX's
//! own node tests or in tract's source; a rule goes when the operator is mended.

use crate::error::{Code, Error, Result};
use crate::onnx::proto::{Graph, Model, Node};

/// Refuses a model in which a node would give a wrong answer.
///
/// # Errors
/// `OP_UNSUPPORTED`, with `details.operator` and `details.node`.
pub fn check(model: &Model) -> Result<()> {
    let Some(graph) = &model.graph else { return Ok(()) };
    check_graph(graph, model.opset())
}

fn check_graph(graph: &Graph, opset: i64) -> Result<()> {
    for node in &graph.nodes {
        if let Some(why) = wrong(node).or_else(|| other_version(node, opset)) {
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
        node.subgraphs().try_for_each(|graph| check_graph(graph, opset))?;
    }
    Ok(())
}

/// Why this node would be computed wrongly, if it would.
fn wrong(node: &Node) -> Option<String> {
    let because = |reason: &str| Some(reason.to_owned());
    match (node.domain(), &*node.op_type) {
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
        _ => None,
    }
}

/// tract reads all nodes as of the graph's own operator set.
fn other_version(node: &Node, opset: i64) -> Option<String> {
    let wanted = node.opset?;
    let same = crate::ops::find(node.domain(), &node.op_type).is_some_and(|operator| {
        crate::ops::version(operator, wanted) == crate::ops::version(operator, opset)
    });
    (!same && !node.op_type.starts_with(super::adapter::STAND_IN)).then(|| {
        format!("it is inside a function written for version {wanted} of its operators, and the graph for {opset}")
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{Attribute, AttributeValue};
    use crate::onnx::testing::{int, node};

    fn text(name: &str, value: &str) -> Attribute {
        Attribute { name: name.into(), value: AttributeValue::String(value.into()) }
    }

    fn why(operator: &str, attribute: Attribute) -> Option<String> {
        wrong(&node(operator, &["x"], &["y"], vec![attribute]))
    }

    #[test]
    fn what_is_not_read_is_refused() {
        for (operator, attribute, word) in [
            ("LSTM", int("input_forget", 1), "input_forget"),
            ("GRU", text("direction", "Reverse"), "direction"),
            ("BatchNormalization", int("training_mode", 1), "training"),
            ("GlobalLpPool", int("p", 3), "odd"),
            ("QuantizeLinear", int("output_dtype", 3), "output_dtype"),
        ] {
            let why = why(operator, attribute).unwrap_or_default();
            assert!(why.contains(word), "{operator}: {why}");
        }
        for (operator, attribute) in [
            ("LSTM", text("direction", "bidirectional")),
            ("LSTM", int("input_forget", 0)),
            ("BatchNormalization", int("training_mode", 0)),
            ("GlobalLpPool", int("p", 2)),
            ("QuantizeLinear", int("output_dtype", 2)),
        ] {
            assert_eq!(why(operator, attribute), None, "{operator}");
        }
    }
}
