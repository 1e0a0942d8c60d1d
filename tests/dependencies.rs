//! What each build of the crate is made of.
#![cfg(not(target_arch = "wasm32"))]

use std::process::Command;

/// The names of all crates in a build for the browser, without what only builds or tests need.
fn crates(features: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--edges", "normal,no-proc-macro"])
        .args(["--prefix", "none", "--format", "{p}", "--target", "wasm32-unknown-unknown"])
        .args(features)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut names: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn the_compact_build_has_no_tract() {
    let compact = crates(&["--no-default-features", "--features", "wasm"]);
    assert!(compact.contains(&"predikt".to_owned()));
    let tract: Vec<&String> = compact.iter().filter(|name| name.starts_with("tract")).collect();
    assert!(tract.is_empty(), "{tract:?}");
    assert!(compact.len() < 25, "{} crates: {compact:?}", compact.len());
}

#[test]
fn the_full_build_has_tract() {
    assert!(crates(&["--features", "wasm"]).contains(&"tract-onnx".to_owned()));
}
