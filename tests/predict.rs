//! `predict` over models of every layout, and every wrong shape and type.
#![cfg(not(target_arch = "wasm32"))]

use std::path::PathBuf;

use predikt::engine::EngineKind;
use predikt::{Class, Code, Data, LoadOptions, Model, Tensor, Value};

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name))
        .unwrap()
}

fn load(name: &str) -> Model {
    Model::load(&bytes(name), LoadOptions::default()).unwrap()
}

fn iris() -> Model {
    load("../../models/iris/1/model.onnx")
}

fn code<T>(result: predikt::Result<T>) -> Code {
    match result {
        Ok(_) => panic!("it was taken"),
        Err(error) => error.code(),
    }
}

#[test]
fn batches_of_any_size_work_on_one_model() {
    let mut model = iris();
    let row = [5.1, 3.5, 1.4, 0.2];
    for rows in [1usize, 7, 1000, 1, 2, 3, 4, 5, 6, 8, 9, 10] {
        let answer = model.predict(&row.repeat(rows)).unwrap();
        assert_eq!(answer.values, vec![0.0; rows]);
        assert_eq!(answer.probabilities.len(), 3 * rows);
    }
}

#[test]
fn a_wrong_number_of_values_is_said_so() {
    let mut model = iris();
    for values in [0usize, 1, 3, 5, 7] {
        assert_eq!(code(model.predict(&vec![1.0; values])), Code::InputShape, "{values}");
    }
    assert_eq!(code(model.reserve(1, 5)), Code::InputShape);
    assert_eq!(code(model.reserve(usize::MAX, 4)), Code::LimitExceeded);
    assert_eq!(code(load("two_free.onnx").reserve(1, 0)), Code::InputShape);
    model.reserve(2, 4).unwrap();
    assert_eq!(code(model.predict_reserved(3)), Code::InputShape);
    assert_eq!(code(model.predict_reserved(0)), Code::InputShape);
    assert!(model.predict_reserved(2).is_ok());
}

#[test]
fn one_input_a_column_makes_a_row() {
    let mut model = load("columns.onnx");
    let names = model.signature().features.clone().unwrap();
    assert_eq!(names, ["sepal_length", "sepal_width", "petal_length", "petal_width"]);
    let two = model.predict(&[5.1, 3.5, 1.4, 0.2, 6.7, 3.0, 5.2, 2.3]).unwrap().values.clone();
    let one = model.predict(&[6.7, 3.0, 5.2, 2.3]).unwrap().values.clone();
    assert_eq!(two[1..], one[..]);
}

#[test]
fn a_fixed_batch_is_run_as_often_as_needed() {
    let mut model = load("fixed_batch.onnx");
    let one = model.predict(&[1.0, 2.0, 3.0, 4.0]).unwrap().clone();
    let three = model.predict(&[1.0, 2.0, 3.0, 4.0].repeat(3)).unwrap();
    assert_eq!(three.values, one.values.repeat(3));
    assert_eq!(three.columns, one.columns);
}

#[test]
fn integer_inputs_take_whole_numbers_only() {
    let mut model = load("int_input.onnx");
    assert!(model.predict(&[1.0, -2.0]).is_ok());
    for wrong in [0.5, f64::NAN, f64::INFINITY, 1e300] {
        assert_eq!(code(model.predict(&[1.0, wrong])), Code::InputType, "{wrong}");
    }
}

#[test]
fn integer_labels_come_out_as_integers() {
    let mut model = load("int_label.onnx");
    let answer = model.predict(&[0.1, 0.9, 0.3, 2.0, 1.0, 0.0]).unwrap();
    assert_eq!(answer.values, [1.0, 0.0]);
    assert_eq!(answer.classes, 3);
    let x = Tensor::new(vec![1, 3], Data::F32(vec![0.1, 0.9, 0.3])).unwrap();
    let input = model.signature().inputs[0].name.clone();
    let outputs = model.run(&[(input, x)]).unwrap();
    assert!(outputs.iter().any(|(_, tensor)| *tensor.data() == Data::I64(vec![1])));
}

#[test]
fn a_double_model_keeps_its_precision() {
    let mut model = load("double.onnx");
    let answer = model.predict(&[0.1, 0.2, 0.3]).unwrap();
    assert!(answer.values.iter().any(|value| f64::from(*value as f32) != *value));
}

