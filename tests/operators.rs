//! OPERATORS.md is what the code has: `PREDIKT_WRITE=1 cargo test --test operators` writes it.
#![cfg(all(not(target_arch = "wasm32"), feature = "tract"))]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use predikt::engine::tract;
use predikt::ops::{self, Operator};
use predikt::{DataType, Limits, onnx};

/// How many models of each kind hold an operator: ONNX's own cases, generated cases, fixtures.
#[derive(Default, Clone, Copy)]
struct Proof {
    onnx: usize,
    generated: usize,
    models: usize,
}

type Proofs = BTreeMap<(String, String), Proof>;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Counts the operators of every `model.onnx` one level below `folder`.
fn count(folder: &Path, proofs: &mut Proofs, add: fn(&mut Proof)) {
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for case in cases {
        let Ok(bytes) = std::fs::read(case.join("model.onnx")) else { continue };
        // What predikt refuses to read proves nothing.
        let Ok(checked) = onnx::read(&bytes, &Limits::default()) else { continue };
        let mut held: Vec<(String, String)> = vec![];
        if let Some(graph) = &checked.model.graph {
            graph.each_node(&mut |node| held.push((node.domain().into(), node.op_type.clone())));
        }
        held.sort();
        held.dedup();
        held.into_iter().for_each(|key| add(proofs.entry(key).or_default()));
    }
}

/// The tests' models by operator; `None` where the cases are not at hand.
fn proofs() -> Option<Proofs> {
    let onnx = std::env::var_os("PREDIKT_ONNX_CASES")?;
    let generated = std::env::var("PREDIKT_OP_CASES").ok()?;
    let mut proofs = Proofs::new();
    count(Path::new(&onnx), &mut proofs, |proof| proof.onnx += 1);
    for folder in generated.split(':') {
        count(Path::new(folder), &mut proofs, |proof| proof.generated += 1);
    }
    count(&root().join("tests/fixtures/models"), &mut proofs, |proof| proof.models += 1);
    Some(proofs)
}

fn domain(domain: &str) -> &str {
    if domain.is_empty() { "ai.onnx" } else { domain }
}

fn short(kind: DataType) -> &'static str {
    match kind {
        DataType::Float16 => "f16",
        DataType::Float32 => "f32",
        DataType::Float64 => "f64",
        DataType::Int8 => "i8",
        DataType::Int16 => "i16",
        DataType::Int32 => "i32",
        DataType::Int64 => "i64",
        DataType::Uint8 => "u8",
        DataType::Uint16 => "u16",
        DataType::Uint32 => "u32",
        DataType::Uint64 => "u64",
        DataType::Bool => "bool",
        DataType::String => "string",
    }
}

/// The types that an operator's inputs take, one group an input.
fn types(operator: &Operator) -> String {
    let group = |kinds: &[DataType]| match kinds {
        kinds if kinds.len() == ops::types::ANY.len() => "all".to_owned(),
        kinds if kinds == ops::types::FIXED => "all but string".to_owned(),
        kinds if kinds == ops::types::NUMBER => "numbers".to_owned(),
        kinds => kinds.iter().map(|kind| short(*kind)).collect::<Vec<_>>().join(" "),
    };
    let mut groups: Vec<String> = operator.inputs.iter().map(|kinds| group(kinds)).collect();
    groups.dedup();
    groups.join("; ")
}

fn proof(proof: Proof) -> String {
    let parts = [
        (proof.onnx, "`conformance`"),
        (proof.generated, "`op_properties`"),
        (proof.models, "`classical`"),
    ];
    let held: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, test)| format!("{test} {count}"))
        .collect();
    held.join(", ")
}

/// Domains and names of the operators that the compact module has.
fn compact() -> Vec<(String, String)> {
    let path = root().join("js/operators.ts");
    let text = std::fs::read_to_string(path).unwrap();
    let mut held = vec![];
    let mut domain = "";
    let mut pieces = text.split('"').skip(1);
    while let (Some(literal), Some(behind)) = (pieces.next(), pieces.next()) {
        if behind.starts_with(':') {
            domain = literal;
        } else {
            held.extend(literal.split_whitespace().map(|name| (domain.into(), name.into())));
        }
    }
    held
}

