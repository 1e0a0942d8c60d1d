//! Random ensembles, evaluated as the specification reads, tree by tree and by recursion, against
//! the operators: every mode, aggregate and transform, NaN, membership, both forms of files.

use crate::ops::Attribute;
use crate::ops::estimators::post_transform::PostTransform;
use crate::ops::estimators::testing::{Named, floats, ints, run, vector};
use crate::tensor::Data;

const ENSEMBLES: u64 = 6000;
const ROWS: usize = 4;
const WIDTH: usize = 4;
const MODES: [&str; 6] =
    ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];
const AGGREGATES: [&str; 4] = ["AVERAGE", "SUM", "MIN", "MAX"];
const TRANSFORMS: [&str; 5] = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"];

/// xorshift64*.
pub struct Random(u64);

impl Random {
    /// Numbers that are the same for the same seed.
    pub fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// One of `0..bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// One of few numbers, so that features often equal thresholds.
    pub fn number(&mut self) -> f32 {
        self.below(9) as f32 / 2.0 - 2.0
    }

    /// A number, or what is seldom thought of.
    pub fn feature(&mut self) -> f32 {
        match self.below(12) {
            0 => f32::NAN,
            1 => f32::INFINITY,
            2 => f32::NEG_INFINITY,
            3 => -0.0,
            _ => self.number(),
        }
    }
}

enum Tree {
    Leaf {
        votes: Vec<(usize, f32)>,
    },
    Branch {
        mode: usize,
        feature: usize,
        threshold: f32,
        members: Vec<f32>,
        missing: bool,
        no: Box<Tree>,
        yes: Box<Tree>,
    },
}

/// Position of [`Tree::Branch`]'s mode that tests membership.
const MEMBER: usize = 6;

impl Tree {
    fn random(random: &mut Random, depth: usize, modes: &[usize], targets: usize) -> Tree {
        if depth == 0 || random.below(5) == 0 {
            // TreeEnsemble has one vote a leaf, and of several for a single target one counts.
            let count = if modes.contains(&MEMBER) { 1 } else { random.below(targets + 1) };
            let votes =
                (0..count).map(|_| (random.below(targets), random.number() / 4.0)).collect();
            return Tree::Leaf { votes };
        }
        let mode = modes[random.below(modes.len())];
        let members = if mode == MEMBER { random.below(6) } else { 0 };
        Tree::Branch {
            mode,
            feature: random.below(WIDTH),
            threshold: random.number(),
            members: (0..members).map(|_| random.number()).collect(),
            missing: random.below(3) == 0,
            no: Box::new(Tree::random(random, depth - 1, modes, targets)),
            yes: Box::new(Tree::random(random, depth - 1, modes, targets)),
        }
    }

    fn votes(&self, row: &[f32]) -> &[(usize, f32)] {
        match self {
            Tree::Leaf { votes } => votes,
            Tree::Branch { mode, feature, threshold, members, missing, no, yes } => {
                let x = row[*feature];
                let holds = match mode {
                    0 => x <= *threshold,
                    1 => x < *threshold,
                    2 => x >= *threshold,
                    3 => x > *threshold,
                    4 => x == *threshold,
                    5 => x != *threshold,
                    _ => members.contains(&x),
                };
                if holds || (x.is_nan() && *missing) { yes.votes(row) } else { no.votes(row) }
            }
        }
    }
}

/// Scores of one row as the specification has them. All sums are exact: weights are small
/// fractions, and the number of trees is a power of two.
fn scores(trees: &[Tree], row: &[f32], targets: usize, aggregate: usize, base: &[f32]) -> Vec<f32> {
    (0..targets)
        .map(|target| {
            let mut votes = vec![];
            for tree in trees {
                let own = tree.votes(row).iter().filter(|(voted, _)| *voted == target);
                votes.extend(own.map(|(_, weight)| *weight));
            }
            let sum: f32 = votes.iter().sum();
            let score = match aggregate {
                0 => sum / trees.len() as f32,
                1 => sum,
                2 => votes.iter().copied().reduce(f32::min).unwrap_or(0.0),
                _ => votes.iter().copied().reduce(f32::max).unwrap_or(0.0),
            };
            score + base.get(target).copied().unwrap_or(0.0)
        })
        .collect()
}