#[test]
fn class_names_make_a_network_a_classifier() {
    let classes = ["low", "mid", "high"].map(|name| Class::Text(name.into()));
    let options = |classes: &[Class]| LoadOptions {
        classes: Some(classes.to_vec()),
        ..LoadOptions::default()
    };
    let mut model = Model::load(&bytes("softmax.onnx"), options(&classes)).unwrap();
    let answer = model.predict(&[1.0, 2.0, 3.0, 4.0]).unwrap();
    assert!(answer.is_class);
    let best = answer.values[0] as usize;
    assert!(answer.probabilities.iter().all(|p| *p <= answer.probabilities[best]));
    assert_eq!(
        code(Model::load(&bytes("softmax.onnx"), options(&classes[..2]))),
        Code::OptionsInvalid
    );
}

#[test]
fn a_classifiers_labels_take_other_names() {
    let names = ["setosa", "versicolor", "virginica"].map(|name| Class::Text(name.into()));
    let iris = bytes("../../models/iris/1/model.onnx");
    let options = |classes: &[Class]| LoadOptions {
        classes: Some(classes.to_vec()),
        ..LoadOptions::default()
    };
    let mut model = Model::load(&iris, options(&names)).unwrap();
    let answer = model.predict(&[6.7, 3.0, 5.2, 2.3]).unwrap();
    assert_eq!((answer.is_class, answer.values.as_slice()), (true, &[2.0][..]));
    assert_eq!(code(Model::load(&iris, options(&names[..2]))), Code::OptionsInvalid);
}

#[test]
fn feature_names_must_fit_the_row() {
    let options = |names: &[&str]| LoadOptions {
        features: Some(names.iter().map(ToString::to_string).collect()),
        ..LoadOptions::default()
    };
    let iris = bytes("../../models/iris/1/model.onnx");
    assert!(Model::load(&iris, options(&["a", "b", "c", "d"])).is_ok());
    assert_eq!(code(Model::load(&iris, options(&["a", "b", "c"]))), Code::OptionsInvalid);
    assert_eq!(code(Model::load(&iris, options(&["a", "b", "c", "a"]))), Code::OptionsInvalid);
}

#[test]
fn models_that_take_no_rows_say_to_use_run() {
    let mut model = load("shape_input.onnx");
    let Err(error) = model.predict(&[1.0; 6]) else { panic!("a shape was taken for features") };
    assert_eq!(error.code(), Code::InputShape);
    assert!(error.message().contains("`run`"), "{error}");
}

#[test]
fn a_free_width_is_the_callers() {
    let mut model = load("two_free.onnx");
    assert_eq!(model.predict(&[1.0, 3.0]).unwrap().values, [2.0]);
    model.reserve(2, 3).unwrap();
    let Some(Data::F32(values)) = model.buffer(0) else { panic!("float32 was expected") };
    values.copy_from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(model.predict_reserved(2).unwrap().values, [2.0, 5.0]);
}

#[test]
fn named_tensors_are_checked_one_by_one() {
    let mut model = load("add.onnx");
    let tensor = |dims: &[usize]| {
        Tensor::new(dims.to_vec(), Data::F32(vec![1.0; dims.iter().product()])).unwrap()
    };
    let feed = |name: &str, tensor: Tensor| (name.to_owned(), tensor);
    let good = || feed("a", tensor(&[2, 3]));
    assert_eq!(code(model.run(&[good()])), Code::InputMissing);
    assert_eq!(code(model.run(&[good(), feed("c", tensor(&[2, 3]))])), Code::InputUnknown);
    assert_eq!(code(model.run(&[good(), feed("b", tensor(&[2, 4]))])), Code::InputShape);
    assert_eq!(code(model.run(&[good(), feed("b", tensor(&[6]))])), Code::InputShape);
    let doubles = Tensor::new(vec![2, 3], Data::F64(vec![1.0; 6])).unwrap();
    assert_eq!(code(model.run(&[good(), feed("b", doubles)])), Code::InputType);
    let outputs = model.run(&[good(), feed("b", tensor(&[2, 3]))]).unwrap();
    assert_eq!(outputs[0].1, Tensor::new(vec![2, 3], Data::F32(vec![2.0; 6])).unwrap());
}

#[test]
fn the_engine_that_is_asked_for_runs() {
    for engine in [EngineKind::Auto, EngineKind::Compact, EngineKind::Tract] {
        let options = || LoadOptions { engine, ..LoadOptions::default() };
        let mut model = Model::load(&bytes("add.onnx"), options()).unwrap();
        let one = Tensor::new(vec![1, 3], Data::F32(vec![1.0; 3])).unwrap();
        let feeds = [("a".to_owned(), one.clone()), ("b".to_owned(), one)];
        assert_eq!(*model.run(&feeds).unwrap()[0].1.data(), Data::F32(vec![2.0; 3]));
    }
    // Only tract has a convolution.
    let options = LoadOptions { engine: EngineKind::Compact, ..LoadOptions::default() };
    assert_eq!(code(Model::load(&bytes("mixed_words_conv.onnx"), options)), Code::OpUnsupported);
}

