//! What tract 0.23 computes wrongly and can be made to compute rightly: by other operators with
//! the same result, or by an operator of our own.

use tract_onnx::Onnx;
use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::tract_core::ops::element_wise::{ElementWiseMiniOp, ElementWiseOp};

use crate::onnx::proto::{Attribute, AttributeValue, Graph, Model, Node, Tensor as ProtoTensor};

/// The name under which casts to int64 are given to tract.
const CAST_TO_INT64: &str = "PrediktCastToInt64";

/// The number of int64 in `TensorProto.DataType`.
const INT64: i64 = 7;

/// Adds our own operators to tract's.
pub fn register(onnx: &mut Onnx) {
    onnx.op_register.insert(CAST_TO_INT64, cast_to_int64);
}

/// Rewrites the nodes that need it, those of subgraphs included.
pub fn model(model: &mut Model) {
    let opset = model.opset();
    if let Some(graph) = &mut model.graph {
        mend_graph(graph, opset);
    }
}

fn mend_graph(graph: &mut Graph, opset: i64) {
    let mut nodes = Vec::with_capacity(graph.nodes.len());
    for mut node in std::mem::take(&mut graph.nodes) {
        for attribute in &mut node.attributes {
            match &mut attribute.value {
                AttributeValue::Graph(graph) => mend_graph(graph, opset),
                AttributeValue::Graphs(graphs) => {
                    graphs.iter_mut().for_each(|graph| mend_graph(graph, opset));
                }
                _ => {}
            }
        }
        match (node.domain(), &*node.op_type) {
            ("", "ReduceLogSumExp") => nodes.extend(log_sum_exp(&node, opset)),
            ("", "Cast") if node.int("to") == Some(INT64) => {
                node.op_type = CAST_TO_INT64.to_owned();
                nodes.push(node);
            }
            ("", "LogSoftmax") => nodes.extend(log_softmax(&node, opset)),
            ("", "Softplus") => nodes.extend(softplus(&node)),
            ("", "Resize") if opset < 11 => nodes.push(resize_10(node)),
            _ => nodes.push(node),
        }
    }
    graph.nodes = nodes;
}

/// `Resize` (opset 10) takes the pixel at the floor of its place times the scale; tract takes the
/// defaults of later versions unless it is told.
fn resize_10(mut node: Node) -> Node {
    for (name, value) in
        [("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")]
    {
        node.attributes.retain(|attribute| attribute.name != name);
        node.attributes.push(Attribute {
            name: name.to_owned(),
            value: AttributeValue::String(value.as_bytes().to_vec()),
        });
    }
    node
}

/// The name of a value on the way to a node's output.
fn step_of(node: &Node, step: &str) -> String {
    format!("predikt:{}:{step}", node.outputs.first().map_or("", |output| output))
}

/// A node that stands for a part of another one.
fn make(whole: &Node, op_type: &str, inputs: Vec<String>, output: String) -> Node {
    Node {
        name: format!("predikt:{}:{output}", whole.label()),
        op_type: op_type.to_owned(),
        inputs,
        outputs: vec![output],
        ..Node::default()
    }
}

fn int(name: &str, value: i64) -> Attribute {
    Attribute { name: name.to_owned(), value: AttributeValue::Int(value) }
}

/// The value of a `Constant` that holds a list of whole numbers.
fn list(values: &[i64]) -> Attribute {
    let tensor = ProtoTensor {
        dims: vec![values.len() as i64],
        data_type: INT64,
        int64s: values.to_vec(),
        ..ProtoTensor::default()
    };
    Attribute { name: "value".to_owned(), value: AttributeValue::Tensor(Box::new(tensor)) }
}

/// `Softplus` (opset 1 and later) as `max(x, 0) + softplus(-|x|)`, whose exponential stays finite.
fn softplus(node: &Node) -> Vec<Node> {
    let (Some(x), Some(output)) = (node.inputs.first(), node.outputs.first()) else {
        return vec![node.clone()];
    };
    let value = |step: &str| step_of(node, step);
    vec![
        make(node, "Relu", vec![x.clone()], value("positive")),
        make(node, "Abs", vec![x.clone()], value("size")),
        make(node, "Neg", vec![value("size")], value("below")),
        make(node, "Softplus", vec![value("below")], value("rest")),
        make(node, "Add", vec![value("positive"), value("rest")], output.clone()),
    ]
}

