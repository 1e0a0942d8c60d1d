//! The engine's own duties: free batches, constants, what is unused, limits, messages.

mod differential;
#[cfg(feature = "extra")]
mod hostile;
mod subgraphs;

use super::CompactEngine;
use crate::engine::{Engine, Feed};
use crate::error::{Code, Result};
use crate::onnx::Limits;
use crate::onnx::proto::{Graph, Node};
use crate::onnx::testing::{FLOAT, INT64, checked, floats, int, int64s, ints, node, value};
use crate::tensor::{Data, Tensor};

fn load(graph: Graph) -> Result<CompactEngine> {
    CompactEngine::load(&mut checked(graph, 17), Limits::default())
}

fn rows(count: usize) -> Tensor {
    let values = (0..3 * count).map(|value| value as f32).collect();
    Tensor::new(vec![count, 3], Data::F32(values)).unwrap()
}

/// `x` of shape rows × 3 through `nodes` to `y`, with a shape `[-1]` and a vector at hand.
fn graph(nodes: Vec<Node>) -> Graph {
    Graph {
        nodes,
        initializers: vec![int64s("flat", &[1], &[-1]), floats("w", &[3], &[1.0, 2.0, 3.0])],
        inputs: vec![value("x", FLOAT, &[-1, 3][..])],
        outputs: vec![value("y", FLOAT, None)],
        ..Graph::default()
    }
}

#[test]
fn any_number_of_rows_runs_on_one_plan() {
    let mut engine = load(graph(vec![
        node("Transpose", &["x"], &["same"], vec![ints("perm", &[0, 1])]),
        node("Reshape", &["same", "flat"], &["y"], vec![]),
    ]))
    .unwrap();
    for count in [1, 7, 1000, 0, 2] {
        let input = rows(count);
        let output = engine.run(&[Feed::from(&input)]).unwrap().remove(0);
        assert_eq!(output.dims(), [3 * count]);
        assert_eq!(output.data(), input.data());
    }
}

#[test]
fn what_is_constant_or_unused_does_not_run() {
    let engine = load(graph(vec![
        node("Identity", &["w"], &["constant"], vec![]),
        node("Identity", &["x"], &["unused"], vec![]),
        node("Concat", &["constant", "w"], &["y"], vec![int("axis", 0)]),
    ]))
    .unwrap();
    assert!(engine.plan.steps.is_empty());
    let mut engine = engine;
    let output = engine.run(&[Feed::from(&rows(2))]).unwrap().remove(0);
    assert_eq!(*output.data(), Data::F32(vec![1.0, 2.0, 3.0, 1.0, 2.0, 3.0]));
}

#[test]
fn what_has_no_effect_does_not_run() {
    let mut passing = graph(vec![
        node("Identity", &["x"], &["same"], vec![]),
        node("Neg", &["same"], &["y"], vec![]),
        node("Cast", &["y"], &["z"], vec![int("to", FLOAT)]),
    ]);
    passing.outputs = ["z", "y", "same", "x", "w"].map(|name| value(name, FLOAT, None)).into();
    let mut engine = load(passing).unwrap();
    assert_eq!(engine.plan.steps.len(), 1);
    for count in [2, 3, 1] {
        let x = rows(count);
        let outputs = engine.run(&[Feed::from(&x)]).unwrap();
        assert_eq!(outputs[0], outputs[1]);
        assert_eq!(outputs[2..4], [x.clone(), x]);
        assert_eq!(outputs[4].dims(), [3]);
    }
}

#[test]
fn an_error_names_node_and_operator() {
    let error = load(graph(vec![node("Twist", &["x"], &["y"], vec![])])).unwrap_err();
    assert_eq!(error.code(), Code::OpUnsupported);
    assert!(error.message().contains("Twist") && error.message().contains("`y`"), "{error}");
    assert!(error.details().contains_key("operator"));

    let unread = vec![int("speed", 3)];
    let error = load(graph(vec![node("Identity", &["x"], &["y"], unread)])).unwrap_err();
    assert_eq!(error.code(), Code::OpUnsupported);
    assert!(error.message().contains("`speed`"), "{error}");
}

#[test]
fn an_output_has_the_type_that_is_declared() {
    let mut wrong = graph(vec![node("Identity", &["x"], &["y"], vec![])]);
    wrong.outputs = vec![value("y", INT64, None)];
    assert_eq!(load(wrong).unwrap_err().code(), Code::ModelInvalid);
}

#[test]
fn memory_is_bounded() {
    let limits = Limits { max_tensor_bytes: 1000, ..Limits::default() };
    let mut checked = checked(graph(vec![node("Neg", &["x"], &["y"], vec![])]), 17);
    let mut engine = CompactEngine::load(&mut checked, limits).unwrap();
    assert!(engine.run(&[Feed::from(&rows(80))]).is_ok());
    let error = engine.run(&[Feed::from(&rows(100))]).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded);
}
