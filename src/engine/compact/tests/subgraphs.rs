//! Scans, loops and branches in graphs: what their bodies read of the graphs around them.

use super::super::CompactEngine;
use crate::engine::{Engine, Feed};
#[cfg(feature = "extra")]
use crate::error::Code;
use crate::error::Result;
use crate::onnx::Limits;
use crate::onnx::proto::{Attribute, AttributeValue, Graph, Node};
use crate::onnx::testing::{FLOAT, checked, floats, int, ints, node, value};
#[cfg(feature = "extra")]
use crate::onnx::testing::{INT64, int64s};
use crate::tensor::{Data, Tensor};

#[cfg(feature = "extra")]
const BOOL: i64 = 9;

fn tensor(dims: &[usize], values: &[f32]) -> Tensor {
    Tensor::new(dims.to_vec(), Data::F32(values.to_vec())).unwrap()
}

fn body(name: &str, graph: Graph) -> Attribute {
    Attribute { name: name.into(), value: AttributeValue::Graph(Box::new(graph)) }
}

fn graph(inputs: &[&str], nodes: Vec<Node>, outputs: &[&str]) -> Graph {
    Graph {
        nodes,
        inputs: inputs.iter().map(|name| value(name, FLOAT, None)).collect(),
        outputs: outputs.iter().map(|name| value(name, FLOAT, None)).collect(),
        ..Graph::default()
    }
}

fn load(graph: Graph) -> Result<CompactEngine> {
    CompactEngine::load(&mut checked(graph, 17), Limits::default())
}

fn run(engine: &mut CompactEngine, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    engine.run(&inputs.iter().map(Feed::from).collect::<Vec<_>>())
}

/// Distances of each row to those of a constant that the body reads of the graph around it.
#[test]
fn a_scan_reads_the_graph_around_it() {
    let inner = graph(
        &["row"],
        vec![
            node("Sub", &["train", "row"], &["apart"], vec![]),
            node(
                "ReduceSumSquare",
                &["apart"],
                &["sum"],
                vec![ints("axes", &[1]), int("keepdims", 0)],
            ),
            node("Sqrt", &["sum"], &["distances"], vec![]),
        ],
        &["distances"],
    );
    let mut outer = graph(
        &[],
        vec![node("Scan", &["x"], &["y"], vec![int("num_scan_inputs", 1), body("body", inner)])],
        &["y"],
    );
    outer.inputs = vec![value("x", FLOAT, &[-1, 2][..])];
    outer.initializers = vec![floats("train", &[3, 2], &[0.0, 0.0, 3.0, 4.0, 6.0, 8.0])];
    let mut engine = load(outer).unwrap();
    for (rows, wanted) in [
        (&[0.0, 0.0][..], &[0.0, 5.0, 10.0][..]),
        (&[3.0, 4.0, 0.0, 0.0], &[5.0, 0.0, 5.0, 0.0, 5.0, 10.0]),
        (&[], &[]),
    ] {
        let count = rows.len() / 2;
        let made = run(&mut engine, &[tensor(&[count, 2], rows)]).unwrap();
        assert_eq!(made, [tensor(&[count, 3], wanted)]);
    }
}

