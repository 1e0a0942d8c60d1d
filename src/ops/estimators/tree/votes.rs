//! The leaves' votes.

use super::ensemble::Ensemble;
use predikt_kernels::trees::lanes::Four;

/// The leaves' votes, in the order of the leaves.
#[derive(Debug)]
pub enum Votes {
    /// A leaf votes for its tree's target alone.
    Single {
        /// One a leaf.
        weights: Vec<f32>,
        /// One a tree.
        targets: Vec<u32>,
    },
    /// Leaves × targets.
    Dense(Vec<f32>),
}

impl Votes {
    /// `None` where neither form has a place for them. `leaves` are each tree's.
    pub fn new(ensemble: &Ensemble<f32>, leaves: &[Vec<usize>]) -> Option<Votes> {
        let single = |tree: &Vec<usize>| {
            let mut target = None;
            for leaf in tree {
                match ensemble.leaf_votes(*leaf) {
                    [] => {}
                    [vote] if *target.get_or_insert(vote.target) == vote.target => {}
                    _ => return None,
                }
            }
            Some(target.unwrap_or_default())
        };
        if let Some(targets) = leaves.iter().map(single).collect() {
            let weight =
                |leaf: &usize| ensemble.leaf_votes(*leaf).first().map_or(0.0, |v| v.weight);
            return Some(Votes::Single {
                weights: leaves.iter().flatten().map(weight).collect(),
                targets,
            });
        }
        let targets = ensemble.targets;
        let count = leaves.iter().map(Vec::len).sum::<usize>();
        // Where leaves vote for few of many targets, there would be little but zeros.
        if count.checked_mul(targets.div_ceil(4))? > ensemble.votes.len() {
            return None;
        }
        let mut weights = vec![0.0; count * targets];
        let mut is_there = vec![false; targets];
        for (leaf, weights) in leaves.iter().flatten().zip(weights.chunks_exact_mut(targets)) {
            is_there.fill(false);
            for vote in ensemble.leaf_votes(*leaf) {
                let target = vote.target as usize;
                if std::mem::replace(is_there.get_mut(target)?, true) {
                    return None;
                }
                weights[target] = vote.weight;
            }
        }
        Some(Votes::Dense(weights))
    }

    /// Appends what the leaf, which is in that tree, adds to each of the targets, in fours.
    pub fn push_fours(&self, tree: usize, leaf: usize, targets: usize, to: &mut Vec<Four>) {
        let weight = |target: usize| match self {
            _ if target >= targets => 0.0,
            Votes::Single { targets: voted, .. } if voted[tree] as usize != target => 0.0,
            Votes::Single { weights, .. } => weights[leaf],
            Votes::Dense(weights) => weights[leaf * targets + target],
        };
        for at in (0..targets).step_by(4) {
            to.push(Four::new(weight(at), weight(at + 1), weight(at + 2), weight(at + 3)));
        }
    }
}

/// Targets that all leaves of any one tree vote for are always voted for; there must be no others
/// that any leaf votes for.
pub fn voted(ensemble: &Ensemble<f32>, leaves: &[Vec<usize>]) -> Option<Vec<bool>> {
    let mut always = vec![false; ensemble.targets];
    let mut ever = always.clone();
    let mut counts = vec![0usize; ensemble.targets];
    for tree in leaves {
        let all = || tree.iter().flat_map(|leaf| ensemble.leaf_votes(*leaf));
        all().for_each(|vote| counts[vote.target as usize] += 1);
        for vote in all() {
            let target = vote.target as usize;
            ever[target] = true;
            always[target] |= counts[target] == tree.len();
        }
        all().for_each(|vote| counts[vote.target as usize] = 0);
    }
    (always == ever).then_some(always)
}
