//! NaN, which stands for a missing value, is lost in some of tract's operators: they answer as if
//! the value were there. A graph with such an operator takes no NaN.

use super::adapter;
use crate::engine::missing;
use crate::onnx::Slot;
use crate::onnx::proto::Model;

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
    missing::reached(model, inputs, &|node| {
        let hiding = node.domain().is_empty() && HIDING.contains(&&*node.op_type);
        (hiding && !adapter::takes(node)).then(|| node.operator())
    })
}
