//! Each fast traversal against the plain one, on random ensembles: sums are the same to the bit.

use super::aggregate::{Aggregate, Scores};
use super::ensemble::{Branch, Child, Ensemble, Mode, Place};
use super::flat::{Flat, LayOut, Layout};
use super::properties::Random;
use super::{tables, walk};

const ENSEMBLES: u64 = 1500;
const ORDERS: [Mode; 4] = [Mode::Leq, Mode::Lt, Mode::Gte, Mode::Gt];

const LAYOUTS: [(&str, LayOut); 2] = [
    ("walk", |shape, votes| walk::new(shape, votes).map(Layout::Walk)),
    ("tables", |shape, votes| tables::new(shape, votes, false).map(Layout::Tables)),
];

/// What is random once an ensemble.
struct Kind {
    modes: Vec<Mode>,
    /// Out of 4 branches, how many take NaN for true.
    missing: usize,
    /// Out of 8 ways, how many end early.
    uneven: usize,
    width: usize,
    /// Whether leaves vote for all targets; else for the tree's own.
    dense: bool,
    /// Whether leaves may vote for fewer.
    gaps: bool,
}

impl Kind {
    fn is_always_missing(&self) -> bool {
        self.missing == 4
    }
}

fn threshold(random: &mut Random, kind: &Kind) -> f32 {
    match random.below(40) {
        0 if !kind.is_always_missing() => f32::NAN,
        1 => f32::INFINITY,
        2 if !kind.is_always_missing() => f32::NEG_INFINITY,
        3 => -0.0,
        4 => f32::MIN_POSITIVE,
        5 => random.number() / 3.0,
        _ => random.number(),
    }
}

fn grow(random: &mut Random, kind: &Kind, to: &mut Ensemble, tree: usize, depth: usize) -> Child {
    if depth == 0 || random.below(8) < kind.uneven {
        let place = Place::Leaf(to.leaves.len());
        let mut vote = |target: usize| {
            let weight = (random.below(1000) as f32 - 500.0) / 77.0;
            (!kind.gaps || random.below(3) > 0).then_some((target as i64, weight))
        };
        let votes: Vec<(i64, f32)> = if kind.dense {
            (0..to.targets).rev().filter_map(&mut vote).collect()
        } else {
            vote(tree % to.targets).into_iter().collect()
        };
        to.push_leaf();
        for (target, weight) in votes {
            to.push_vote(target, f64::from(weight)).unwrap();
        }
        return Child::new(place).unwrap();
    }
    let children =
        [grow(random, kind, to, tree, depth - 1), grow(random, kind, to, tree, depth - 1)];
    let place = Place::Branch(to.branches.len());
    to.push_branch(Branch {
        mode: kind.modes[random.below(kind.modes.len())],
        missing: random.below(4) < kind.missing,
        feature: random.below(kind.width) as u32,
        threshold: f64::from(threshold(random, kind)),
        children,
    });
    Child::new(place).unwrap()
}

fn ensemble(random: &mut Random) -> Ensemble {
    let missing = [0, 1, 4][random.below(3)];
    let modes = match random.below(2) {
        _ if missing == 4 => vec![Mode::Leq, Mode::Lt],
        0 => ORDERS.to_vec(),
        _ => vec![ORDERS[random.below(4)]],
    };
    let kind = Kind {
        modes,
        missing,
        uneven: random.below(4),
        width: 1 + random.below(12),
        dense: random.below(2) == 0,
        gaps: random.below(4) == 0,
    };
    let depth = random.below(8);
    let mut ensemble = Ensemble { targets: 1 + random.below(9), ..Ensemble::default() };
    for tree in 0..random.below(14) {
        let root = grow(random, &kind, &mut ensemble, tree, depth);
        ensemble.roots.push(root);
    }
    ensemble.check().unwrap();
    ensemble
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn every_traversal_sums_up_as_the_plain_one() {
    let mut ways = [0; 2];
    for seed in 1..=ENSEMBLES {
        let random = &mut Random::new(seed);
        let ensemble = ensemble(random);
        let count = [1, 3, 4, 7, 8, 9, 16, 130, 300][random.below(9)];
        let width = (ensemble.width + random.below(2)).max(1);
        let has_nan = random.below(2) == 0;
        let value = |_| match random.feature() {
            value if value.is_nan() && !has_nan => 1.0,
            value => value,
        };
        let rows: Vec<f32> = (0..count * width).map(value).collect();
        for ((way, lay_out), tried) in LAYOUTS.into_iter().zip(&mut ways) {
            let Some(flat) = Flat::laid_out(&ensemble, lay_out) else {
                continue;
            };
            *tried += 1;
            let mut wanted = vec![];
            let mut finish = |scores: &mut Scores| {
                wanted.extend(scores.values.iter().map(|score| *score as f32));
                if let Some(voted) = &flat.voted {
                    assert_eq!(&scores.voted, voted, "seed {seed}");
                }
                Ok(())
            };
            let values: Vec<f64> = rows.iter().map(|value| f64::from(*value)).collect();
            let scores = Scores::new(ensemble.targets, true);
            ensemble
                .evaluate(Aggregate::Sum, &values, (count, width), scores, &mut finish)
                .unwrap();
            let mut out = vec![f32::NAN; wanted.len()];
            flat.scores(&rows, count, width, &mut out);
            assert_eq!(bits(&out), bits(&wanted), "seed {seed}, {way}");
            // Few rows go another way than many.
            for (row, wanted) in rows.chunks(width).zip(wanted.chunks(ensemble.targets)) {
                let mut out = vec![f32::NAN; wanted.len()];
                flat.scores(row, 1, width, &mut out);
                assert_eq!(bits(&out), bits(wanted), "seed {seed}, {way}, one row");
            }
        }
    }
    assert!(ways[0] > 1100 && ways[1] > 600, "{ways:?}");
}

/// What the fast layout has no place for.
#[test]
fn other_trees_are_left_to_the_plain_traversal() {
    let tree = |mode: Mode, feature: u32, no: Place| {
        let mut ensemble = Ensemble { targets: 1, ..Ensemble::default() };
        for weight in [1.0, 2.0] {
            ensemble.push_leaf();
            ensemble.push_vote(0, weight).unwrap();
        }
        let children = [Child::new(no).unwrap(), Child::new(Place::Leaf(1)).unwrap()];
        let branch = Branch { mode, missing: false, feature, threshold: 0.0, children };
        ensemble.push_branch(branch);
        ensemble.roots.push(Child::new(Place::Branch(0)).unwrap());
        Flat::new(&ensemble)
    };
    assert!(tree(Mode::Leq, 65535, Place::Leaf(0)).is_some());
    assert!(tree(Mode::Leq, 65536, Place::Leaf(0)).is_none());
    assert!(tree(Mode::Eq, 0, Place::Leaf(0)).is_none());
    assert!(tree(Mode::Neq, 0, Place::Leaf(0)).is_none());
    assert!(tree(Mode::Member, 0, Place::Leaf(0)).is_none());
    assert!(tree(Mode::Leq, 0, Place::Leaf(1)).is_none());
}
