//! NaN, which stands for a missing value, is lost in some of tract's operators: they answer as if
//! the value were there. A graph with such an operator takes no NaN.

use std::collections::HashSet;

use super::adapter;
use crate::engine::Feed;
use crate::error::{Code, Error, Result};
use crate::onnx::Slot;
use crate::onnx::proto::{Graph, Model, Node};
use crate::tensor::Data;

/// Operators of ONNX's default domain whose answer hides a NaN that went in.
/// Approximations clamp their argument, comparisons keep the other side.
const HIDING: &[&str] = &[
    "ArgMax",
    "ArgMin",
    "Celu",
    "Clip",
    "Elu",
    "Erf",
    "Exp",
    "GRU",
    "Gelu",
    "HardSigmoid",
    "HardSwish",
    "Hardmax",
    "LSTM",
    "LeakyRelu",
    "LogSoftmax",
    "Max",
    "MaxPool",
    "Min",
    "Mish",
    "PRelu",
    "RNN",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMin",
    "Relu",
    "Selu",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Swish",
    "Tanh",
    "TopK",
];

/// For each input the first operator that would hide a NaN in it, on a way on which nothing fills
/// missing values first.
pub fn hiding_operators(model: &Model, inputs: &[Slot]) -> Vec<Option<String>> {
    let Some(graph) = &model.graph else { return vec![] };
    inputs.iter().map(|input| hiding_operator(graph, &input.name)).collect()
}

fn hiding_operator(graph: &Graph, input: &str) -> Option<String> {
    let mut missing: HashSet<&str> = HashSet::from([input]);
    for node in &graph.nodes {
        let mut inner = None;
        for subgraph in node.subgraphs() {
            subgraph.each_node(&mut |node| inner = inner.take().or(hides(node)));
        }
        let reads = node.inputs.iter().any(|name| missing.contains(&**name));
        if let Some(operator) = inner.or(hides(node).filter(|_| reads)) {
            return Some(operator);
        }
        if reads && !fills(node) {
            missing.extend(node.outputs.iter().map(|name| &**name));
        }
    }
    None
}

/// The operator's name, if a NaN that goes in may come out as something else.
fn hides(node: &Node) -> Option<String> {
    let hiding = node.domain().is_empty() && HIDING.contains(&&*node.op_type);
    (hiding && !adapter::takes(node)).then(|| node.operator())
}

/// Whether no NaN comes out where one goes in: these operators know what a missing value is.
fn fills(node: &Node) -> bool {
    match node.domain() {
        "" => node.op_type == "IsNaN",
        "ai.onnx.ml" => matches!(
            &*node.op_type,
            "Imputer" | "TreeEnsemble" | "TreeEnsembleClassifier" | "TreeEnsembleRegressor"
        ),
        _ => false,
    }
}

/// Refuses inputs that hold a NaN which an operator would hide; `operators` has one entry an input.
///
/// # Errors
/// `INPUT_NOT_FINITE`, with the operator in `details`.
pub fn check(feeds: &[Feed<'_>], operators: &[Option<String>]) -> Result<()> {
    let has_nan = |feed: &Feed<'_>| {
        let count: usize = feed.dims.iter().product();
        let range = feed.start..feed.start.saturating_add(count);
        match feed.data {
            Data::F32(values) => {
                values.get(range).is_some_and(|values| values.iter().any(|v| v.is_nan()))
            }
            Data::F64(values) => {
                values.get(range).is_some_and(|values| values.iter().any(|v| v.is_nan()))
            }
            Data::F16(values) => values
                .get(range)
                .is_some_and(|values| values.iter().any(|bits| bits & 0x7fff > 0x7c00)),
            _ => false,
        }
    };
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