#[test]
fn limits_are_kept() {
    let iris = bytes("../../models/iris/1/model.onnx");
    let mut limits = predikt::Limits::default();
    limits.max_bytes = 100;
    assert_eq!(
        code(Model::load(&iris, LoadOptions { limits, ..Default::default() })),
        Code::ModelTooLarge
    );
    let mut limits = predikt::Limits::default();
    limits.max_nodes = 2;
    assert_eq!(
        code(Model::load(&iris, LoadOptions { limits, ..Default::default() })),
        Code::LimitExceeded
    );
    let mut limits = predikt::Limits::default();
    limits.max_elements = 10_000;
    let mut model = Model::load(&iris, LoadOptions { limits, ..Default::default() }).unwrap();
    assert!(model.predict(&[1.0; 400]).is_ok());
    assert_eq!(code(model.predict(&[1.0; 40_000])), Code::LimitExceeded);
    assert!(model.predict(&[1.0; 400]).is_ok());
}

#[test]
fn a_missing_value_is_not_answered_as_if_it_were_there() {
    let row = [f64::NAN, 3.5, 1.4, 0.2];
    assert_eq!(code(iris().predict(&row)), Code::InputNotFinite);
    // tract's softmax would hide it, ours does not.
    let softmax = |engine| {
        let options = LoadOptions { engine, ..LoadOptions::default() };
        Model::load(&bytes("softmax.onnx"), options).unwrap()
    };
    assert_eq!(code(softmax(EngineKind::Tract).predict(&row)), Code::InputNotFinite);
    let mut ours = softmax(EngineKind::Compact);
    assert!(ours.predict(&row).unwrap().values.iter().all(|value| value.is_nan()));
    let sum = load("many_columns.onnx").predict(&[f64::NAN, 1.0]).unwrap().clone();
    assert!(sum.values.iter().all(|value| value.is_nan()));
}

/// A text, a size and a missing size: `mixed_words_conv` fills what is missing before its network.
fn words() -> Vec<Value> {
    vec!["green".into(), 1.0.into(), Value::Missing]
}

#[test]
fn texts_and_missing_values_go_in_beside_numbers() {
    let mut model = load("mixed_words_conv.onnx");
    let names = model.signature().features.clone().unwrap();
    assert_eq!(names, ["color", "size[0]", "size[1]"]);
    assert_eq!(model.layout().unwrap().width, Some(3));
    let one = model.predict_values(&words()).unwrap().clone();
    assert_eq!((one.values, one.columns), (vec![0.0, 0.0, 0.0, 1.25, 0.0, 1.4375], 6));
    for rows in [7, 1000, 1] {
        let many: Vec<Value> = words().into_iter().cycle().take(3 * rows).collect();
        let answer = model.predict_values(&many).unwrap();
        assert_eq!(answer.values.len(), 6 * rows);
        assert_eq!(answer.values[6 * (rows - 1) + 3], 1.25);
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_named() {
    let mut model = load("mixed_words_conv.onnx");
    let error = model.predict_values(&[1.0.into(), 1.0.into(), 2.0.into()]).unwrap_err();
    assert_eq!(error.code(), Code::InputType);
    assert!(error.message().contains("`color`"), "{error}");
    let mut second = words();
    second.extend(["red".into(), 1.0.into(), "two".into()]);
    let error = model.predict_values(&second).unwrap_err();
    assert_eq!(error.code(), Code::InputType);
    assert!(error.message().contains("`size`") && error.message().contains("row 1"), "{error}");
    assert_eq!(code(model.predict(&[1.0, 2.0, 3.0])), Code::InputType);
    assert_eq!(code(model.predict_values(&[])), Code::InputShape);
    let mut whole = load("int_input.onnx");
    assert_eq!(code(whole.predict_values(&[1.0.into(), Value::Missing])), Code::InputType);
}

#[test]
fn a_missing_text_is_the_empty_one() {
    let mut model = load("mixed_words_conv.onnx");
    let mut row = words();
    row[0] = Value::Missing;
    let missing = model.predict_values(&row).unwrap().clone();
    row[0] = "".into();
    assert_eq!(*model.predict_values(&row).unwrap(), missing);
}
