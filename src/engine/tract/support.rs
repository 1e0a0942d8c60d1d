//! Which operators tract has. It looks them up by name alone, so the domain that each name belongs
//! to is kept here. Those of ai.onnx.ml are all our own.

use std::collections::BTreeSet;

use super::adapter;
use crate::error::{Code, Error, Result};
use crate::onnx::proto::{Model, Node};

/// Operators of ONNX's default domain.
const AI_ONNX: &[&str] = &[
    "Abs",
    "Acos",
    "Acosh",
    "Add",
    "And",
    "ArgMax",
    "ArgMin",
    "Asin",
    "Asinh",
    "Atan",
    "Atanh",
    "Attention",
    "AveragePool",
    "BatchNormalization",
    "BitShift",
    "BitwiseAnd",
    "BitwiseNot",
    "BitwiseOr",
    "BitwiseXor",
    "BlackmanWindow",
    "Cast",
    "CastLike",
    "Ceil",
    "Celu",
    "Clip",
    "Compress",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Conv",
    "ConvInteger",
    "ConvTranspose",
    "Cos",
    "Cosh",
    "CumSum",
    "DFT",
    "DepthToSpace",
    "DequantizeLinear",
    "Div",
    "Dropout",
    "DynamicQuantizeLinear",
    "Einsum",
    "Elu",
    "Equal",
    "Erf",
    "Exp",
    "Expand",
    "EyeLike",
    "Flatten",
    "Floor",
    "GRU",
    "Gather",
    "GatherElements",
    "GatherND",
    "Gelu",
    "Gemm",
    "GlobalAveragePool",
    "GlobalLpPool",
    "GlobalMaxPool",
    "Greater",
    "GreaterOrEqual",
    "GridSample",
    "GroupNormalization",
    "HammingWindow",
    "HannWindow",
    "HardSigmoid",
    "HardSwish",
    "Hardmax",
    "Identity",
    "If",
    "InstanceNormalization",
    "IsInf",
    "IsNaN",
    "LRN",
    "LSTM",
    "LayerNormalization",
    "LeakyRelu",
    "Less",
    "LessOrEqual",
    "Log",
    "LogSoftmax",
    "LpNormalization",
    "MatMul",
    "MatMulInteger",
    "Max",
    "MaxPool",
    "Mean",
    "MeanVarianceNormalization",
    "MelWeightMatrix",
    "Min",
    "Mish",
    "Mod",
    "Mul",
    "Multinomial",
    "Neg",
    "NonMaxSuppression",
    "NonZero",
    "Not",
    "OneHot",
    "Or",
    "PRelu",
    "Pad",
    "Pow",
    "QLinearConv",
    "QLinearMatMul",
    "QuantizeLinear",
    "RMSNormalization",
    "RNN",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
    "Range",
    "Reciprocal",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "ReduceSumSquare",
    "Relu",
    "Reshape",
    "Resize",
    "RotaryEmbedding",
    "Round",
    "STFT",
    "Scan",
    "Scatter",
    "ScatterElements",
    "ScatterND",
    "Selu",
    "Shape",
    "Shrink",
    "Sigmoid",
    "Sign",
    "Sin",
    "Sinh",
    "Size",
    "Slice",
    "Softmax",
    "Softplus",
    "Softsign",
    "SpaceToDepth",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "Swish",
    "Tan",
    "Tanh",
    "ThresholdedRelu",
    "Tile",
    "TopK",
    "Transpose",
    "Trilu",
    "Unsqueeze",
    "Where",
    "Xor",
];

/// Operators that onnxruntime adds.
const COM_MICROSOFT: &[&str] = &[
    "BiasGelu",
    "FastGelu",
    "GatherBlockQuantized",
    "GroupQueryAttention",
    "MatMulNBits",
    "MultiHeadAttention",
    "QuickGelu",
    "RotaryEmbedding",
    "SkipLayerNormalization",
    "SkipSimplifiedLayerNormalization",
];

/// Domain and name of every operator that tract has, in the order of the lists.
pub fn operators() -> impl Iterator<Item = (&'static str, &'static str)> {
    let list = |domain: &'static str, names: &'static [&'static str]| {
        names.iter().map(move |name| (domain, *name))
    };
    list("", AI_ONNX).chain(list("com.microsoft", COM_MICROSOFT))
}

/// Whether tract has the operator under that name and domain.
pub fn knows(domain: &str, name: &str) -> bool {
    let operators = match domain {
        "" => AI_ONNX,
        "com.microsoft" => COM_MICROSOFT,
        _ => return false,
    };
    operators.contains(&name)
}

/// Whether tract has a node's operator.
pub fn has(node: &Node) -> bool {
    knows(node.domain(), &node.op_type)
}

/// Names every operator that the engine lacks, in one error.
///
/// # Errors
/// `OP_UNSUPPORTED`, with the operators in `details.operators`.
pub fn check(model: &Model) -> Result<()> {
    let mut missing = BTreeSet::new();
    if let Some(graph) = &model.graph {
        graph.each_node(&mut |node| {
            if !has(node) && !adapter::takes(node) {
                missing.insert(node.operator());
            }
        });
    }
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|name| &**name).collect();
    let message = format!(
        "This model uses {} that this engine does not have: {}.",
        if names.len() == 1 { "an operator" } else { "operators" },
        names.join(", ")
    );
    Err(Error::new(Code::OpUnsupported, message)
        .with("operators", missing.into_iter().collect::<Vec<String>>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{Attribute, AttributeValue, Graph};

    fn node(domain: &str, op_type: &str) -> Node {
        Node { op_type: op_type.into(), domain: domain.into(), ..Node::default() }
    }

    #[test]
    fn lists_are_sorted_and_known_to_tract() {
        let registered = tract_onnx::onnx().op_register.0;
        for list in [AI_ONNX, COM_MICROSOFT] {
            assert!(list.is_sorted());
            for name in list {
                assert!(registered.contains_key(*name), "{name}");
            }
        }
    }

    #[test]
    fn all_missing_operators_are_named_at_once_also_in_subgraphs() {
        let mut branch = node("", "If");
        branch.attributes.push(Attribute {
            name: "then_branch".into(),
            value: AttributeValue::Graph(Box::new(Graph {
                nodes: vec![node("", "Twist")],
                ..Graph::default()
            })),
        });
        let graph = Graph { nodes: vec![node("com.example", "Relu"), branch], ..Graph::default() };
        let error = check(&Model { graph: Some(graph), ..Model::default() }).unwrap_err();
        assert_eq!(error.code(), Code::OpUnsupported);
        assert!(error.message().contains("Twist, com.example.Relu"), "{error}");
    }

    #[test]
    fn a_domain_tells_operators_of_one_name_apart() {
        assert!(has(&node("ai.onnx", "Relu")));
        assert!(!has(&node("com.microsoft", "Attention")));
        assert!(!has(&node("", "LinearClassifier")));
        assert!(!has(&node("", "QuickGelu")));
    }
}
