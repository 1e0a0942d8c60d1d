//! Damaged models never panic, hang or eat memory: each classical fixture with bytes changed at
//! random is refused, or answers something, or fails with an error.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/random.rs"]
mod random;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use predikt::engine::EngineKind;
use predikt::{Limits, LoadOptions, Model, Value};
use random::Random;

/// Changed copies of each model.
const COPIES: u64 = 60;

/// A copy that takes longer than this hangs: a sound one takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// One to four bytes set, flipped, dropped or doubled.
fn damage(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let place = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[place] = 0,
            1 => bytes[place] = 0xff,
            2 => bytes[place] ^= 1 << random.below(8),
            3 => bytes[place] = random.next() as u8,
            4 => drop(bytes.remove(place)),
            _ => bytes.insert(place, bytes[place]),
        }
    }
    bytes
}

/// Asks a model about rows that fit its layout, and about ones of NaN and infinity.
fn ask(model: &mut Model) {
    let Ok(layout) = model.layout() else { return };
    let kinds: Vec<(bool, usize)> = layout
        .inputs
        .iter()
        .map(|input| (input.buffer == predikt::features::Buffer::Str, input.width.unwrap_or(3)))
        .collect();
    if kinds.iter().map(|(_, width)| width).sum::<usize>() > 10_000 {
        return;
    }
    for number in [0.5, f64::NAN, f64::NEG_INFINITY, 3.0] {
        let row = || {
            kinds.iter().flat_map(|(text, width)| {
                let value = if *text { Value::from("red rose") } else { Value::from(number) };
                std::iter::repeat_n(value, *width)
            })
        };
        let _ = model.predict_values(&row().collect::<Vec<_>>());
        let _ = model.predict_values(&row().chain(row()).chain(row()).collect::<Vec<_>>());
    }
}

#[test]
fn damaged_classical_models_never_panic() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/models");
    let mut models: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("model.onnx"))
        .filter(|path| path.exists())
        .collect();
    models.sort();
    assert!(!models.is_empty());
    let mut limits = Limits::default();
    (limits.max_elements, limits.max_tensor_bytes) = (1 << 22, 1 << 27);
    let mut loaded = 0;
    for path in models {
        let name = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        let whole = std::fs::read(&path).unwrap();
        let mut random = Random::new(0x9e37_79b9_7f4a_7c15 ^ whole.len() as u64);
        for copy in 0..COPIES {
            let bytes = damage(&whole, &mut random);
            let start = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let options =
                    LoadOptions { engine: EngineKind::Compact, limits, ..LoadOptions::default() };
                let Ok(mut model) = Model::load(&bytes, options) else { return false };
                ask(&mut model);
                true
            }));
            assert!(outcome.is_ok(), "{name}, copy {copy} panicked");
            assert!(start.elapsed() < PATIENCE, "{name}, copy {copy} hangs");
            loaded += usize::from(outcome.unwrap());
        }
    }
    eprintln!("damaged models: {loaded} still loaded and answered or failed");
}
