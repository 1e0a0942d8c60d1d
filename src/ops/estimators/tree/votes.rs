//! The leaves' votes.

use std::ops::Range;

use super::ensemble::{Ensemble, Vote};
use super::shape::Shape;
use predikt_kernels::lanes::F4;
use predikt_kernels::trees::weights::Weights;

/// The leaves' votes: each leaf votes for its tree's target alone, or many vote for most targets.
#[derive(Debug)]
pub struct Votes<'e> {
    ensemble: &'e Ensemble,
    /// The target of each tree, if there is but one.
    single: Option<Vec<u32>>,
    /// Which targets any leaf that a row reaches votes for, if that is the same for all rows.
    pub voted: Option<Vec<bool>>,
}

impl<'e> Votes<'e> {
    /// `None` where neither form has a place for them.
    pub fn new(ensemble: &'e Ensemble, shape: &Shape) -> Option<Self> {
        let mut single = vec![];
        let mut is_single = true;
        // Targets that all leaves of any one tree vote for are always voted for; there must be no others
        // that any leaf votes for.
        let mut always = vec![false; ensemble.targets];
        let mut ever = always.clone();
        // Behind the last leaf that votes for a target; so many of its tree do.
        let mut last = vec![(0, 0); ensemble.targets];
        for tree in 0..shape.roots.len() {
            let leaves = shape.leaves_of(tree);
            let mut target = None;
            for leaf in leaves.clone() {
                let votes = shape.votes(ensemble, leaf);
                is_single &= votes.len() < 2;
                for vote in votes {
                    is_single &= *target.get_or_insert(vote.target) == vote.target;
                    let at = vote.target as usize;
                    let (end, count) = last.get_mut(at)?;
                    if *end > leaf {
                        return None;
                    }
                    *count = if *end > leaves.start { *count + 1 } else { 1 };
                    *end = leaf + 1;
                    ever[at] = true;
                    always[at] |= *count == leaves.len();
                }
            }
            single.push(target.unwrap_or_default());
        }
        // Where leaves vote for few of many targets, there would be little but zeros.
        let fours = shape.leaves.len().checked_mul(ensemble.targets.div_ceil(4))?;
        if !is_single && fours > ensemble.votes.len() {
            return None;
        }
        let voted = (always == ever).then_some(always);
        Some(Votes { ensemble, single: is_single.then_some(single), voted })
    }

    /// Targets or classes.
    pub fn targets(&self) -> usize {
        self.ensemble.targets
    }

    /// The votes of these trees' leaves, as the kernels have them: for `slots` leaves a tree, or for so many as it
    /// has. Where leaves vote for a single target, and that `may_be_single`, there is one number a leaf.
    pub fn lay_out(
        &self,
        shape: &Shape,
        trees: Range<usize>,
        slots: usize,
        may_be_single: bool,
    ) -> Weights {
        let targets = self.targets();
        let single = self.single.as_ref().filter(|_| may_be_single);
        let (mut weights, mut fours) = (vec![], vec![]);
        for tree in trees.clone() {
            let leaves = shape.leaves_of(tree);
            for slot in 0..slots.max(leaves.len()) {
                let leaf = leaves.start + slot;
                let votes = if leaf < leaves.end { shape.votes(self.ensemble, leaf) } else { &[] };
                if single.is_some() {
                    weights.push(votes.first().map_or(0.0, |vote| vote.weight as f32));
                    continue;
                }
                let weight = |target: usize| {
                    let own = |vote: &&Vote| vote.target as usize == target;
                    // Most are in order.
                    let vote = votes.get(target).filter(own);
                    vote.or_else(|| votes.iter().find(own)).map_or(0.0, |vote| vote.weight as f32)
                };
                for at in (0..targets).step_by(4) {
                    fours.push(F4::new([0, 1, 2, 3].map(|lane| weight(at + lane))));
                }
            }
        }
        match single {
            Some(targets) => Weights::Single { weights, targets: targets[trees].to_vec() },
            None => Weights::Fours { weights: fours, stride: targets.div_ceil(4) },
        }
    }
}
