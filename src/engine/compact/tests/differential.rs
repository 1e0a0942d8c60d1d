//! What runs in kept memory, folded and fused, equals the plain interpreter bit for bit: on every
//! classical fixture, and on generated graphs.

use std::sync::Arc;

use super::super::budget::Budget;
use super::super::{CompactEngine, build, plain};
use crate::engine::{Engine, Feed};
use crate::error::Result;
use crate::onnx::proto::{Attribute, AttributeValue, Graph, Node};
use crate::onnx::testing::{FLOAT, INT64, STRING, checked, floats, int, int64s, ints, node, value};
use crate::onnx::{Checked, Dimension, Limits, Slot};
use crate::tensor::{Data, DataType, Tensor};

/// Numbers that are the same at every run of the tests.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn number(&mut self) -> f64 {
        match self.below(40) {
            0 => f64::NAN,
            1 => 0.0,
            _ => self.below(2000) as f64 / 100.0 - 5.0,
        }
    }

    fn tensor(&mut self, kind: DataType, dims: Vec<usize>) -> Tensor {
        let count = dims.iter().product();
        let texts = ["a", "female", "Lima", "a word or two", "", "small"];
        let data = match kind {
            DataType::Float64 => Data::F64((0..count).map(|_| self.number()).collect()),
            DataType::Int64 => Data::I64((0..count).map(|_| self.below(5) as i64).collect()),
            DataType::Int32 => Data::I32((0..count).map(|_| self.below(5) as i32).collect()),
            DataType::Bool => Data::Bool((0..count).map(|_| self.below(2) == 0).collect()),
            DataType::String => {
                Data::Str((0..count).map(|_| texts[self.below(texts.len())].to_owned()).collect())
            }
            _ => Data::F32((0..count).map(|_| self.number() as f32).collect()),
        };
        Tensor::new(dims, data).unwrap()
    }

    /// An input of `rows` rows.
    fn input(&mut self, slot: &Slot, rows: usize) -> Tensor {
        let dims = slot.shape.iter().flatten().enumerate().map(|(axis, dim)| match dim {
            Dimension::Fixed(length) => *length as usize,
            _ if axis == 0 => rows,
            _ => 3,
        });
        let dims = dims.collect();
        self.tensor(slot.data_type, dims)
    }
}

/// Equal to the bit, but for which NaN it is.
fn same(a: &Tensor, b: &Tensor) -> bool {
    let floats = |a: &[f64], b: &[f64]| {
        a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()))
    };
    let wide = |values: &[f32]| values.iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
    a.dims() == b.dims()
        && match (a.data(), b.data()) {
            (Data::F32(a), Data::F32(b)) => floats(&wide(a), &wide(b)),
            (Data::F64(a), Data::F64(b)) => floats(a, b),
            (a, b) => a == b,
        }
}

/// Runs a graph on several numbers of rows one after the other, and answers how many runs gave an
/// answer.
fn compare(name: &str, checked: &Checked, random: &mut Random) -> usize {
    let Ok(mut engine) = CompactEngine::load(&mut checked.clone(), Limits::default()) else {
        return 0;
    };
    let mut graph = checked.model.graph.clone().unwrap();
    let budget = Arc::new(Budget::new(u64::MAX));
    let plan = build::graph(&mut graph, &checked.model.opsets, &budget).unwrap();
    let mut answers = 0;
    for rows in [1, 5, 1, 2, 40, 3] {
        let inputs: Vec<Tensor> =
            checked.signature.inputs.iter().map(|slot| random.input(slot, rows)).collect();
        let feeds: Vec<Feed<'_>> = inputs.iter().map(Feed::from).collect();
        budget.begin();
        let got: Result<Vec<Tensor>> = engine.run(&feeds);
        let want = plain::run(&plan, &inputs);
        match (got, want) {
            (Ok(got), Ok(want)) => {
                assert_eq!(got.len(), want.len(), "{name}");
                for (got, want) in got.iter().zip(&want) {
                    assert!(same(got, want), "{name}, {rows} rows: {got:?} is not {want:?}");
                }
                answers += 1;
            }
            (Err(_), Err(_)) => {}
            (got, want) => panic!("{name}, {rows} rows: {got:?}, and plainly {want:?}"),
        }
    }
    answers
}

#[test]
fn every_fixture() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/models");
    let mut random = Random(0x1234_5678_9abc_def1);
    let (mut models, mut answered) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(path.join("model.onnx")) else { continue };
        let Ok(checked) = crate::onnx::read(&bytes, &Limits::default()) else { continue };
        models += 1;
        answered += usize::from(compare(&path.display().to_string(), &checked, &mut random) > 0);
    }
    assert!(answered * 10 > models * 9, "{answered} of {models}");
}

