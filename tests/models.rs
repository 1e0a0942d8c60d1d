//! The published sample models answer as their trainers did (`models/*/1/samples.json`).
#![cfg(not(target_arch = "wasm32"))]

use std::path::{Path, PathBuf};

use predikt::manifest::{Answer, Golden, Manifest};
use predikt::{Class, LoadOptions, Model};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name).join("1")
}

fn manifest(name: &str) -> Manifest {
    serde_json::from_slice(&std::fs::read(folder(name).join("manifest.json")).unwrap()).unwrap()
}

fn load(name: &str) -> Model {
    let manifest = manifest(name);
    let bytes = std::fs::read(folder(name).join(&manifest.model.path)).unwrap();
    assert_eq!(bytes.len() as u64, manifest.model.bytes);
    let options = LoadOptions {
        classes: manifest.classes,
        features: manifest.features.map(|features| features.into_iter().map(|f| f.name).collect()),
        ..LoadOptions::default()
    };
    Model::load(&bytes, options).unwrap()
}

/// The trainer's answers on the held-out rows, with the tolerance that floats in 32 bits allow.
fn samples(name: &str) -> Golden {
    let json = std::fs::read(folder(name).join("samples.json")).unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    json["rtol"] = 1e-5.into();
    json["atol"] = 1e-6.into();
    serde_json::from_value(json).unwrap()
}

#[test]
fn every_held_out_row_equals_the_trainer() {
    for name in ["iris", "diabetes", "digits", "progression"] {
        let mut model = load(name);
        let samples = samples(name);
        assert!(samples.features.len() >= 40, "{name}");
        model
            .self_test(&samples)
            .unwrap_or_else(|error| panic!("{name}: {error} {:?}", error.details()));
    }
}

#[test]
fn one_row_is_answered_as_in_a_batch() {
    for name in ["iris", "diabetes", "digits", "progression"] {
        let mut model = load(name);
        let samples = samples(name);
        let all = model.predict_values(&samples.rows().unwrap()).unwrap().clone();
        for (row, features) in samples.features.iter().enumerate().take(12) {
            let one = model.predict_values(features).unwrap();
            assert!(
                (one.values[0] - all.values[row]).abs() <= 1e-5 * all.values[row].abs(),
                "{name} {row}"
            );
        }
    }
}

#[test]
fn golden_samples_pass_and_a_changed_one_fails() {
    for name in ["iris", "diabetes", "digits", "progression"] {
        let mut model = load(name);
        let mut golden = manifest(name).golden.unwrap();
        model.self_test(&golden).unwrap();
        golden.prediction[0] = Answer::Number(-99.0);
        let error = model.self_test(&golden).unwrap_err();
        assert_eq!(error.code().as_str(), "SELF_TEST_FAILED", "{name}");
    }
}

#[test]
fn the_manifest_tells_the_files_own_signature() {
    for name in ["iris", "diabetes", "digits", "progression"] {
        let (model, manifest) = (load(name), manifest(name));
        assert_eq!(model.signature().inputs, manifest.signature.inputs, "{name}");
        assert_eq!(model.signature().outputs, manifest.signature.outputs, "{name}");
    }
}

#[test]
fn iris_keeps_its_labels() {
    let bytes = std::fs::read(folder("iris").join("model.onnx")).unwrap();
    let mut model = Model::load(&bytes, LoadOptions::default()).unwrap();
    assert_eq!(model.signature().classes, Some(vec![Class::Int(0), Class::Int(1), Class::Int(2)]));
    let answer = model.predict(&[5.1, 3.5, 1.4, 0.2]).unwrap();
    assert_eq!((answer.values.as_slice(), answer.is_class, answer.classes), (&[0.0][..], false, 3));
    assert!((answer.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-6);
}
