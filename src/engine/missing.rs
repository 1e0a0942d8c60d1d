//! Missing values (NaN) on their way through a graph: which operator would answer as if they were
//! there.

use predikt_kernels::rows::any_nan;

use super::Feed;
use crate::error::{Code, Error, Result};
use crate::names::Names;
use crate::onnx::Slot;
use crate::onnx::proto::{Model, Node};
use crate::tensor::Data;

/// Operators that choose: out of numbers one of which is NaN they take one all the same, and a
/// comparison goes the way of "no".
const CHOOSING: [(&str, &str); 9] = [
    ("", "ArgMax"),
    ("", "ArgMin"),
    ("", "Greater"),
    ("", "GreaterOrEqual"),
    ("", "Less"),
    ("", "LessOrEqual"),
    ("", "TopK"),
    ("ai.onnx.ml", "LinearClassifier"),
    ("ai.onnx.ml", "SVMClassifier"),
];

/// For each input the first operator that would choose on a NaN in it, where nothing in the graph
/// knows what a missing value is: there the trainer itself would have refused it.
pub fn choosing_operators(model: &Model, inputs: &[Slot]) -> Vec<Option<String>> {
    let mut aware = false;
    if let Some(graph) = &model.graph {
        graph.each_node(&mut |node| aware |= node.domain().is_empty() && node.op_type == "IsNaN");
    }
    if aware {
        return vec![None; inputs.len()];
    }
    reached(model, inputs, &|node| {
        CHOOSING.contains(&(node.domain(), &*node.op_type)).then(|| node.operator())
    })
}

/// For each input the first operator that `hides` names and that a NaN reaches.
pub fn reached(
    model: &Model,
    inputs: &[Slot],
    hides: &dyn Fn(&Node) -> Option<String>,
) -> Vec<Option<String>> {
    let Some(graph) = &model.graph else { return vec![] };
    // From the last node to the first: for each value the first node that it reaches.
    let mut firsts = Names::new();
    let mut inside: Option<usize> = None;
    for (index, node) in graph.nodes.iter().enumerate().rev() {
        if hidden_inside(node, hides).is_some() {
            inside = Some(index);
        }
        let made = node.outputs.iter().filter(|name| !name.is_empty());
        let onward = || made.filter_map(|name| firsts.get(name)).min();
        let found = match hides(node) {
            Some(_) => Some(index),
            None if fills(node) => None,
            None => onward(),
        };
        let Some(found) = found else { continue };
        for name in &node.inputs {
            let first = firsts.get(name).unwrap_or(found);
            firsts.set(name, found.min(first));
        }
    }
    inputs
        .iter()
        .map(|input| {
            let first = firsts.get(&input.name).into_iter().chain(inside).min()?;
            let node = graph.nodes.get(first)?;
            hidden_inside(node, hides).or_else(|| hides(node))
        })
        .collect()
}

/// The first operator that `hides` names in a node's subgraphs.
fn hidden_inside(node: &Node, hides: &dyn Fn(&Node) -> Option<String>) -> Option<String> {
    let mut inner = None;
    for subgraph in node.subgraphs() {
        subgraph.each_node(&mut |node| {
            if inner.is_none() {
                inner = hides(node);
            }
        });
    }
    inner
}

/// Whether no NaN comes out where one goes in: these operators know what a missing value is.
fn fills(node: &Node) -> bool {
    match node.domain() {
        "" => node.op_type == "IsNaN",
        "ai.onnx.ml" => matches!(
            &*node.op_type,
            "Imputer"
                | "LabelEncoder"
                | "TreeEnsemble"
                | "TreeEnsembleClassifier"
                | "TreeEnsembleRegressor"
        ),
        _ => false,
    }
}

/// Refuses inputs that hold a NaN which an operator would hide; `operators` has one entry an input.
///
/// # Errors
/// `INPUT_NOT_FINITE`, with the operator in `details`.
pub fn check(feeds: &[Feed<'_>], operators: &[Option<String>]) -> Result<()> {
    let hidden = feeds
        .iter()
        .zip(operators)
        .find_map(|(feed, operator)| operator.as_ref().filter(|_| has_nan(feed)));
    let Some(operator) = hidden else { return Ok(()) };
    Err(Error::new(
        Code::InputNotFinite,
        format!(
            "A value is missing (NaN), and this model's {operator} would answer as if it were there. Fill missing values before you predict, as the training did."
        ),
    )
    .with("operator", &**operator))
}

fn has_nan(feed: &Feed<'_>) -> bool {
    let count: usize = feed.dims.iter().product();
    let range = feed.start..feed.start.saturating_add(count);
    match feed.data {
        Data::F32(values) => values.get(range).is_some_and(any_nan),
        Data::F64(values) => values.get(range).is_some_and(|held| held.iter().any(|v| v.is_nan())),
        Data::F16(values) => {
            values.get(range).is_some_and(|held| held.iter().any(|bits| bits & 0x7fff > 0x7c00))
        }
        _ => false,
    }
}
