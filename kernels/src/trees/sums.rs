//! The sums of the votes of rows that walk. Votes are added in the order of the trees.

use std::cell::RefCell;

use super::walk::{Eight, Walk};
use super::weights::{Weights, add_fours, add_single, write};
use crate::lanes::F4;

/// Rows that are side by side.
const BLOCK: usize = 8;
/// Blocks that go through a tree before the next tree's turn: they and a tree fit the cache.
const TILE: usize = 16;
/// Columns of all blocks of a tile.
const TILE_COLUMNS: usize = 1024;
/// Fewer rows go one by one.
const FEW: usize = 4;

/// Where there are that many more columns than steps, laying them out costs more than it brings.
const MANY_COLUMNS: usize = 4;

/// Memory that is used again.
struct Scratch {
    /// Eight rows' columns, block by block.
    columns: Vec<Eight>,
    /// Scores of rows that are padded to fours.
    sums: Vec<F4>,
    /// A row's columns.
    row: Vec<f32>,
    /// The leaves that a row reaches, tree by tree.
    leaves: Vec<usize>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = const {
        RefCell::new(Scratch { columns: vec![], sums: vec![], row: vec![], leaves: vec![] })
    };
}

impl Walk {
    /// Writes the sums of the votes of `count` rows, which have at least [`width`](Self::width)
    /// columns: rows × targets.
    #[inline(never)]
    pub fn scores(&self, features: &[f32], count: usize, width: usize, out: &mut [f32]) {
        let steps: usize = self.depths.iter().map(|depth| *depth as usize).sum();
        SCRATCH.with_borrow_mut(|scratch| {
            if count < FEW
                || self.columns.is_empty()
                || self.columns.len() > steps.saturating_mul(MANY_COLUMNS)
            {
                self.row_by_row(features, count, width, scratch, out);
            } else {
                self.in_blocks(features, width, scratch, out);
            }
        });
    }

    /// Each row by itself.
    fn row_by_row(
        &self,
        features: &[f32],
        count: usize,
        width: usize,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) {
        let Scratch { row: opposites, leaves, .. } = scratch;
        leaves.resize(self.roots.len(), 0);
        for (at, scores) in (0..count).zip(out.chunks_exact_mut(self.targets)) {
            let mut row = features.get(at * width..(at + 1) * width).unwrap_or(&[]);
            if self.has_opposites {
                let column = |(feature, sign): &(u16, f32)| row[usize::from(*feature)] * sign;
                opposites.clear();
                opposites.extend(self.columns.iter().map(column));
                row = opposites;
            }
            self.row(row, leaves);
            scores.fill(0.0);
            self.weights.add(0, &leaves[..self.depths.len()], scores);
        }
    }

    /// The leaves that a row of columns reaches.
    #[inline(never)]
    fn row(&self, row: &[f32], leaves: &mut [usize]) {
        for (roots, leaves) in self.roots.chunks_exact(4).zip(leaves.chunks_exact_mut(4)) {
            leaves.copy_from_slice(&self.four_trees(roots, row));
        }
    }

    /// Eight rows at once, tile by tile.
    fn in_blocks(&self, features: &[f32], width: usize, scratch: &mut Scratch, out: &mut [f32]) {
        let rows = BLOCK * (TILE_COLUMNS / self.columns.len().max(1)).clamp(1, TILE);
        let features = features.chunks(width.saturating_mul(rows));
        for (rows, out) in features.zip(out.chunks_mut(self.targets.saturating_mul(rows))) {
            self.lay_out(rows, width, &mut scratch.columns);
            self.tile(&scratch.columns, &mut scratch.sums, out);
        }
    }

    /// The columns, block by block. What stands for rows that are missing in the last block is no matter.
    fn lay_out(&self, rows: &[f32], width: usize, columns: &mut Vec<Eight>) {
        let blocks = (rows.len() / width).div_ceil(BLOCK);
        columns.resize(blocks * self.columns.len(), [0.0; BLOCK]);
        let blocks = columns.chunks_exact_mut(self.columns.len());
        for (rows, columns) in rows.chunks(width.saturating_mul(BLOCK)).zip(blocks) {
            for (lane, row) in rows.chunks_exact(width).enumerate() {
                for ((feature, sign), column) in self.columns.iter().zip(&mut *columns) {
                    column[lane % BLOCK] = row[usize::from(*feature)] * sign;
                }
            }
        }
    }

    fn tile(&self, columns: &[Eight], sums: &mut Vec<F4>, out: &mut [f32]) {
        let blocks = out.len().div_ceil(BLOCK * self.targets);
        out.fill(0.0);
        sums.clear();
        if let Weights::Fours { stride, .. } = self.weights {
            sums.resize(blocks * BLOCK * stride, F4::splat(0.0));
        }
        for tree in 0..self.depths.len() {
            for block in 0..blocks {
                let columns = columns.get(block * self.columns.len()..).unwrap_or(&[]);
                let leaves = self.eight_rows(tree, columns);
                match &self.weights {
                    Weights::Single { weights, targets } => {
                        let first = BLOCK * block * self.targets + targets[tree] as usize;
                        add_single(weights, &leaves, &mut out[first..], self.targets);
                    }
                    Weights::Fours { weights, stride } => {
                        let sums = &mut sums[BLOCK * block * stride..];
                        add_fours(weights, *stride, &leaves, sums);
                    }
                }
            }
        }
        if let Weights::Fours { stride, .. } = self.weights {
            for (scores, sums) in out.chunks_exact_mut(self.targets).zip(sums.chunks_exact(stride))
            {
                for (scores, sum) in scores.chunks_mut(4).zip(sums) {
                    write(scores, *sum);
                }
            }
        }
    }
}
