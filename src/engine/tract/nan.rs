//! NaN, which stands for a missing value, is lost in some of tract's operators: they answer as if
//! the value were there. A graph with such an operator takes no NaN.

use crate::engine::Feed;
use crate::error::{Code, Error, Result};
use crate::onnx::proto::{Model, Node};
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

/// The first operator in the graph that would hide a NaN.
pub fn hiding_operator(model: &Model) -> Option<String> {
    let mut found = None;
    let hides = |node: &Node| match node.domain() {
        "" => HIDING.contains(&&*node.op_type),
        // Its label is the first of scores that are all NaN.
        "ai.onnx.ml" if node.op_type == "LinearClassifier" => true,
        // A comparison for inequality holds for NaN, and is taken for one that does not.
        "ai.onnx.ml" => {
            node.strings("nodes_modes").unwrap_or_default().iter().any(|mode| mode == "BRANCH_NEQ")
        }
        _ => false,
    };
    if let Some(graph) = &model.graph {
        graph.each_node(&mut |node| {
            if found.is_none() && hides(node) {
                found = Some(node.operator());
            }
        });
    }
    found
}

/// Refuses inputs that hold a NaN which `operator` would hide.
///
/// # Errors
/// `INPUT_NOT_FINITE`, with the operator in `details`.
pub fn check(feeds: &[Feed<'_>], operator: &str) -> Result<()> {
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
    if !feeds.iter().any(has_nan) {
        return Ok(());
    }
    Err(Error::new(
        Code::InputNotFinite,
        format!(
            "A value is missing (NaN), and this model's {operator} would answer as if it were there. Fill missing values before you predict, as the training did."
        ),
    )
    .with("operator", operator))
}
