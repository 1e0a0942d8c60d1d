//! The fast traversals: which one when, and the sums of the votes. Votes are added in the order of
//! the trees, as [`aggregate`](super::aggregate) adds them, so that sums are the same to the bit.

use std::cell::RefCell;

use super::flat::{Flat, Missing, Votes};
use super::lanes::{Eight, Four};

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

/// How the leaves of many rows are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By walking.
    Walk,
    /// By walking, where NaN is to be looked for.
    WalkWithNan,
    /// By [`Small`](super::small::Small).
    Cut,
}

/// Memory that is used again.
#[derive(Default)]
struct Scratch {
    /// Eight rows' columns, block by block.
    columns: Vec<Eight>,
    /// Scores of rows that are padded to fours.
    sums: Vec<Four>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Flat {
    /// Writes the sums of the votes of `count` rows, which have at least [`width`](Self::width)
    /// columns: rows × targets.
    pub fn scores(&self, features: &[f32], count: usize, width: usize, out: &mut [f32]) {
        if count < FEW || width == 0 || self.width > self.steps.saturating_mul(MANY_COLUMNS) {
            self.row_by_row(features, count, width, out);
        } else {
            let way = if self.small.is_some() { Way::Cut } else { Way::Walk };
            self.in_blocks(way, features, width, out);
        }
    }

    /// Each row by itself.
    pub fn row_by_row(&self, features: &[f32], count: usize, width: usize, out: &mut [f32]) {
        out.fill(0.0);
        for (at, scores) in (0..count).zip(out.chunks_exact_mut(self.targets)) {
            let row = features.get(at * width..(at + 1) * width).unwrap_or(&[]);
            if self.nan != Missing::Never && row.iter().any(|value| value.is_nan()) {
                self.row::<true>(row, scores);
            } else {
                self.row::<false>(row, scores);
            }
        }
    }

    fn row<const NAN: bool>(&self, row: &[f32], scores: &mut [f32]) {
        match &self.votes {
            Votes::Single { weights, targets } => {
                for (roots, targets) in self.roots.chunks_exact(4).zip(targets.chunks_exact(4)) {
                    let leaves = self.four_trees::<NAN>(roots, row);
                    for (target, leaf) in targets.iter().zip(leaves) {
                        scores[*target as usize] += weights[leaf];
                    }
                }
            }
            Votes::Dense { weights, stride: 1 } => {
                let mut sum = Four::splat(0.0);
                for roots in self.roots.chunks_exact(4) {
                    let [a, b, c, d] = self.four_trees::<NAN>(roots, row);
                    sum = sum.plus(weights[a]).plus(weights[b]).plus(weights[c]).plus(weights[d]);
                }
                scores.iter_mut().zip(sum.all()).for_each(|(score, sum)| *score = sum);
            }
            Votes::Dense { weights, stride } => {
                for roots in self.roots.chunks_exact(4) {
                    for leaf in self.four_trees::<NAN>(roots, row) {
                        let weights = &weights[leaf * stride..(leaf + 1) * stride];
                        for (scores, weights) in scores.chunks_mut(4).zip(weights) {
                            let all = weights.all();
                            scores.iter_mut().zip(all).for_each(|(score, vote)| *score += vote);
                        }
                    }
                }
            }
        }
    }

    /// Eight rows at once, tile by tile. Where NaN goes to either side the way is another.
    pub fn in_blocks(&self, way: Way, features: &[f32], width: usize, out: &mut [f32]) {
        SCRATCH.with_borrow_mut(|scratch| {
            let rows = BLOCK * (TILE_COLUMNS / self.width.max(1)).clamp(1, TILE);
            let features = features.chunks(width.saturating_mul(rows));
            for (rows, out) in features.zip(out.chunks_mut(self.targets.saturating_mul(rows))) {
                let is_mixed = self.nan == Missing::Mixed;
                let has_nan = is_mixed && rows.iter().any(|value| value.is_nan());
                let way = if has_nan { Way::WalkWithNan } else { way };
                self.lay_out(rows, width, &mut scratch.columns);
                self.tile(way, &scratch.columns, &mut scratch.sums, out);
            }
        });
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

    fn tile(&self, way: Way, columns: &[Eight], sums: &mut Vec<Four>, out: &mut [f32]) {
        match (way, &self.small) {
            (Way::Cut, Some(small)) => {
                self.add_up(columns, sums, out, |tree, columns| small.leaves(tree, columns));
            }
            _ => self.add_up(columns, sums, out, |tree, columns| match way {
                Way::WalkWithNan => self.eight_rows::<true>(tree, columns),
                _ => self.eight_rows::<false>(tree, columns),
            }),
        }
    }

    #[inline(always)]
    fn add_up(
        &self,
        columns: &[Eight],
        sums: &mut Vec<Four>,
        out: &mut [f32],
        leaves: impl Fn(usize, &[Eight]) -> [usize; BLOCK],
    ) {
        // Trees that look at no column are single leaves.
        let block_width = self.width.max(1);
        let block =
            |at: usize| columns.get(at * block_width..(at + 1) * block_width).unwrap_or(&[]);
        match &self.votes {
            Votes::Single { weights, targets } => {
                out.fill(0.0);
                for (tree, target) in targets.iter().take(self.depths.len()).enumerate() {
                    let target = *target as usize;
                    for (at, rows) in out.chunks_mut(BLOCK * self.targets).enumerate() {
                        let leaves = leaves(tree, block(at));
                        for (scores, leaf) in rows.chunks_exact_mut(self.targets).zip(leaves) {
                            scores[target] += weights[leaf];
                        }
                    }
                }
            }
            Votes::Dense { weights, stride } => {
                let count = out.len() / self.targets;
                sums.clear();
                sums.resize(count * stride, Four::splat(0.0));
                for tree in 0..self.depths.len() {
                    for (at, rows) in sums.chunks_mut(BLOCK * stride).enumerate() {
                        let leaves = leaves(tree, block(at));
                        if *stride == 1 {
                            for (sum, leaf) in rows.iter_mut().zip(leaves) {
                                *sum = sum.plus(weights[leaf]);
                            }
                        } else {
                            for (sums, leaf) in rows.chunks_exact_mut(*stride).zip(leaves) {
                                let weights = &weights[leaf * stride..(leaf + 1) * stride];
                                for (sum, weights) in sums.iter_mut().zip(weights) {
                                    *sum = sum.plus(*weights);
                                }
                            }
                        }
                    }
                }
                let rows = out.chunks_exact_mut(self.targets).zip(sums.chunks_exact(*stride));
                for (scores, sums) in rows {
                    for (scores, sums) in scores.chunks_mut(4).zip(sums) {
                        scores.iter_mut().zip(sums.all()).for_each(|(score, sum)| *score = sum);
                    }
                }
            }
        }
    }
}