/// A node over values that are matrices of rows × 3, with what it makes of them.
fn step(random: &mut Random, values: &[String], name: &str) -> Node {
    let pick = |random: &mut Random| values[random.below(values.len())].clone();
    let (a, b) = (pick(random), pick(random));
    let (a, b) = (&*a, &*b);
    match random.below(16) {
        0 => node("Identity", &[a], &[name], vec![]),
        1 => node("Cast", &[a], &[name], vec![int("to", FLOAT)]),
        2 => node("Add", &[a, b], &[name], vec![]),
        3 => node("Sub", &[a, "w"], &[name], vec![]),
        4 => node("Mul", &[a, "two"], &[name], vec![]),
        5 => node("Div", &[b, a], &[name], vec![]),
        6 => node("Neg", &[a], &[name], vec![]),
        7 => node("Relu", &[a], &[name], vec![]),
        8 => node("Reshape", &[a, "rows"], &[name], vec![]),
        9 => node("Flatten", &[a], &[name], vec![int("axis", 1)]),
        10 => node("MatMul", &[a, "square"], &[name], vec![]),
        11 => node("Softmax", &[a], &[name], vec![int("axis", 1)]),
        12 => node("Gather", &[a, "order"], &[name], vec![int("axis", 1)]),
        13 if cfg!(feature = "extra") => node("Dropout", &[a], &[name], vec![]),
        14 => node("Transpose", &[a], &[name], vec![ints("perm", &[0, 1])]),
        _ => node("Sum", &[a, b, "w"], &[name], vec![]),
    }
}

#[test]
fn generated_graphs() {
    let mut random = Random(0xfeed_beef_cafe_0001);
    for number in 0..200 {
        let mut names = vec!["x".to_owned(), "z".to_owned()];
        let mut graph = Graph {
            initializers: vec![
                floats("w", &[3], &[1.0, -2.0, 3.0]),
                floats("two", &[], &[2.0]),
                floats("square", &[3, 3], &[1.0, 0.5, 0.0, -1.0, 2.0, 1.5, 0.25, 3.0, -2.0]),
                int64s("rows", &[2], &[-1, 3]),
                int64s("order", &[3], &[2, 0, 1]),
            ],
            inputs: vec![value("x", FLOAT, &[-1, 3][..]), value("z", FLOAT, &[-1, 3][..])],
            ..Graph::default()
        };
        for index in 0..1 + random.below(15) {
            let name = format!("v{index}");
            graph.nodes.push(step(&mut random, &names, &name));
            names.push(name);
        }
        for index in 0..1 + random.below(3) {
            let name = &names[names.len() - 1 - random.below(names.len().min(4))];
            if index == 0 || graph.outputs.iter().all(|output| output.name != *name) {
                graph.outputs.push(value(name, FLOAT, None));
            }
        }
        let checked = checked(graph, 17);
        assert_eq!(compare(&format!("graph {number}"), &checked, &mut random), 6);
    }
}

fn texts(name: &str, values: &[String]) -> Attribute {
    let values = values.iter().map(|value| value.clone().into_bytes()).collect();
    Attribute { name: name.into(), value: AttributeValue::Strings(values) }
}