fn document(proofs: &Proofs) -> String {
    let compact = compact();
    let of = |domain: &str, name: &str| {
        proofs.get(&(domain.to_owned(), name.to_owned())).copied().unwrap_or_default()
    };
    let theirs: Vec<(&str, &str)> = tract::operators().collect();
    let mut ours: Vec<&Operator> = ops::all().collect();
    ours.sort_by_key(|operator| (operator.domain, operator.name));
    let mut out = String::from(
        "# Operators\n\n\
         Generated from the code by `make operators`; a test fails where the two differ.\n\n\
         ## predikt's own\n\n\
         The compact engine has all of these; *module* says which is the smallest one to have the operator,\n\
         `predikt_compact.wasm` or `predikt_full.wasm`. *Versions* are those of the specification that are implemented; a later\n\
         operator set that did not change an operator means the last one before it. *Types* has a group for each input, the last one for all that follow.\n\
         *tract* says who computes the operator in a graph that tract runs: `ours` by the adapter, `own` by tract itself.\n\
         *Proof* names the tests in `tests/` and how many models with this operator each one runs: `conformance` the backend\n\
         tests of the onnx package, `op_properties` random cases held to onnx's reference evaluator or onnxruntime, `classical`\n\
         converted models held to their trainers.\n\n\
         | domain | operator | module | versions | types | tract | proof |\n|---|---|---|---|---|---|---|\n",
    );
    for operator in &ours {
        let key = (operator.domain, operator.name);
        let own = (operator.domain.to_owned(), operator.name.to_owned());
        let module = if compact.contains(&own) { "compact" } else { "full" };
        let versions: Vec<String> = operator.versions.iter().map(ToString::to_string).collect();
        let engine = if tract::replaces(operator.domain, operator.name) {
            "ours"
        } else if theirs.contains(&key) {
            "own"
        } else {
            "none"
        };
        writeln!(
            out,
            "| {} | {} | {module} | {} | {} | {engine} | {} |",
            domain(operator.domain),
            operator.name,
            versions.join(" "),
            types(operator),
            proof(of(operator.domain, operator.name)),
        )
        .unwrap();
    }
    out.push_str(
        "\n## Rewritten before any engine\n\n\
         | domain | operator | versions | what becomes of it | proof |\n|---|---|---|---|---|\n\
         | ai.onnx.ml | DictVectorizer | 1 | the dictionary becomes a tensor with a column for each word | `classical` |\n\
         | ai.onnx.ml | ZipMap | 1 | the float tensor that went in comes out, its labels become `classes` | `classical` |\n\
         | ai.onnx | SequenceConstruct | 11 | as an output: one output for each tensor | `classical` |\n\
         | any | a function of the model's own | | in the full module: its nodes take the call's place | `conformance`, `classical` |\n",
    );
    out.push_str(
        "\n## tract's\n\n\
         A graph with any of these runs on tract. What is known to come out wrong is refused by name.\n\n\
         | domain | operator | proof |\n|---|---|---|\n",
    );
    for (held, name) in theirs {
        if ops::find(held, name).is_none() {
            let proof = proof(of(held, name));
            writeln!(out, "| {} | {name} | {proof} |", domain(held)).unwrap();
        }
    }
    out
}

#[test]
fn the_document_is_what_the_code_has() {
    let Some(proofs) = proofs() else {
        eprintln!("PREDIKT_ONNX_CASES and PREDIKT_OP_CASES are not set: nothing to count.");
        return;
    };
    let unproven: Vec<&str> = ops::all()
        .filter(|operator| {
            let key = (operator.domain.to_owned(), operator.name.to_owned());
            !proofs.contains_key(&key)
        })
        .map(|operator| operator.name)
        .collect();
    assert!(unproven.is_empty(), "no model of any test has {unproven:?}");
    let path = root().join("OPERATORS.md");
    let document = document(&proofs);
    if std::env::var_os("PREDIKT_WRITE").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(held == document, "OPERATORS.md is out of date: run `make operators`");
}

#[test]
fn each_operator_is_listed_once_and_its_versions_ascend() {
    let mut seen: Vec<(&str, &str)> = vec![];
    for operator in ops::all() {
        let key = (operator.domain, operator.name);
        assert!(!seen.contains(&key), "{key:?} twice");
        seen.push(key);
        assert!(!operator.versions.is_empty(), "{key:?} has no versions");
        assert!(operator.versions.is_sorted_by(|a, b| a < b), "{key:?} {:?}", operator.versions);
        assert!(operator.inputs.iter().all(|types| !types.is_empty()), "{key:?}");
    }
}