/// `LogSoftmax` as `x - max - log(sum(exp(x - max)))`: the logarithm of `Softmax` is infinite where
/// a probability is too small for a float. Before opset 13 it takes all dimensions from `axis` on
/// for one.
fn log_softmax(node: &Node, opset: i64) -> Vec<Node> {
    let (Some(x), Some(output)) = (node.inputs.first(), node.outputs.first()) else {
        return vec![node.clone()];
    };
    let value = |step: &str| step_of(node, step);
    let axis = node.int("axis");
    let flat = opset < 13;
    let mut nodes = vec![];
    let (x, result, axis) = if flat {
        let mut flatten = make(node, "Flatten", vec![x.clone()], value("flat"));
        flatten.attributes.push(int("axis", axis.unwrap_or(1)));
        nodes.push(flatten);
        nodes.push(make(node, "Shape", vec![x.clone()], value("shape")));
        (value("flat"), value("result"), 1)
    } else {
        (x.clone(), output.clone(), axis.unwrap_or(-1))
    };
    // Axes are an input of `ReduceSum` since opset 13, of `ReduceMax` since 18.
    let mut axes = make(node, "Constant", vec![], value("axes"));
    axes.attributes.push(list(&[axis]));
    nodes.push(axes);
    let reduce = |op_type: &str, input: String, output: String, since: i64| {
        let mut reduce = make(node, op_type, vec![input], output);
        reduce.attributes.push(int("keepdims", 1));
        if opset >= since {
            reduce.inputs.push(value("axes"));
        } else {
            reduce.attributes.push(Attribute {
                name: "axes".to_owned(),
                value: AttributeValue::Ints(vec![axis]),
            });
        }
        reduce
    };
    nodes.push(reduce("ReduceMax", x.clone(), value("max"), 18));
    nodes.push(make(node, "Sub", vec![x, value("max")], value("less")));
    nodes.push(make(node, "Exp", vec![value("less")], value("exp")));
    nodes.push(reduce("ReduceSum", value("exp"), value("sum"), 13));
    nodes.push(make(node, "Log", vec![value("sum")], value("log")));
    nodes.push(make(node, "Sub", vec![value("less"), value("log")], result));
    if flat {
        let inputs = vec![value("result"), value("shape")];
        nodes.push(make(node, "Reshape", inputs, output.clone()));
    }
    nodes
}

/// `ReduceLogSumExp` (opset 1 and later) as `max + log(sum(exp(x - max)))`, which stays finite
/// where `log(sum(exp(x)))` does not.
fn log_sum_exp(node: &Node, opset: i64) -> Vec<Node> {
    let (Some(x), Some(output)) = (node.inputs.first(), node.outputs.first()) else {
        return vec![node.clone()];
    };
    let value = |step: &str| step_of(node, step);
    let make =
        |op_type: &str, inputs: Vec<String>, output: String| make(node, op_type, inputs, output);
    let keeps = |keeps: bool| int("keepdims", i64::from(keeps));
    let shared: Vec<Attribute> =
        node.attributes.iter().filter(|a| a.name != "keepdims").cloned().collect();

    let mut nodes = vec![];
    let axes_input = node.inputs.get(1).filter(|name| !name.is_empty()).cloned();
    let mut max = make("ReduceMax", vec![x.clone()], value("max"));
    max.inputs.extend(axes_input.clone());
    max.attributes = shared.clone();
    max.attributes.push(keeps(true));
    nodes.push(max);
    nodes.push(make("Sub", vec![x.clone(), value("max")], value("less")));
    nodes.push(make("Exp", vec![value("less")], value("exp")));

    // `ReduceSum` takes its axes as an input since opset 13, the other reductions since 18.
    let mut sum_axes = axes_input;
    let mut sum_attributes = shared;
    if let (13.., Some(axes)) = (opset, node.ints("axes")) {
        let mut constant = make("Constant", vec![], value("axes"));
        constant.attributes.push(list(axes));
        nodes.push(constant);
        sum_axes = Some(value("axes"));
        sum_attributes.retain(|attribute| attribute.name != "axes");
    }
    let sum = |input: String, output: String, keep: bool| {
        let mut sum = make("ReduceSum", vec![input], output);
        sum.inputs.extend(sum_axes.clone());
        sum.attributes = sum_attributes.clone();
        sum.attributes.push(keeps(keep));
        sum
    };
    nodes.push(sum(value("exp"), value("sum"), true));
    nodes.push(make("Log", vec![value("sum")], value("log")));
    let whole = vec![value("log"), value("max")];
    if node.int("keepdims").unwrap_or(1) != 0 {
        nodes.push(make("Add", whole, output.clone()));
    } else {
        nodes.push(make("Add", whole, value("kept")));
        // Each sum is one of a single element: it only drops the axes.
        nodes.push(sum(value("kept"), output.clone(), false));
    }
    nodes
}

