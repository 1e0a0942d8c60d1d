//! Small models with known answers, and files that must be refused (`tests/fixtures/README.md`).
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;
use std::path::PathBuf;

use predikt::{Data, LoadOptions, Model, Tensor};
use serde_json::Value;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name))
        .unwrap()
}

fn table(name: &str) -> BTreeMap<String, Value> {
    serde_json::from_slice(&fixture(name)).unwrap()
}

/// Numbers as doubles; texts `NaN` and `Infinity` stand for what JSON cannot write.
fn number(value: &Value) -> f64 {
    match value {
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::String(text) => text.parse().unwrap(),
        value => value.as_f64().unwrap(),
    }
}

fn tensor(json: &Value) -> Tensor {
    let dims =
        json["dims"].as_array().unwrap().iter().map(|dim| dim.as_u64().unwrap() as usize).collect();
    let elements = json["data"].as_array().unwrap();
    if json["type"] == "string" {
        let texts = elements.iter().map(|text| text.as_str().unwrap().to_owned()).collect();
        return Tensor::new(dims, Data::Str(texts)).unwrap();
    }
    let values: Vec<f64> = elements.iter().map(number).collect();
    let data = match json["type"].as_str().unwrap() {
        "float32" => Data::F32(values.iter().map(|v| *v as f32).collect()),
        "float64" => Data::F64(values),
        "int64" => Data::I64(values.iter().map(|v| *v as i64).collect()),
        "uint8" => Data::U8(values.iter().map(|v| *v as u8).collect()),
        "bool" => Data::Bool(values.iter().map(|v| *v != 0.0).collect()),
        other => panic!("no fixture needs {other} yet"),
    };
    Tensor::new(dims, data).unwrap()
}

fn assert_close(got: &Tensor, want: &Tensor, what: &str) {
    assert_eq!((got.data_type(), got.dims()), (want.data_type(), want.dims()), "{what}");
    let near = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-6 + 1e-5 * b.abs();
    let close = match (got.data(), want.data()) {
        (Data::F32(a), Data::F32(b)) => {
            a.iter().zip(b).all(|(a, b)| near(f64::from(*a), f64::from(*b)))
        }
        (Data::F64(a), Data::F64(b)) => a.iter().zip(b).all(|(a, b)| near(*a, *b)),
        (a, b) => a == b,
    };
    assert!(close, "{what}: {got:?} instead of {want:?}");
}

#[test]
fn valid_models_answer_as_onnx_does() {
    for (name, entry) in table("expected.json") {
        let mut model = Model::load(&fixture(&name), LoadOptions::default())
            .unwrap_or_else(|error| panic!("{name}: {error} {:?}", error.details()));
        for (index, case) in entry["cases"].as_array().unwrap().iter().enumerate() {
            let what = format!("{name}, case {index}");
            let feeds: Vec<(String, Tensor)> = case["inputs"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, json)| (name.clone(), tensor(json)))
                .collect();
            let outputs = model.run(&feeds).unwrap_or_else(|error| panic!("{what}: {error}"));
            let wanted = case["outputs"].as_object().unwrap();
            assert_eq!(outputs.len(), wanted.len(), "{what}");
            for (name, got) in &outputs {
                assert_close(got, &tensor(&wanted[name]), &format!("{what}, {name}"));
            }
        }
    }
}

/// `tensor` again and again along its first dimension, until it has `rows` rows.
fn tiled(tensor: &Tensor, rows: usize) -> Tensor {
    let width = tensor.data().len() / tensor.dims()[0];
    let source = tensor.data();
    let mut data = Data::with_capacity(tensor.data_type(), rows * width);
    for row in 0..rows {
        let start = row % tensor.dims()[0] * width;
        assert!(data.extend_from(source, start..start + width));
    }
    let dims = [&[rows], &tensor.dims()[1..]].concat();
    Tensor::new(dims, data).unwrap()
}

#[test]
fn mixed_graphs_take_any_number_of_rows() {
    for (name, entry) in table("expected.json") {
        if !name.starts_with("mixed_") {
            continue;
        }
        let mut model = Model::load(&fixture(&name), LoadOptions::default()).unwrap();
        let case = entry["cases"].as_array().unwrap().last().unwrap();
        for rows in [1, 7, 1000, 3] {
            let feeds: Vec<(String, Tensor)> = case["inputs"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, json)| (name.clone(), tiled(&tensor(json), rows)))
                .collect();
            for (output, got) in &model.run(&feeds).unwrap() {
                let want = tiled(&tensor(&case["outputs"][output]), rows);
                assert_close(got, &want, &format!("{name}, {rows} rows, {output}"));
            }
        }
    }
}

/// A plan that is kept for a shape starts each run anew.
#[test]
fn recurrent_layers_forget_the_run_before() {
    let bytes = fixture("mixed_scaler_lstm.onnx");
    let mut model = Model::load(&bytes, LoadOptions::default()).unwrap();
    let mut answer = |values: [f64; 6]| model.predict(&values).unwrap().values.clone();
    let first = answer([0.5, 1.0, -1.0, 2.0, 3.0, -4.0]);
    let other = answer([9.0, -7.0, 4.0, 4.0, -3.0, 2.0]);
    assert_ne!(first, other);
    assert_eq!(answer([0.5, 1.0, -1.0, 2.0, 3.0, -4.0]), first);
}

#[test]
fn other_files_are_refused_by_name() {
    for (name, entry) in table("refusals.json") {
        let error = match Model::load(&fixture(&name), LoadOptions::default()) {
            Ok(_) => panic!("{name} was loaded"),
            Err(error) => error,
        };
        assert_eq!(error.code().as_str(), entry["code"], "{name}: {error}");
        for word in entry["mentions"].as_array().unwrap() {
            let word = word.as_str().unwrap();
            assert!(
                error.message().to_lowercase().contains(&word.to_lowercase()),
                "{name}: {error} lacks {word}"
            );
        }
    }
}

/// No cut and no flipped byte of a model may panic, hang or be taken for another error than ours.
#[test]
fn damaged_files_are_errors() {
    let whole = fixture("../../models/iris/1/model.onnx");
    for length in 0..whole.len() {
        let _ = Model::load(&whole[..length], LoadOptions::default());
    }
    for position in 0..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[position] ^= flip;
            let _ = Model::load(&bytes, LoadOptions::default());
        }
    }
}