/// Counts of words through `changes` into a linear model of two classes; `spare` outputs besides.
fn counted(changes: Vec<Node>, last: &str, spare: &[&'static str]) -> Checked {
    const WORDS: usize = 21;
    let words: Vec<String> = (0..WORDS).map(|word| format!("word{word}")).collect();
    let numbers = |count| (0..count).map(|n| (n * 7 % 11) as f32 / 3.0 - 1.5).collect::<Vec<_>>();
    let columns: Vec<i64> = (0..WORDS as i64).collect();
    let floats_of = |name: &str, values: Vec<f32>| Attribute {
        name: name.into(),
        value: AttributeValue::Floats(values),
    };
    let mut nodes = vec![node(
        "TfIdfVectorizer",
        &["x"],
        &["counts"],
        vec![
            texts("pool_strings", &words),
            Attribute { name: "mode".into(), value: AttributeValue::String(b"TF".to_vec()) },
            int("min_gram_length", 1),
            int("max_gram_length", 1),
            int("max_skip_count", 0),
            ints("ngram_counts", &[0]),
            ints("ngram_indexes", &columns),
        ],
    )];
    nodes.extend(changes);
    nodes.push(node(
        "ai.onnx.ml.LinearClassifier",
        &[last],
        &["label", "scores"],
        vec![
            floats_of("coefficients", numbers(2 * WORDS)),
            floats_of("intercepts", numbers(2)),
            ints("classlabels_ints", &[3, 4]),
        ],
    ));
    let mut outputs = vec![value("label", INT64, None), value("scores", FLOAT, None)];
    outputs.extend(spare.iter().map(|name| value(name, FLOAT, None)));
    let graph = Graph {
        nodes,
        initializers: vec![floats("idf", &[1, WORDS as i64], &numbers(WORDS))],
        inputs: vec![value("x", STRING, &[-1, 4][..])],
        outputs,
        ..Graph::default()
    };
    checked(graph, 17)
}

#[test]
fn words_reach_a_linear_model_without_zeros() {
    let times = || node("Mul", &["counts", "idf"], &["weighed"], vec![]);
    let unit = |input: &str, output: &str| {
        node(
            "ai.onnx.ml.Normalizer",
            &[input],
            &[output],
            vec![Attribute { name: "norm".into(), value: AttributeValue::String(b"L2".to_vec()) }],
        )
    };
    for (changes, last, spare, steps) in [
        (vec![], "counts", &[][..], 1),
        (vec![times(), unit("weighed", "unit")], "unit", &[], 1),
        (vec![unit("counts", "first"), unit("first", "unit")], "unit", &[], 4),
        (vec![times()], "weighed", &["weighed"], 3),
        (vec![node("Neg", &["counts"], &["less"], vec![])], "less", &[], 3),
    ] {
        let checked = counted(changes, last, spare);
        let mut engine = CompactEngine::load(&mut checked.clone(), Limits::default()).unwrap();
        assert_eq!(engine.plan.steps.len(), steps, "{last}");
        let plain = {
            let graph = checked.model.graph.as_ref().unwrap();
            let budget = Arc::new(Budget::new(u64::MAX));
            build::graph(&mut graph.clone(), &checked.model.opsets, &budget).unwrap()
        };
        for rows in [1, 5, 0] {
            let words = (0..rows * 4).map(|n| format!("word{}", n * n % 23)).collect();
            let x = Tensor::new(vec![rows, 4], Data::Str(words)).unwrap();
            let wanted = plain::run(&plain, std::slice::from_ref(&x)).unwrap();
            let got = engine.run(&[Feed::from(&x)]).unwrap();
            assert!(wanted.iter().zip(&got).all(|(a, b)| same(a, b)), "{wanted:?} {got:?}");
        }
    }
}

/// A scaler, a linear model of three classes and a normalizer of its scores; `spare` outputs besides.
fn scaled(width: usize, spare: &[&'static str]) -> Checked {
    let numbers = |count| (0..count).map(|n| (n * 7 % 11) as f32 / 3.0 - 1.5).collect::<Vec<_>>();
    let attribute = |name: &str, value| Attribute { name: name.into(), value };
    let list = |name: &str, count| attribute(name, AttributeValue::Floats(numbers(count)));
    let text = |name: &str, text: &str| attribute(name, AttributeValue::String(text.into()));
    let nodes = vec![
        node(
            "ai.onnx.ml.Scaler",
            &["x"],
            &["scaled"],
            vec![list("offset", width), list("scale", width)],
        ),
        node(
            "ai.onnx.ml.LinearClassifier",
            &["scaled"],
            &["label", "scores"],
            vec![
                list("coefficients", 3 * width),
                list("intercepts", 3),
                ints("classlabels_ints", &[3, 4, 5]),
                text("post_transform", "LOGISTIC"),
            ],
        ),
        node("ai.onnx.ml.Normalizer", &["scores"], &["shares"], vec![text("norm", "L1")]),
    ];
    let mut outputs = vec![value("label", INT64, None), value("shares", FLOAT, None)];
    outputs.extend(spare.iter().map(|name| value(name, FLOAT, None)));
    let dims: &'static [i64] = if width == 5 { &[-1, 5] } else { &[-1, 20] };
    let inputs = vec![value("x", FLOAT, dims)];
    checked(Graph { nodes, inputs, outputs, ..Graph::default() }, 17)
}

#[test]
fn a_linear_model_scales_and_normalizes() {
    let mut random = Random(7);
    for (width, spare, steps) in [
        (5, &[][..], 1),
        (20, &[], 2),
        (5, &["scaled"], 2),
        (5, &["scores"], 2),
        (5, &["scaled", "scores"], 3),
    ] {
        let checked = scaled(width, spare);
        let engine = CompactEngine::load(&mut checked.clone(), Limits::default()).unwrap();
        assert_eq!(engine.plan.steps.len(), steps, "{width} {spare:?}");
        assert!(compare("scaled", &checked, &mut random) > 0);
    }
}