fn cast_to_int64(
    _: &tract_onnx::model::ParsingContext<'_>,
    _: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    Ok((expand(CastToInt64), vec![]))
}

/// A cast to int64, which tract keeps as its dimension type, without the detour over 32 bits.
#[derive(Debug, Clone, Hash, PartialEq, Eq)]
struct CastToInt64;

impl Expansion for CastToInt64 {
    fn name(&self) -> StaticName {
        CAST_TO_INT64.into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 1)?;
        check_output_arity(outputs, 1)?;
        solver.equals(&outputs[0].datum_type, TDim::datum_type())?;
        solver.equals(&outputs[0].rank, &inputs[0].rank)?;
        solver.equals(&outputs[0].shape, &inputs[0].shape)?;
        Ok(())
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        if model.outlet_fact(inputs[0])?.datum_type == TDim::datum_type() {
            return Ok(inputs.into());
        }
        model.wire_node(prefix, ElementWiseOp(Box::new(ToDim), None), inputs)
    }
}

/// Whole numbers of 64 bits → tract's dimensions.
#[derive(Debug, Clone, Hash, PartialEq, Eq)]
struct ToDim;

impl ElementWiseMiniOp for ToDim {
    fn name(&self) -> String {
        "predikt.ToDim".to_owned()
    }

    fn output_type(&self, _: DatumType) -> Option<DatumType> {
        Some(TDim::datum_type())
    }

