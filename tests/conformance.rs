//! ONNX's own backend tests: whatever is not refused or failed must be equal.
//!
//! `tools/onnx_cases.py FOLDER` writes the cases; `PREDIKT_ONNX_CASES` names the folder. Without
//! it the test has nothing to read and says so.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use std::path::{Path, PathBuf};

use predikt::engine::{EngineKind, compact};
use predikt::onnx::{self, proto::canonical_domain};
use predikt::{Limits, ops};
use support::report;

fn cases() -> Option<Vec<PathBuf>> {
    let cases = support::cases("PREDIKT_ONNX_CASES")?;
    assert!(cases.len() > 1500, "only {} cases", cases.len());
    Some(cases)
}

#[test]
fn nothing_that_runs_is_wrong() {
    let Some(cases) = cases() else { return };
    // What panics inside an engine is counted, not printed.
    std::panic::set_hook(Box::new(|_| {}));
    let report = report("all", &cases, EngineKind::Auto);
    let _ = std::panic::take_hook();
    let wrong: Vec<&String> = report.iter().filter(|line| line.starts_with("Wrong")).collect();
    assert!(wrong.is_empty(), "wrong answers that should be refused:\n{wrong:#?}");
}

/// Whether the case's outputs are those of numpy's random numbers.
fn is_random(case: &Path) -> bool {
    let name = case.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("test_training_dropout") && !name.contains("zero_ratio")
}

/// Whether predikt has the case's operators in the versions that it means.
fn is_compact(case: &Path) -> bool {
    let bytes = std::fs::read(case.join("model.onnx")).unwrap();
    let Ok(checked) = onnx::read(&bytes, &Limits::default()) else { return false };
    let mut all = compact::has_operators(&checked);
    if let Some(graph) = &checked.model.graph {
        graph.each_node(&mut |node| {
            let set =
                checked.model.opsets.iter().find(|(d, _)| canonical_domain(d) == node.domain());
            all &= ops::find(node.domain(), &node.op_type)
                .is_some_and(|operator| ops::version(operator, set.map_or(1, |set| set.1)).is_ok());
        });
    }
    all
}

#[test]
fn every_case_of_our_own_operators_is_equal() {
    let Some(mut cases) = cases() else { return };
    cases.retain(|case| is_compact(case) && !is_random(case));
    let report = report("compact", &cases, EngineKind::Compact);
    let other: Vec<&String> = report.iter().filter(|line| !line.starts_with("Equal")).collect();
    assert!(other.is_empty(), "not equal on the compact engine:\n{other:#?}");
}
