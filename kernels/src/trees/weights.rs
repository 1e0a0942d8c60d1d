//! The votes of leaves.

use crate::lanes::F4;

/// The leaves' votes, in the order of the leaves' numbers.
#[derive(Debug)]
pub enum Weights {
    /// A leaf votes for its tree's target alone.
    Single {
        /// One a leaf.
        weights: Vec<f32>,
        /// One a tree.
        targets: Vec<u32>,
    },
    /// A leaf has a weight for each target, padded to whole fours.
    Fours {
        /// All leaves'.
        weights: Vec<F4>,
        /// Fours a leaf.
        stride: usize,
    },
}

impl Weights {
    /// Adds the votes of the leaves that a row reaches, one in each tree from the `first` on, to its scores.
    #[inline(never)]
    pub(crate) fn add(&self, first: usize, leaves: &[usize], scores: &mut [f32]) {
        match self {
            Weights::Single { weights, targets } => {
                for (target, leaf) in targets.iter().skip(first).zip(leaves) {
                    scores[*target as usize] += weights[*leaf];
                }
            }
            Weights::Fours { weights, stride } => {
                for leaf in leaves {
                    add(scores, &weights[leaf * stride..(leaf + 1) * stride]);
                }
            }
        }
    }
}

/// Adds the votes of leaves, one a row, to the rows' sums of `stride` fours each.
#[inline(never)]
pub(crate) fn add_fours(weights: &[F4], stride: usize, leaves: &[usize], sums: &mut [F4]) {
    for (sums, leaf) in sums.chunks_exact_mut(stride).zip(leaves) {
        let weights = &weights[leaf * stride..(leaf + 1) * stride];
        for (sum, weight) in sums.iter_mut().zip(weights) {
            *sum = sum.plus(*weight);
        }
    }
}

/// Adds the votes of leaves, one a row, to the first of each row's `targets` scores.
#[inline(never)]
pub(crate) fn add_single(weights: &[f32], leaves: &[usize], scores: &mut [f32], targets: usize) {
    for (score, leaf) in scores.iter_mut().step_by(targets).zip(leaves) {
        *score += weights[*leaf];
    }
}

/// Adds fours to a row of scores, whose number need not be a multiple of four.
#[inline(always)]
fn add(scores: &mut [f32], fours: &[F4]) {
    for (scores, four) in scores.chunks_mut(4).zip(fours) {
        scores.iter_mut().zip(four.array()).for_each(|(score, vote)| *score += vote);
    }
}

/// Writes a four to a row of up to four scores.
#[inline(always)]
pub(crate) fn write(scores: &mut [f32], four: F4) {
    scores.iter_mut().zip(four.array()).for_each(|(score, sum)| *score = sum);
}