    fn eval_out_of_place(&self, input: &Tensor, _: Option<DatumType>) -> TractResult<Tensor> {
        let whole = input.cast_to::<i64>()?;
        let dims: Vec<TDim> = whole
            .try_as_plain_ram()?
            .as_slice::<i64>()?
            .iter()
            .map(|value| TDim::from(*value))
            .collect();
        Ok(tract_ndarray::ArrayD::from_shape_vec(input.shape(), dims)?.into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::engine::tract::TractEngine;
    use crate::engine::{Engine, Feed};
    use crate::onnx::proto::{ValueInfo, ValueKind};
    use crate::onnx::{Checked, Limits, roles};
    use crate::tensor::{Data, Tensor as Ours};

    const FLOAT: i64 = 1;

    fn ints(name: &str, values: &[i64]) -> Attribute {
        Attribute { name: name.into(), value: AttributeValue::Ints(values.to_vec()) }
    }

    /// Runs one node on one input.
    fn run(
        op_type: &str,
        attributes: Vec<Attribute>,
        opset: i64,
        input: Ours,
        output: i64,
        constants: Vec<ProtoTensor>,
    ) -> Ours {
        let slot = |name: &str, data_type| ValueInfo {
            name: name.into(),
            kind: ValueKind::Tensor { data_type, shape: None },
        };
        let mut inputs = vec!["x".to_owned()];
        inputs.extend(constants.iter().map(|constant| constant.name.clone()));
        let given = if matches!(input.data(), Data::I64(_)) { INT64 } else { FLOAT };
        let graph = Graph {
            nodes: vec![Node {
                op_type: op_type.into(),
                inputs,
                outputs: vec!["y".into()],
                attributes,
                ..Node::default()
            }],
            initializers: constants,
            inputs: vec![slot("x", given)],
            outputs: vec![slot("y", output)],
            ..Graph::default()
        };
        let (signature, roles) = roles::read(&graph, &HashMap::new());
        let model =
            Model { opsets: vec![(String::new(), opset)], graph: Some(graph), ..Model::default() };
        let checked = Checked { model, signature, roles, dictionary: None };
        let mut engine = TractEngine::load(checked, Limits::default(), 1).unwrap();
        engine.run(&[Feed::from(&input)]).unwrap().remove(0)
    }

    fn floats(dims: &[usize], values: &[f32]) -> Ours {
        Ours::new(dims.to_vec(), Data::F32(values.to_vec())).unwrap()
    }

    /// scipy 1.17: `logsumexp([[1000, 1000, 1], [-1000, -1000, -1001]], axis=1)`.
    #[test]
    fn log_sum_exp_stays_finite() {
        let x = || floats(&[2, 3], &[1000.0, 1000.0, 1.0, -1000.0, -1000.0, -1001.0]);
        for opset in [11, 13, 17] {
            for (keep, dims) in [(0, vec![2]), (1, vec![2, 1])] {
                let attributes = vec![ints("axes", &[1]), int("keepdims", keep)];
                let y = run("ReduceLogSumExp", attributes, opset, x(), FLOAT, vec![]);
                assert_eq!(y.dims(), dims, "opset {opset}");
                let Data::F32(values) = y.data() else { panic!("floats were expected") };
                assert!((values[0] - 1000.6932).abs() < 1e-3, "{values:?}");
                assert!((values[1] + 999.1383).abs() < 1e-3, "{values:?}");
            }
        }
        let axes = ProtoTensor {
            name: "axes".into(),
            dims: vec![1],
            data_type: INT64,
            int64s: vec![1],
            ..ProtoTensor::default()
        };
        let y = run("ReduceLogSumExp", vec![int("keepdims", 0)], 18, x(), FLOAT, vec![axes]);
        assert_eq!(y.dims(), [2]);
        let y = run("ReduceLogSumExp", vec![], 13, x(), FLOAT, vec![]);
        assert_eq!(y.dims(), [1, 1]);
    }

    /// onnxruntime 1.31.
    #[test]
    fn log_softmax_and_softplus_stay_finite() {
        let x = || floats(&[1, 2, 2], &[90.0, -100.0, 89.0, -300.0]);
        for (opset, attributes, want) in [
            (11, vec![], [-0.313_262, -190.313_26, -1.313_262, -390.313_26]),
            (11, vec![int("axis", 2)], [0.0, -190.0, 0.0, -389.0]),
            (13, vec![], [0.0, -190.0, 0.0, -389.0]),
            (13, vec![int("axis", 1)], [-0.313_262, 0.0, -1.313_262, -200.0]),
            (18, vec![int("axis", 1)], [-0.313_262, 0.0, -1.313_262, -200.0]),
        ] {
            let y = run("LogSoftmax", attributes, opset, x(), FLOAT, vec![]);
            assert_eq!(y.dims(), [1, 2, 2], "opset {opset}");
            let Data::F32(values) = y.data() else { panic!("floats were expected") };
            let near = values.iter().zip(want).all(|(a, b): (&f32, f32)| (a - b).abs() < 1e-4);
            assert!(near, "opset {opset}: {values:?} instead of {want:?}");
        }
        let y = run("Softplus", vec![], 13, floats(&[3], &[1000.0, 1.0, -1000.0]), FLOAT, vec![]);
        let Data::F32(values) = y.data() else { panic!("floats were expected") };
        assert_eq!((values[0], values[2]), (1000.0, 0.0));
        assert!((values[1] - 1.313_262).abs() < 1e-5, "{values:?}");
    }

    #[test]
    fn casts_to_int64_keep_64_bits() {
        let large = [3_000_000_000_i64, -3_000_000_000, 1 << 40];
        let x = floats(&[3], &large.map(|value| value as f32));
        let y = run("Cast", vec![int("to", INT64)], 13, x, INT64, vec![]);
        assert_eq!(*y.data(), Data::I64(vec![3_000_000_000, -3_000_000_000, 1 << 40]));
        let labels = vec![(1 << 53) + 1, -7, i64::from(i32::MAX) + 1];
        let x = Ours::new(vec![3], Data::I64(labels.clone())).unwrap();
        let y = run("Cast", vec![int("to", INT64)], 13, x, INT64, vec![]);
        assert_eq!(*y.data(), Data::I64(labels));
    }

    /// onnxruntime 1.31.
    #[test]
    fn resize_of_opset_10_takes_the_floor() {
        let x = floats(&[1, 1, 1, 4], &[1.0, 2.0, 3.0, 4.0]);
        let scales = ProtoTensor {
            name: "scales".into(),
            dims: vec![4],
            data_type: FLOAT,
            floats: vec![1.0, 1.0, 1.0, 1.5],
            ..ProtoTensor::default()
        };
        let y = run("Resize", vec![], 10, x, FLOAT, vec![scales]);
        assert_eq!(*y.data(), Data::F32(vec![1.0, 1.0, 2.0, 3.0, 3.0, 4.0]));
    }
}
