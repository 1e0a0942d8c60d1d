//! The crate in a headless browser (`make test-wasm`).
#![cfg(all(target_arch = "wasm32", feature = "fetch"))]

use predikt::manifest::Golden;
use predikt::{Code, LoadOptions, Model};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const IRIS: &[u8] = include_bytes!("../models/iris/1/model.onnx");
const DIGITS: &[u8] = include_bytes!("../models/digits/1/model.onnx");

fn samples(json: &str) -> Golden {
    let mut json: serde_json::Value = serde_json::from_str(json).unwrap();
    json["rtol"] = 1e-5.into();
    json["atol"] = 1e-6.into();
    serde_json::from_value(json).unwrap()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte))
                << (8 * (3 - chunk.len()));
            (0..4).map(move |index| match index <= chunk.len() {
                true => DIGITS[(word >> (18 - 6 * index) & 63) as usize] as char,
                false => '=',
            })
        })
        .collect()
}

#[wasm_bindgen_test]
fn sample_models_equal_their_trainers() {
    for (bytes, json) in [
        (IRIS, include_str!("../models/iris/1/samples.json")),
        (DIGITS, include_str!("../models/digits/1/samples.json")),
    ] {
        Model::load(bytes, LoadOptions::default()).unwrap().self_test(&samples(json)).unwrap();
    }
}

#[wasm_bindgen_test]
async fn a_model_is_fetched_and_predicts() {
    let url = format!("data:application/octet-stream;base64,{}", base64(IRIS));
    let mut model = predikt::fetch::model(&url, LoadOptions::default()).await.unwrap();
    assert_eq!(model.predict(&[5.1, 3.5, 1.4, 0.2]).unwrap().values, [0.0]);
}

#[wasm_bindgen_test]
async fn what_is_not_there_is_said_so() {
    let Err(error) = predikt::fetch::model("/no/such/model.onnx", LoadOptions::default()).await
    else {
        panic!("a model came from nowhere");
    };
    assert_eq!(error.code(), Code::ModelNotFound);
    let mut options = LoadOptions::default();
    options.limits.max_bytes = 100;
    let url = format!("data:application/octet-stream;base64,{}", base64(IRIS));
    let Err(error) = predikt::fetch::model(&url, options).await else {
        panic!("the limit did not hold")
    };
    assert_eq!(error.code(), Code::ModelTooLarge);
}

#[wasm_bindgen_test]
fn a_wide_dimension_is_not_cut_to_32_bits() {
    let bytes = include_bytes!("fixtures/wide_dim.onnx");
    let Err(error) = Model::load(bytes, LoadOptions::default()) else {
        panic!("2^40 was taken for 0")
    };
    assert_eq!(error.code(), Code::LimitExceeded);
}