/// onnxruntime 1.31.
#[test]
fn a_scan_goes_either_way_along_any_axis() {
    let scan = |length, attributes: Vec<Attribute>| {
        let inner = graph(
            &["s", "x"],
            vec![
                node("Add", &["s", "x"], &["t"], vec![]),
                node("Identity", &["t"], &["o"], vec![]),
            ],
            &["t", "o"],
        );
        let mut all = vec![body("body", inner), int("num_scan_inputs", 1)];
        all.extend(attributes);
        let scan = vec![node("Scan", &["start", "x"], &["sum", "sums"], all)];
        let mut engine = load(graph(&["start", "x"], scan, &["sum", "sums"]))?;
        let x = tensor(&[2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        run(&mut engine, &[tensor(&[length], &vec![0.0; length]), x])
    };
    let made = scan(3, vec![]).unwrap();
    assert_eq!(made[0], tensor(&[3], &[3.0, 5.0, 7.0]));
    assert_eq!(made[1], tensor(&[2, 3], &[0.0, 1.0, 2.0, 3.0, 5.0, 7.0]));
    let backwards = vec![ints("scan_input_axes", &[-1]), ints("scan_input_directions", &[1])];
    let made = scan(2, backwards).unwrap();
    assert_eq!(made[1], tensor(&[3, 2], &[2.0, 5.0, 3.0, 9.0, 3.0, 12.0]));
    let stacked = vec![
        ints("scan_input_axes", &[1]),
        ints("scan_output_axes", &[-1]),
        ints("scan_output_directions", &[1]),
    ];
    let made = scan(2, stacked).unwrap();
    assert_eq!(made[0], tensor(&[2], &[3.0, 12.0]));
    assert_eq!(made[1], tensor(&[2, 3], &[3.0, 1.0, 0.0, 12.0, 7.0, 3.0]));
    for wrong in [
        ints("scan_input_axes", &[2]),
        ints("scan_input_axes", &[0, 0]),
        ints("scan_output_axes", &[5]),
        ints("scan_output_directions", &[2]),
    ] {
        assert!(scan(3, vec![wrong]).is_err());
    }
}

#[cfg(feature = "extra")]
/// `x` is scanned; each step has a branch, and both of its sides read what is outside of the scan
/// (`w`), of the step (`row`) and of the whole graph's input (`x`).
#[test]
fn branches_within_scans_read_all_graphs_around_them() {
    for then_first in [true, false] {
        let branch = |op: &str| {
            let nodes = vec![
                node(op, &["row", "w"], &["r"], vec![]),
                node("ReduceMax", &["x"], &["most"], vec![int("keepdims", 0)]),
                node("Mul", &["r", "most"], &["out"], vec![]),
            ];
            graph(&[], nodes, &["out"])
        };
        let mut sides = vec![
            body("then_branch", branch("Add")),
            body("else_branch", {
                let nodes = vec![node("Sub", &["w", "row"], &["out"], vec![])];
                graph(&[], nodes, &["out"])
            }),
        ];
        if !then_first {
            sides.reverse();
        }
        let mut inner = graph(
            &["row"],
            vec![
                node("Greater", &["row", "zero"], &["positive"], vec![]),
                node("If", &["positive"], &["y"], sides),
            ],
            &["y"],
        );
        inner.initializers = vec![floats("zero", &[], &[0.0])];
        let mut outer = graph(
            &["x", "w"],
            vec![node(
                "Scan",
                &["x"],
                &["ys"],
                vec![body("body", inner), int("num_scan_inputs", 1)],
            )],
            &["ys"],
        );
        outer.inputs = vec![value("x", FLOAT, &[-1][..]), value("w", FLOAT, &[][..])];
        let mut engine = load(outer).unwrap();
        let inputs = [tensor(&[3], &[1.0, -1.0, 2.0]), tensor(&[], &[10.0])];
        let made = run(&mut engine, &inputs).unwrap();
        assert_eq!(made, [tensor(&[3], &[22.0, 11.0, 24.0])]);
    }
}

#[cfg(feature = "extra")]
/// A loop whose state doubles with each step, or stays as it is. It stops by itself, or not.
fn looping(doubles: bool, more: bool) -> Graph {
    let step = match doubles {
        true => node("Concat", &["held", "held"], &["next"], vec![int("axis", 0)]),
        false => node("Identity", &["held"], &["next"], vec![]),
    };
    let mut inner = graph(
        &[],
        vec![
            step,
            node("Mul", &["w", "w"], &["one"], vec![]),
            node("Identity", &[if more { "given" } else { "never" }], &["more"], vec![]),
        ],
        &[],
    );
    inner.inputs =
        vec![value("n", INT64, None), value("given", BOOL, None), value("held", FLOAT, None)];
    inner.outputs =
        vec![value("more", BOOL, None), value("next", FLOAT, None), value("one", FLOAT, None)];
    let attributes = vec![body("body", inner)];
    let mut outer = graph(
        &[],
        vec![
            node("Equal", &["one", "two"], &["never"], vec![]),
            node("Loop", &["count", "", "x"], &["y", "ones"], attributes),
        ],
        &["y", "ones"],
    );
    outer.inputs = vec![value("count", INT64, &[][..]), value("x", FLOAT, &[-1][..])];
    outer.initializers =
        vec![floats("w", &[2], &[2.0, 3.0]), int64s("one", &[], &[1]), int64s("two", &[], &[2])];
    outer
}

#[cfg(feature = "extra")]
#[test]
fn a_loop_runs_as_often_as_told() {
    let mut engine = load(looping(true, true)).unwrap();
    let mut times = |count: i64| {
        let count = Tensor::new(vec![], Data::I64(vec![count])).unwrap();
        run(&mut engine, &[count, tensor(&[1], &[7.0])])
    };
    let made = times(2).unwrap();
    assert_eq!(made, [tensor(&[4], &[7.0; 4]), tensor(&[2, 2], &[4.0, 9.0, 4.0, 9.0])]);
    let made = times(0).unwrap();
    assert_eq!(made, [tensor(&[1], &[7.0]), tensor(&[0, 2], &[])]);
    assert_eq!(times(-1).unwrap()[1].dims(), [0, 2]);
    let endless = [Tensor::new(vec![], Data::I64(vec![i64::MAX])).unwrap(), tensor(&[1], &[7.0])];
    let error = run(&mut load(looping(false, true)).unwrap(), &endless).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded);
    let made = run(&mut load(looping(true, false)).unwrap(), &endless).unwrap();
    assert_eq!(made[0], tensor(&[2], &[7.0; 2]));
}

#[cfg(feature = "extra")]
#[test]
fn only_the_branch_that_is_taken_must_fit() {
    let side =
        |operator: &str| graph(&[], vec![node(operator, &["x", "w"], &["out"], vec![])], &["out"]);
    let mut outer = graph(
        &[],
        vec![node(
            "If",
            &["flag"],
            &["y"],
            vec![body("then_branch", side("Add")), body("else_branch", side("MatMul"))],
        )],
        &["y"],
    );
    outer.inputs = vec![value("x", FLOAT, &[-1, 2][..]), value("flag", BOOL, &[][..])];
    outer.initializers = vec![floats("w", &[1, 2], &[2.0, 3.0])];
    let mut engine = load(outer).unwrap();
    let mut run = |flag| {
        let flag = Tensor::new(vec![], Data::Bool(vec![flag])).unwrap();
        run(&mut engine, &[tensor(&[1, 2], &[1.0, 1.0]), flag])
    };
    assert_eq!(run(true).unwrap(), [tensor(&[1, 2], &[3.0, 4.0])]);
    assert_eq!(run(false).unwrap_err().code(), Code::EngineFailed);
}
