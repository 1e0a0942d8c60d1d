//! Random nodes of every operator: nothing panics, hangs or eats memory, and what is inferred of
//! a node's outputs holds of what its run makes.
//!
//! `PREDIKT_FUZZ_ROUNDS` sets how many nodes of each version of an operator are made,
//! `PREDIKT_FUZZ_SEED` makes others, `PREDIKT_FUZZ_ONLY` names one operator.
#![cfg(not(target_arch = "wasm32"))]

mod attributes;
mod bodies;
mod check;
#[path = "../support/memory.rs"]
mod memory;
mod node;
#[path = "../support/random.rs"]
mod random;
mod recipes;
mod table;
mod values;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use check::{Stage, check};
use node::Node;
use predikt::ops;
use random::Random;
use table::Spec;

#[global_allocator]
static ALLOCATOR: memory::Counted = memory::Counted;

/// Nodes of each version of an operator.
const ROUNDS: u64 = 500;

/// A node that takes longer than this ends the process.
const HANGS: Duration = Duration::from_secs(120);

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |value| value.parse().unwrap())
}

/// The count that says that all is done.
const DONE: u64 = u64::MAX - 1;

/// Ends the process, and says where, when a count has not gone on for long.
fn watch(count: Arc<AtomicU64>, current: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        let mut before = u64::MAX;
        loop {
            let now = count.load(Relaxed);
            if now == DONE {
                return;
            }
            if now == before {
                eprintln!("It hangs: {}", current.lock().unwrap());
                std::process::abort();
            }
            before = now;
            std::thread::sleep(HANGS);
        }
    });
}

/// What went wrong without the numbers in it, so that like is put with like.
fn gist(why: &str) -> String {
    let mut gist: String = why.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    while gist.contains("00") {
        gist = gist.replace("00", "0");
    }
    gist.chars().take(60).collect()
}

#[test]
fn random_nodes_keep_their_word() {
    check::listen();
    let rounds = number("PREDIKT_FUZZ_ROUNDS", ROUNDS);
    let seed = number("PREDIKT_FUZZ_SEED", 1);
    let only = std::env::var("PREDIKT_FUZZ_ONLY").ok();
    let (count, current) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(String::new())));
    watch(count.clone(), current.clone());
    let specs: Vec<Spec> = table::read();
    let mut failures: BTreeMap<(String, String), (u64, String)> = BTreeMap::new();
    let mut stages: BTreeMap<&str, [u64; 4]> = BTreeMap::new();
    for (index, spec) in specs.iter().enumerate() {
        if only.as_ref().is_some_and(|only| *only != spec.name) {
            continue;
        }
        let Some(operator) = node::operator(spec) else { continue };
        let reached = stages.entry(spec.name).or_default();
        for round in 0..rounds {
            let start = (seed << 48) ^ ((index as u64) << 32) ^ round;
            let mut random = Random::new(start.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            random.next();
            let node = Node::random(&mut random, operator, spec);
            *current.lock().unwrap() = format!("{} {}, round {round}", spec.name, spec.version);
            count.fetch_add(1, Relaxed);
            match check(&mut random, &node) {
                Ok(stage) => reached[stage as usize] += 1,
                Err(why) => {
                    let key = (spec.name.to_owned(), gist(&why));
                    let mut shown = format!("{node:?}");
                    shown.truncate(shown.floor_char_boundary(2500));
                    let held = failures.entry(key).or_insert_with(|| {
                        (0, format!("{} {}: {why}\n    {shown}", spec.name, spec.version))
                    });
                    held.0 += 1;
                }
            }
        }
    }
    count.store(DONE, Relaxed);
    let _ = std::panic::take_hook();
    let total: u64 = stages.values().flatten().sum();
    let ran: u64 = stages.values().map(|stages| stages[Stage::Ran as usize]).sum();
    eprintln!("Random nodes: {total}, of which {ran} ran");
    if std::env::var_os("PREDIKT_FUZZ_REPORT").is_some() {
        eprintln!("refused, built, inferred, ran: {stages:#?}");
    }
    for (number, failure) in failures.values() {
        eprintln!("{number} × {failure}\n");
    }
    assert!(failures.is_empty(), "{} kinds of failures", failures.len());
    let idle: Vec<_> =
        stages.iter().filter(|(_, stages)| stages[Stage::Ran as usize] == 0).collect();
    assert!(idle.is_empty(), "no node ran of {idle:?}");
    if only.is_none() {
        let missing: Vec<&str> =
            ops::all().map(|held| held.name).filter(|name| !stages.contains_key(name)).collect();
        assert!(missing.is_empty(), "the table has no {missing:?}: run tools/fuzz_table.py");
    }
}