/// The lists of `TreeEnsembleRegressor`. Numbers of nodes have gaps and are in no order.
#[derive(Default)]
struct Nodes {
    ints: [Vec<i64>; 10],
    modes: Vec<String>,
    values: Vec<f32>,
    weights: Vec<f32>,
}

const TREES: usize = 0;
const IDS: usize = 1;
const FEATURES: usize = 2;
const YES: usize = 3;
const NO: usize = 4;
const MISSING: usize = 5;
const VOTE_TREES: usize = 6;
const VOTE_IDS: usize = 7;
const VOTE_TARGETS: usize = 8;
const NAMES: [(&str, usize); 9] = [
    ("nodes_treeids", TREES),
    ("nodes_nodeids", IDS),
    ("nodes_featureids", FEATURES),
    ("nodes_truenodeids", YES),
    ("nodes_falsenodeids", NO),
    ("nodes_missing_value_tracks_true", MISSING),
    ("target_treeids", VOTE_TREES),
    ("target_nodeids", VOTE_IDS),
    ("target_ids", VOTE_TARGETS),
];

impl Nodes {
    fn add(&mut self, tree: i64, node: &Tree) -> i64 {
        let id = self.values.len() as i64 * 7 % 1009 * 3;
        let at = self.values.len();
        let (mode, feature, value, missing) = match node {
            Tree::Leaf { .. } => ("LEAF", 0, 0.0, false),
            Tree::Branch { mode, feature, threshold, missing, .. } => {
                (MODES[*mode], *feature, *threshold, *missing)
            }
        };
        let entries = [tree, id, feature as i64, 0, 0, i64::from(missing)];
        for (list, entry) in self.ints.iter_mut().zip(entries) {
            list.push(entry);
        }
        self.modes.push(mode.to_owned());
        self.values.push(value);
        match node {
            Tree::Leaf { votes } => {
                for (target, weight) in votes {
                    self.ints[VOTE_TREES].push(tree);
                    self.ints[VOTE_IDS].push(id);
                    self.ints[VOTE_TARGETS].push(*target as i64);
                    self.weights.push(*weight);
                }
            }
            Tree::Branch { no, yes, .. } => {
                self.ints[NO][at] = self.add(tree, no);
                self.ints[YES][at] = self.add(tree, yes);
            }
        }
        id
    }

    fn attributes(self) -> Vec<Named> {
        let mut attributes: Vec<Named> =
            NAMES.iter().map(|(name, list)| (*name, ints(&self.ints[*list]))).collect();
        attributes.push(("nodes_modes", Attribute::Strings(self.modes)));
        attributes.push(("nodes_values", floats(&self.values)));
        attributes.push(("target_weights", floats(&self.weights)));
        attributes
    }
}

/// The lists of `TreeEnsemble`.
#[derive(Default)]
struct Positions {
    modes: Vec<u8>,
    splits: Vec<f32>,
    features: Vec<i64>,
    missing: Vec<i64>,
    /// False, true: whether it is a leaf, and where.
    children: [(Vec<i64>, Vec<i64>); 2],
    members: Vec<f32>,
    targets: Vec<i64>,
    weights: Vec<f32>,
}

impl Positions {
    /// Whether the node is a leaf, and where it was put.
    fn add(&mut self, node: &Tree) -> (i64, i64) {
        match node {
            Tree::Leaf { votes } => {
                let (target, weight) = votes[0];
                self.targets.push(target as i64);
                self.weights.push(weight);
                (1, self.targets.len() as i64 - 1)
            }
            Tree::Branch { mode, feature, threshold, members, missing, no, yes } => {
                let at = self.modes.len();
                self.modes.push(*mode as u8);
                self.splits.push(*threshold);
                self.features.push(*feature as i64);
                self.missing.push(i64::from(*missing));
                if *mode == MEMBER {
                    self.members.extend(members);
                    self.members.push(f32::NAN);
                }
                for (leaves, ids) in &mut self.children {
                    leaves.push(0);
                    ids.push(0);
                }
                for (child, side) in [no, yes].into_iter().zip([0, 1]) {
                    let (leaf, id) = self.add(child);
                    self.children[side].0[at] = leaf;
                    self.children[side].1[at] = id;
                }
                (0, at as i64)
            }
        }
    }

