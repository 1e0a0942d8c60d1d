//! js/operators.ts, by which the loader tells early that a model needs the full artefact, is what
//! the compact one has: `PREDIKT_WRITE=1 cargo test --no-default-features --test compact_operators`
//! writes it.
#![cfg(not(any(feature = "tract", feature = "extra")))]

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
        let lines = lines(&names);
        let one = format!("  \"{domain}\": {},", lines.join(""));
        if lines.len() == 1 && one.len() <= WIDTH {
            writeln!(text, "{one}").unwrap();
        } else {
            writeln!(text, "  \"{domain}\":\n    {},", lines.join(" +\n    ")).unwrap();
        }
    }
    text.push_str("};\n");
    text
}

/// A text of words as texts to be joined, a line each, as the formatter would put them.
fn lines(names: &BTreeSet<&str>) -> Vec<String> {
    let mut lines = vec![String::new()];
    for name in names {
        if lines.last().is_some_and(|line| line.len() + name.len() + "    \"\" +".len() >= WIDTH) {
            lines.push(String::new());
        }
        let line = lines.last_mut().unwrap();
        *line += name;
        *line += " ";
    }
    let last = lines.len() - 1;
    lines[last] = lines[last].trim_end().to_owned();
    lines.iter().map(|line| format!("\"{line}\"")).collect()
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
