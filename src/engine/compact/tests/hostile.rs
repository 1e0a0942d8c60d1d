//! Graphs that are small in the file and would be without bound in a run.

use std::time::{Duration, Instant};

use super::super::CompactEngine;
use crate::engine::{Engine, Feed};
use crate::error::{Code, Result};
use crate::onnx::Limits;
use crate::onnx::proto::{self, Attribute, AttributeValue, Graph, Node};
use crate::onnx::testing::{FLOAT, INT64, checked, floats, int, int64s, node, value};
use crate::tensor::{Data, Tensor};

const STRING: i64 = 8;
const BOOL: i64 = 9;

fn text(name: &str, text: &str) -> proto::Tensor {
    proto::Tensor {
        name: name.into(),
        dims: vec![1],
        data_type: STRING,
        strings: vec![text.as_bytes().to_vec()],
        ..proto::Tensor::default()
    }
}

fn yes(name: &str) -> proto::Tensor {
    proto::Tensor {
        name: name.into(),
        data_type: BOOL,
        int32s: vec![1],
        ..proto::Tensor::default()
    }
}

fn body(name: &str, graph: Graph) -> Attribute {
    Attribute { name: name.into(), value: AttributeValue::Graph(Box::new(graph)) }
}

/// Loads and runs on one number, within seconds.
fn run(graph: Graph) -> Result<()> {
    let start = Instant::now();
    let limits = Limits { max_tensor_bytes: 1 << 27, ..Limits::default() };
    let made = CompactEngine::load(&mut checked(graph, 21), limits).and_then(|mut engine| {
        let x = Tensor::new(vec![1], Data::F32(vec![1.0])).unwrap();
        engine.run(&[Feed::from(&x)])
    });
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
    made.map(drop)
}

/// A graph of one number `x`; its output is `y`.
fn graph(nodes: Vec<Node>, initializers: Vec<proto::Tensor>, data_type: i64) -> Graph {
    Graph {
        nodes,
        initializers,
        inputs: vec![value("x", FLOAT, &[1][..])],
        outputs: vec![value("y", data_type, None)],
        ..Graph::default()
    }
}

/// `y` out of a chain: each link reads the one before, the first one `first`.
fn chain(first: &str, links: usize, link: impl Fn(&str, &str) -> Node) -> Vec<Node> {
    let name = |index| format!("link{index}");
    (0..links)
        .map(|index| {
            let before = if index == 0 { first.to_owned() } else { name(index - 1) };
            link(&before, &if index + 1 == links { "y".to_owned() } else { name(index) })
        })
        .collect()
}

#[test]
fn constants_that_a_graph_makes_are_bounded() {
    let made: Vec<String> = (0..200).map(|index| format!("made{index}")).collect();
    let made: Vec<&str> = made.iter().map(|name| &**name).collect();
    let shape = int64s("shape", &[1], &[1 << 20]);
    let with = |last: Node, limits: Limits| {
        let expand = |made: &&str| node("Expand", &["one", "shape"], &[made], vec![]);
        let nodes = made.iter().map(expand).chain([last]).collect();
        let graph = graph(nodes, vec![floats("one", &[1], &[1.0]), shape.clone()], FLOAT);
        CompactEngine::load(&mut checked(graph, 21), limits).unwrap()
    };
    let engine = with(node("Sum", &made, &["y"], vec![]), Limits::default());
    let held: usize = engine.plan.constants.iter().map(|(_, tensor)| tensor.data().len()).sum();
    assert!(held > 1 << 24 && held < 1 << 26, "{held}");
    // What is not made before the run is more than it may hold.
    let limits = Limits { max_tensor_bytes: 1 << 28, ..Limits::default() };
    let mut engine = with(node("Sum", &made, &["y"], vec![]), limits);
    let x = Tensor::new(vec![1], Data::F32(vec![1.0])).unwrap();
    assert_eq!(engine.run(&[Feed::from(&x)]).unwrap_err().code(), Code::LimitExceeded);
}