    fn attributes(self, roots: &[i64]) -> Vec<Named> {
        vec![
            ("tree_roots", ints(roots)),
            ("nodes_modes", vector(Data::U8(self.modes))),
            ("nodes_splits", vector(Data::F32(self.splits))),
            ("nodes_featureids", ints(&self.features)),
            ("nodes_missing_value_tracks_true", ints(&self.missing)),
            ("nodes_falseleafs", ints(&self.children[0].0)),
            ("nodes_falsenodeids", ints(&self.children[0].1)),
            ("nodes_trueleafs", ints(&self.children[1].0)),
            ("nodes_truenodeids", ints(&self.children[1].1)),
            ("membership_values", vector(Data::F32(self.members))),
            ("leaf_targetids", ints(&self.targets)),
            ("leaf_weights", vector(Data::F32(self.weights))),
        ]
    }
}

fn agree(got: &Data, wanted: &[f32], what: &str) {
    let got: Vec<f64> = match got {
        Data::F32(values) => values.iter().map(|value| f64::from(*value)).collect(),
        Data::F64(values) => values.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(got.len(), wanted.len(), "{what}");
    for (got, wanted) in got.iter().zip(wanted.iter().map(|value| f64::from(*value))) {
        let close = (got - wanted).abs() <= 1e-4 * wanted.abs().max(1.0);
        assert!(close || got == &wanted || (got.is_nan() && wanted.is_nan()), "{what}");
    }
}

#[test]
fn every_ensemble_is_evaluated_as_the_specification_reads() {
    for seed in 1..=ENSEMBLES {
        let random = &mut Random::new(seed);
        let by_position = random.below(2) == 0;
        let targets = 1 + random.below(3);
        let all: Vec<usize> = (0..MODES.len() + usize::from(by_position)).collect();
        let mut modes = if random.below(2) == 0 { vec![all[random.below(all.len())]] } else { all };
        if by_position {
            modes.push(MEMBER);
        }
        let depth = 1 + random.below(5);
        let trees: Vec<Tree> = (0..1 << random.below(3))
            .map(|_| {
                loop {
                    let tree = Tree::random(random, depth, &modes, targets);
                    // A tree of TreeEnsemble begins with a branch.
                    if !by_position || matches!(tree, Tree::Branch { .. }) {
                        break tree;
                    }
                }
            })
            .collect();
        let aggregate = random.below(AGGREGATES.len());
        let transform = random.below(TRANSFORMS.len());
        let base: Vec<f32> = match random.below(2) {
            0 if !by_position => (0..targets).map(|_| random.number() / 4.0).collect(),
            _ => vec![],
        };
        let rows: Vec<f32> = (0..ROWS * WIDTH).map(|_| random.feature()).collect();
        let mut wanted = vec![];
        for row in rows.chunks(WIDTH) {
            let mut scores = scores(&trees, row, targets, aggregate, &base);
            PostTransform::numbered(transform as i64).unwrap().apply(&mut scores);
            wanted.extend(scores);
        }
        let (name, mut attributes) = if by_position {
            let mut positions = Positions::default();
            let roots: Vec<i64> = trees.iter().map(|tree| positions.add(tree).1).collect();
            let mut attributes = positions.attributes(&roots);
            attributes.push(("aggregate_function", Attribute::Int(aggregate as i64)));
            attributes.push(("post_transform", Attribute::Int(transform as i64)));
            ("TreeEnsemble", attributes)
        } else {
            let mut nodes = Nodes::default();
            for (number, tree) in trees.iter().enumerate() {
                nodes.add(number as i64 * 5, tree);
            }
            let mut attributes = nodes.attributes();
            let name = |names: &[&str], at: usize| Attribute::String(names[at].to_owned());
            attributes.push(("aggregate_function", name(&AGGREGATES, aggregate)));
            attributes.push(("post_transform", name(&TRANSFORMS, transform)));
            attributes.push(("base_values", floats(&base)));
            ("TreeEnsembleRegressor", attributes)
        };
        attributes.push(("n_targets", Attribute::Int(targets as i64)));
        let doubles = rows.iter().map(|value| f64::from(*value)).collect();
        for features in [Data::F32(rows), Data::F64(doubles)] {
            let got = run(name, 5, &attributes, features, WIDTH).unwrap();
            agree(got[0].data(), &wanted, &format!("seed {seed}, {name}, {wanted:?}, {got:?}"));
        }
    }
}
