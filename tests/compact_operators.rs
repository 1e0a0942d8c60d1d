//! js/operators.ts, by which the loader tells early that a model needs the full artefact, is what
//! the compact one has: `PREDIKT_WRITE=1 cargo test --no-default-features --test compact_operators`
//! writes it.
#![cfg(not(feature = "tract"))]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use predikt::onnx::rewrite::REWRITTEN;
use predikt::ops;

/// Names are put on lines of this many characters at most.
const WIDTH: usize = 100;

fn expected() -> String {
    let own = ops::all().map(|operator| (operator.domain, operator.name));
    let mut domains: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (domain, name) in own.chain(REWRITTEN.iter().copied()) {
        domains.entry(domain).or_default().insert(name);
    }
    let mut text = String::from(
        "/** The operators of the compact engine by domain, and those that are rewritten for it. Written by tests/compact_operators.rs. */\nexport const OPERATORS: Readonly<Record<string, string>> = {\n",
    );
    for (domain, names) in domains {
        let key = if domain.is_empty() { "\"\"".to_owned() } else { format!("\"{domain}\"") };
        writeln!(text, "  {key}:").unwrap();
        text.push_str(&lines(&names));
    }
    text.push_str("};\n");
    text
}

/// A text of words as a sum of texts, a line each.
fn lines(names: &BTreeSet<&str>) -> String {
    let mut lines = vec![String::new()];
    for name in names {
        let last = lines.len() - 1;
        if lines[last].len() + name.len() + "    \"\" +".len() > WIDTH - 1 {
            lines.push(String::new());
        }
        let line = lines.last_mut().unwrap();
        *line += name;
        *line += " ";
    }
    let last = lines.len() - 1;
    lines[last] = lines[last].trim_end().to_owned();
    let quoted: Vec<String> = lines.iter().map(|line| format!("    \"{line}\"")).collect();
    quoted.join(" +\n") + ",\n"
}

#[test]
fn the_loader_knows_the_operators_of_the_compact_engine() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("js/operators.ts");
    let expected = expected();
    if std::env::var_os("PREDIKT_WRITE").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(
        written == expected,
        "js/operators.ts is not what the code has: run PREDIKT_WRITE=1 cargo test --no-default-features --test compact_operators"
    );
}