#[test]
fn texts_that_double_are_bounded() {
    let double = |a: &str, y: &str| node("StringConcat", &[a, a], &[y], vec![]);
    let made = run(graph(chain("text", 40, double), vec![text("text", "0123456789")], STRING));
    assert_eq!(made.unwrap_err().code(), Code::LimitExceeded);
    let repeat = |a: &str, y: &str| node("Concat", &[a; 8], &[y], vec![int("axis", 0)]);
    let made = run(graph(chain("text", 12, repeat), vec![text("text", &"a".repeat(1000))], STRING));
    assert_eq!(made.unwrap_err().code(), Code::LimitExceeded);
    for operator in ["Expand", "Tile"] {
        let nodes = vec![node(operator, &["text", "many"], &["y"], vec![])];
        let constants = vec![text("text", &"a".repeat(10_000)), int64s("many", &[1], &[1 << 20])];
        assert!(run(graph(nodes, constants, STRING)).is_err());
    }
}

/// A loop that never ends in a loop that never ends…
fn endless(depth: usize) -> Node {
    let mut inner = Graph {
        inputs: vec![value("step", INT64, &[][..]), value("go", BOOL, &[][..])],
        outputs: vec![value("on", BOOL, None), value("step", INT64, None)],
        initializers: vec![yes("on")],
        ..Graph::default()
    };
    if depth > 0 {
        inner.nodes = vec![endless(depth - 1)];
        inner.outputs[1] = value("y", INT64, None);
    }
    node("Loop", &["", ""], &["y"], vec![body("body", inner)])
}

#[test]
fn loops_in_loops_are_bounded() {
    for depth in [0, 7] {
        let error = run(graph(vec![endless(depth)], vec![], INT64)).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded, "{error}");
    }
}

/// A loop whose states go round, so that their shapes settle late, around others like it.
fn round(depth: usize) -> Node {
    const STATES: usize = 12;
    let names = |prefix: &str| -> Vec<String> {
        (0..STATES).map(|index| format!("{prefix}{depth}_{index}")).collect()
    };
    let (given, made) = (names("in"), names("out"));
    let mut nodes: Vec<Node> = (0..STATES)
        .map(|index| match index {
            0 => node("Concat", &[&*given[STATES - 1]; 2], &[&*made[0]], vec![int("axis", 0)]),
            _ => node("Identity", &[&given[index - 1]], &[&made[index]], vec![]),
        })
        .collect();
    if depth > 0 {
        nodes.push(round(depth - 1));
    }
    let step = [value("step", INT64, &[][..]), value("go", BOOL, &[][..])];
    let inner = Graph {
        inputs: step.into_iter().chain(given.iter().map(|name| value(name, FLOAT, None))).collect(),
        outputs: std::iter::once("on")
            .chain(made.iter().map(|name| &**name))
            .map(|name| value(name, FLOAT, None))
            .collect(),
        initializers: vec![yes("on")],
        nodes,
        ..Graph::default()
    };
    let outputs = names("last");
    let inputs: Vec<&str> = ["", ""].into_iter().chain(["x"; STATES]).collect();
    let outputs: Vec<&str> = outputs.iter().map(|name| &**name).collect();
    node("Loop", &inputs, &outputs, vec![body("body", inner)])
}

#[test]
fn inference_through_loops_in_loops_is_bounded() {
    for depth in [0, 7] {
        let mut nodes = vec![round(depth)];
        nodes.push(node("Identity", &[&format!("last{depth}_0")], &["y"], vec![]));
        let error = run(graph(nodes, vec![], FLOAT)).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded, "{error}");
    }
}

#[test]
fn what_loops_stack_is_bounded() {
    let text = text("long", &"a".repeat(1 << 20));
    let inner = Graph {
        inputs: vec![value("step", INT64, &[][..]), value("go", BOOL, &[][..])],
        outputs: vec![value("on", BOOL, None), value("long", STRING, None)],
        initializers: vec![yes("on"), text],
        ..Graph::default()
    };
    let nodes = vec![node("Loop", &["", ""], &["y"], vec![body("body", inner)])];
    assert_eq!(run(graph(nodes, vec![], STRING)).unwrap_err().code(), Code::LimitExceeded);
}

#[test]
fn an_output_that_is_given_out_often_counts_each_time() {
    let nodes = vec![node("Expand", &["x", "shape"], &["y"], vec![])];
    let mut graph = graph(nodes, vec![int64s("shape", &[1], &[1 << 21])], FLOAT);
    graph.outputs = vec![graph.outputs[0].clone(); 50];
    assert_eq!(run(graph).unwrap_err().code(), Code::LimitExceeded);
}
