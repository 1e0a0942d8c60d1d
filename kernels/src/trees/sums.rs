//! The sums of the votes of rows that walk. Votes are added in the order of the trees.

use std::cell::RefCell;

use super::lanes::{Four, add, write};
use super::walk::{Eight, Missing, Walk, Weights};

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
#[derive(Default)]
struct Scratch {
    /// Eight rows' columns, block by block.
    columns: Vec<Eight>,
    /// Scores of rows that are padded to fours.
    sums: Vec<Four>,
    /// The leaves that a row reaches, tree by tree.
    leaves: Vec<usize>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Walk {
    /// Writes the sums of the votes of `count` rows, which have at least [`width`](Self::width)
    /// columns: rows × targets.
    #[inline(never)]
    pub fn scores(&self, features: &[f32], count: usize, width: usize, out: &mut [f32]) {
        let steps: usize = self.depths.iter().map(|depth| *depth as usize).sum();
        SCRATCH.with_borrow_mut(|scratch| {
            if count < FEW || width == 0 || self.width > steps.saturating_mul(MANY_COLUMNS) {
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
        let leaves = &mut scratch.leaves;
        leaves.resize(self.roots.len(), 0);
        for (at, scores) in (0..count).zip(out.chunks_exact_mut(self.targets)) {
            let row = features.get(at * width..(at + 1) * width).unwrap_or(&[]);
            if self.nan != Missing::Never && row.iter().any(|value| value.is_nan()) {
                self.row::<true>(row, leaves);
            } else {
                self.row::<false>(row, leaves);
            }
            self.count(leaves, scores);
        }
    }

    /// The leaves that a row reaches.
    #[inline(never)]
    fn row<const NAN: bool>(&self, row: &[f32], leaves: &mut [usize]) {
        for (roots, leaves) in self.roots.chunks_exact(4).zip(leaves.chunks_exact_mut(4)) {
            leaves.copy_from_slice(&self.four_trees::<NAN>(roots, row));
        }
    }

    /// Writes the sums of the votes of all trees' leaves.
    fn count(&self, leaves: &[usize], scores: &mut [f32]) {
        match &self.weights {
            Weights::Single { weights, targets } => {
                scores.fill(0.0);
                for (target, leaf) in targets.iter().zip(leaves) {
                    scores[*target as usize] += weights[*leaf];
                }
            }
            Weights::Dense { weights, stride } => {
                scores.fill(0.0);
                for leaf in leaves {
                    add(scores, &weights[leaf * stride..(leaf + 1) * stride]);
                }
            }
        }
    }

    /// Eight rows at once, tile by tile. Where NaN goes to either side the way is another.
    fn in_blocks(&self, features: &[f32], width: usize, scratch: &mut Scratch, out: &mut [f32]) {
        let rows = BLOCK * (TILE_COLUMNS / self.width.max(1)).clamp(1, TILE);
        let features = features.chunks(width.saturating_mul(rows));
        for (rows, out) in features.zip(out.chunks_mut(self.targets.saturating_mul(rows))) {
            let is_mixed = self.nan == Missing::Mixed;
            let has_nan = is_mixed && rows.iter().any(|value| value.is_nan());
            self.lay_out(rows, width, &mut scratch.columns);
            self.tile(has_nan, &scratch.columns, &mut scratch.sums, out);
        }
    }

    /// The columns that are looked at, block by block. Rows that are missing in the last block
    /// are the last row again.
    fn lay_out(&self, rows: &[f32], width: usize, columns: &mut Vec<Eight>) {
        let last = (rows.len() / width).saturating_sub(1);
        let nan_below = self.nan == Missing::Always;
        columns.clear();
        for block in 0..=last / BLOCK {
            let row = |at: usize| {
                let at = (block * BLOCK + at).min(last);
                &rows[at * width..at * width + self.width]
            };
            let rows = [row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)];
            for column in 0..self.width {
                let value = |row: &[f32]| {
                    let value = row[column];
                    if nan_below && value.is_nan() { f32::NEG_INFINITY } else { value }
                };
                let [a, b, c, d, e, f, g, h] = rows.map(value);
                columns.push([Four::new(a, b, c, d), Four::new(e, f, g, h)]);
            }
        }
    }

    fn tile(&self, nan: bool, columns: &[Eight], sums: &mut Vec<Four>, out: &mut [f32]) {
        let blocks = out.len().div_ceil(BLOCK * self.targets);
        out.fill(0.0);
        sums.clear();
        if let Weights::Dense { stride, .. } = self.weights {
            sums.resize(blocks * BLOCK * stride, Four::splat(0.0));
        }
        for tree in 0..self.depths.len() {
            for block in 0..blocks {
                let columns = columns.get(block * self.width..).unwrap_or(&[]);
                let leaves = if nan {
                    self.eight_rows::<true>(tree, columns)
                } else {
                    self.eight_rows::<false>(tree, columns)
                };
                match &self.weights {
                    Weights::Single { weights, targets } => {
                        let first = BLOCK * block * self.targets + targets[tree] as usize;
                        let scores = out[first..].iter_mut().step_by(self.targets);
                        for (score, leaf) in scores.zip(leaves) {
                            *score += weights[leaf];
                        }
                    }
                    Weights::Dense { weights, stride } => {
                        let sums = sums[BLOCK * block * stride..].chunks_exact_mut(*stride);
                        for (sums, leaf) in sums.zip(leaves) {
                            let weights = &weights[leaf * stride..(leaf + 1) * stride];
                            for (sum, weights) in sums.iter_mut().zip(weights) {
                                *sum = sum.plus(*weights);
                            }
                        }
                    }
                }
            }
        }
        if let Weights::Dense { stride, .. } = self.weights {
            for (scores, sums) in out.chunks_exact_mut(self.targets).zip(sums.chunks_exact(stride))
            {
                for (scores, sum) in scores.chunks_mut(4).zip(sums) {
                    write(scores, *sum);
                }
            }
        }
    }
}
