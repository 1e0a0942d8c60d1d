//! Files that are small, or as large as they may be, and would take for ever to read.

use std::time::{Duration, Instant};

use super::Limits;
use super::proto::*;
use super::testing::{FLOAT, ints, node, value};
use super::{guard, inline, rewrite, roles};
use crate::error::Code;

fn quick<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let made = work();
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
    made
}

fn model(graph: Graph, functions: Vec<Function>) -> Model {
    let opsets = vec![(String::new(), 21)];
    Model { graph: Some(graph), opsets, functions, ..Model::default() }
}

/// What a call gives to a function counts as often as the function uses it.
#[test]
fn functions_do_not_multiply_what_they_are_given() {
    let large = AttributeValue::Floats(vec![0.0; 1 << 20]);
    let given = Attribute { name: "large".into(), value: large };
    let reference = AttributeValue::Reference("large".into());
    let used = Attribute { name: "value_floats".into(), value: reference };
    let call = Node { domain: "local".into(), ..node("call", &[], &["y"], vec![given]) };
    let function = Function {
        domain: "local".into(),
        name: "call".into(),
        outputs: vec!["y".into()],
        nodes: (0..10_000)
            .map(|index| node("Constant", &[], &[&format!("v{index}")], vec![used.clone()]))
            .collect(),
        ..Function::default()
    };
    let graph = Graph { nodes: vec![call], ..Graph::default() };
    let error = quick(|| {
        let limits = Limits { max_tensor_bytes: 1 << 26, ..Limits::default() };
        inline::functions(&mut model(graph, vec![function]), &limits).unwrap_err()
    });
    assert_eq!(error.code(), Code::LimitExceeded);
}

#[test]
fn long_names_of_functions_count() {
    let name = "f".repeat(1 << 16);
    let call = Node { domain: "local".into(), ..node(&name, &[], &["y"], vec![]) };
    let function = Function {
        domain: "local".into(),
        name,
        outputs: vec!["y".into()],
        nodes: (0..10_000).map(|index| node("A", &[], &[&format!("v{index}")], vec![])).collect(),
        ..Function::default()
    };
    let graph = Graph { nodes: vec![call], ..Graph::default() };
    let limits = Limits { max_tensor_bytes: 1 << 26, ..Limits::default() };
    let error = inline::functions(&mut model(graph, vec![function]), &limits).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded);
}

#[test]
fn many_attributes_and_many_subgraphs_are_read_in_time() {
    let attributes = (0..100_000).map(|index| ints(&format!("a{index}"), &[])).collect();
    let names: Vec<String> = (0..100_000).map(|index| format!("x{index}")).collect();
    let branch =
        |name: &str| Attribute { name: name.into(), value: AttributeValue::Graph(Box::default()) };
    let mut nodes = vec![node("A", &[], &["y"], attributes)];
    for index in 0..2000 {
        let branches = vec![branch("else_branch"), branch("then_branch")];
        nodes.push(node("If", &["x0"], &[&format!("if{index}")], branches));
    }
    let graph = Graph {
        nodes,
        inputs: names.iter().map(|name| value(name, FLOAT, None)).collect(),
        outputs: vec![value("y", FLOAT, None)],
        ..Graph::default()
    };
    quick(|| guard::check(&model(graph, vec![]), &Limits::default())).unwrap();
}

#[test]
fn what_follows_from_outputs_is_found_in_time() {
    let keys: Vec<i64> = (0..200_000).rev().collect();
    let encoder = node(
        "ai.onnx.ml.LabelEncoder",
        &["x"],
        &["label"],
        vec![ints("keys_int64s", &keys), ints("values_int64s", &keys)],
    );
    let graph =
        Graph { nodes: vec![encoder], outputs: vec![value("label", 7, None)], ..Graph::default() };
    let signature = quick(|| roles::read(&graph, &vec![]).0);
    assert_eq!(signature.classes.unwrap().len(), 200_000);

    // A list of labels behind a long chain.
    let name = |index: usize| format!("c{index}");
    let mut nodes: Vec<Node> = (0..50_000)
        .map(|index| node("Identity", &[&name(index)], &[&name(index + 1)], vec![]))
        .collect();
    nodes.push(node("Gather", &[&name(50_000), "x"], &["label"], vec![]));
    let outputs = vec![value("label", 7, None)];
    let graph = Graph { nodes, outputs, ..Graph::default() };
    assert!(quick(|| roles::read(&graph, &vec![]).0).classes.is_none());

    let name = |index: usize| format!("s{index}");
    let mut graph = Graph {
        nodes: (0..20_000)
            .map(|index| node("SequenceConstruct", &["x"], &[&name(index)], vec![]))
            .collect(),
        outputs: (0..20_000)
            .map(|index| ValueInfo {
                name: name(index),
                kind: ValueKind::Sequence { data_type: FLOAT },
            })
            .collect(),
        ..Graph::default()
    };
    quick(|| rewrite::sequences(&mut graph));
    assert_eq!((graph.outputs.len(), graph.nodes.len()), (20_000, 20_000));
    assert!(graph.nodes.iter().all(|node| node.op_type == "Identity"));
}
