//! Random cases of predikt's own operators, held to onnx's reference evaluator or to onnxruntime.
//!
//! `tools/op_cases.py FOLDER` writes the cases; `PREDIKT_OP_CASES` names the folder, or several
//! separated by colons. Without it the test has nothing to read and says so.
#![cfg(all(feature = "extra", not(target_arch = "wasm32")))]

mod support;

use predikt::engine::EngineKind;

#[test]
fn random_cases_are_equal() {
    let Some(cases) = support::cases("PREDIKT_OP_CASES") else { return };
    assert!(cases.len() > 500, "only {} cases", cases.len());
    let report = support::report("op", &cases, EngineKind::Compact);
    let other: Vec<&String> = report.iter().filter(|line| !line.starts_with("Equal")).collect();
    assert!(other.is_empty(), "{} are not equal:\n{other:#?}", other.len());
}
