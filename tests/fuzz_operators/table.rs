//! What the specifications say of operators: `operators.txt`, which `tools/fuzz_table.py` writes.

use std::ops::RangeInclusive;

/// One version of an operator.
pub struct Spec {
    pub domain: &'static str,
    pub name: &'static str,
    pub version: i64,
    pub inputs: RangeInclusive<usize>,
    pub outputs: RangeInclusive<usize>,
    /// Names of type variables or types.
    pub types: Vec<&'static str>,
    /// Name, kind, and whether it is required.
    pub attributes: Vec<(&'static str, &'static str, bool)>,
}

/// All versions in the table.
pub fn read() -> Vec<Spec> {
    let lines = include_str!("operators.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(spec).collect()
}

fn spec(line: &'static str) -> Spec {
    let fields: Vec<&'static str> = line.split('|').collect();
    let number = |index: usize| fields[index].parse::<usize>().unwrap();
    let attribute = |held: &'static str| {
        let (name, kind) = held.split_once(':').unwrap();
        (name, kind.trim_end_matches('!'), kind.ends_with('!'))
    };
    Spec {
        domain: fields[0],
        name: fields[1],
        version: fields[2].parse().unwrap(),
        inputs: number(3)..=number(4),
        outputs: number(5)..=number(6),
        types: fields[7].split_whitespace().collect(),
        attributes: fields[8].split_whitespace().map(attribute).collect(),
    }
}
