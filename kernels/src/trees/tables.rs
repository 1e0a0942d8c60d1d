//! Trees of few leaves, evaluated without a walk. A comparison that does not hold cuts leaves off; the
//! first leaf that no comparison cuts off is the row's. So far "QuickScorer: a fast algorithm to rank
//! documents with additive ensembles of regression trees" (Lucchese et al., SIGIR 2015). Here the
//! leaves that a column leaves over, in all trees, stand in a table, by the number of thresholds
//! that its value is above: a row looks them up, once a column, and intersects them.

use std::cell::RefCell;
use std::ops::Range;

use super::weights::{Weights, write};
use crate::lanes::{Bits, F4, below, ranks};

/// Sets of leaves of several trees: a cache line.
pub type Line = [Bits; VECTORS];
/// Vectors of a line.
pub const VECTORS: usize = 4;
/// Leaves of a line's trees, of 16 each, or 32, or 64.
pub const LEAVES: usize = 512;

/// Positions in tables that are found before any is looked up.
const TILE: usize = 4096;
/// Fours in a block.
pub const BLOCK: usize = 4;

/// Trees that are evaluated by looking up.
#[derive(Debug)]
pub struct Tables {
    /// The trees, part by part.
    pub parts: Vec<Part>,
    /// Columns that are looked at.
    pub width: usize,
    /// Bits of a set.
    pub mask: usize,
    /// Targets or classes.
    pub targets: usize,
}

/// Trees with tables of their own.
#[derive(Debug)]
pub struct Part {
    /// The columns that are looked at, in ascending order.
    pub columns: Vec<Column>,
    /// The columns' thresholds, in ascending order, filled up with +∞.
    pub thresholds: Vec<F4>,
    /// The last one of each block of thresholds, filled up with +∞, of columns with many.
    pub pivots: Vec<F4>,
    /// Line after line, for each position of each column.
    pub lines: Vec<Line>,
    /// How many positions there are.
    pub height: usize,
    /// The votes, by line, tree and leaf.
    pub weights: Weights,
    /// How many trees there are.
    pub trees: usize,
}

/// A column of one part.
#[derive(Debug)]
pub struct Column {
    /// Its number.
    pub feature: usize,
    /// Its thresholds.
    pub fours: Range<usize>,
    /// Its pivots; none where there are few thresholds.
    pub pivots: Range<usize>,
    /// The position for NaN, behind which is that for what is above no threshold.
    pub first: u32,
}

/// Memory that is used again.
struct Scratch {
    /// The positions, row by row.
    positions: Vec<u32>,
    sums: Vec<F4>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> =
        const { RefCell::new(Scratch { positions: vec![], sums: vec![] }) };
}

impl Tables {
    /// Writes the sums of the votes of rows of `width` columns, which must be as many as are looked
    /// at: rows × targets.
    #[inline(never)]
    pub fn scores(&self, features: &[f32], width: usize, out: &mut [f32]) {
        if width < self.width {
            return;
        }
        let widest = self.parts.iter().map(|part| part.columns.len()).max().unwrap_or(1);
        let rows = (TILE / widest.max(1)).max(1);
        SCRATCH.with_borrow_mut(|scratch| {
            let tiles = out.chunks_mut(rows.saturating_mul(self.targets));
            for (out, features) in tiles.zip(features.chunks(rows.saturating_mul(width))) {
                self.tile(features, width, scratch, out);
            }
        });
    }

    fn tile(&self, features: &[f32], width: usize, scratch: &mut Scratch, out: &mut [f32]) {
        let count = out.len() / self.targets;
        let Scratch { positions, sums } = scratch;
        out.fill(0.0);
        sums.clear();
        sums.resize(count, F4::splat(0.0));
        for part in &self.parts {
            let all = count * part.columns.len();
            if positions.len() < all {
                positions.resize(all, 0);
            }
            let positions = &mut positions[..all];
            part.find(features, width, positions);
            part.add(self.mask, positions, sums, out, self.targets);
        }
        if self.targets <= 4 {
            for (scores, sum) in out.chunks_exact_mut(self.targets).zip(sums) {
                write(scores, *sum);
            }
        }
    }
}

/// A sum, and the votes of the trees in so many of a line's vectors, sets of `MASK` bits each.
#[inline(always)]
fn total<const MASK: usize>(line: Line, vectors: usize, weights: &[F4; LEAVES], mut sum: F4) -> F4 {
    for (number, sets) in line.into_iter().enumerate() {
        if number >= vectors {
            break;
        }
        for (half, set) in sets.halves().into_iter().enumerate() {
            for part in 0..64 / MASK {
                let leaf = (set >> (part * MASK)).trailing_zeros() as usize % MASK;
                sum = sum.plus(weights[number * 128 + half * 64 + part * MASK + leaf]);
            }
        }
    }
    sum
}

/// The sets that are left of all positions' lines.
#[inline(always)]
fn intersection(lines: &[Line], positions: &[u32]) -> Line {
    let [mut a, mut b, mut c, mut d] = [Bits::new(u64::MAX, u64::MAX); VECTORS];
    for position in positions {
        if let Some(line) = lines.get(*position as usize) {
            a = a.and(line[0]);
            b = b.and(line[1]);
            c = c.and(line[2]);
            d = d.and(line[3]);
        }
    }
    [a, b, c, d]
}

impl Part {
    /// The position of a row's value in a column.
    #[inline(always)]
    fn position(&self, column: &Column, row: &[f32]) -> u32 {
        let value = row.get(column.feature).copied().unwrap_or(f32::NAN);
        let limit = F4::splat(value);
        let fours = self.thresholds.get(column.fours.clone()).unwrap_or(&[]);
        let above = if column.pivots.is_empty() {
            below(fours, limit)
        } else {
            let pivots = self.pivots.get(column.pivots.clone()).unwrap_or(&[]);
            let block = below(pivots, limit) as usize * BLOCK;
            block as u32 * 4 + below(fours.get(block..block + BLOCK).unwrap_or(&[]), limit)
        };
        column.first + u32::from(!value.is_nan()) + above
    }

    /// Finds the positions of all rows' values.
    fn find(&self, features: &[f32], width: usize, positions: &mut [u32]) {
        let columns = self.columns.len();
        for (at, column) in self.columns.iter().enumerate() {
            let mut first = 0;
            if column.pivots.is_empty() {
                let fours = self.thresholds.get(column.fours.clone()).unwrap_or(&[]);
                let rows = features.chunks_exact(width * 4);
                for (positions, rows) in positions.chunks_exact_mut(columns * 4).zip(rows) {
                    let [a, b, c, d] = [0, 1, 2, 3].map(|row| rows[row * width + column.feature]);
                    let ranks = ranks(fours, F4::new([a, b, c, d]));
                    for (row, rank) in ranks.into_iter().enumerate() {
                        positions[row * columns + at] = column.first + rank;
                    }
                    first += 4;
                }
            }
            let rows = features.chunks_exact(width).skip(first);
            for (positions, row) in positions.chunks_exact_mut(columns).skip(first).zip(rows) {
                positions[at] = self.position(column, row);
            }
        }
    }

    /// Adds the votes of rows of which the positions are there.
    #[inline(never)]
    fn add(
        &self,
        mask: usize,
        positions: &[u32],
        sums: &mut [F4],
        out: &mut [f32],
        targets: usize,
    ) {
        let columns = self.columns.len();
        let of_line = LEAVES / mask;
        for (number, lines) in self.lines.chunks_exact(self.height).enumerate() {
            let trees = (self.trees - number * of_line).min(of_line);
            let rows = positions.chunks_exact(columns);
            if let Weights::Fours { weights, stride: 1 } = &self.weights {
                let weights = weights.get(number * LEAVES..).and_then(<[F4]>::first_chunk);
                let Some(weights) = weights as Option<&[F4; LEAVES]> else { return };
                // Places of trees that there are not have votes of zero.
                let vectors = (trees * mask).div_ceil(128);
                for (positions, sum) in rows.zip(sums.iter_mut()) {
                    let left = intersection(lines, positions);
                    *sum = match mask {
                        16 => total::<16>(left, vectors, weights, *sum),
                        32 => total::<32>(left, vectors, weights, *sum),
                        _ => total::<64>(left, vectors, weights, *sum),
                    };
                }
            } else {
                let mut leaves = [0; LEAVES / 16];
                let leaves = &mut leaves[..trees];
                for (positions, scores) in rows.zip(out.chunks_exact_mut(targets)) {
                    let left = intersection(lines, positions);
                    let sets = left.map(Bits::halves);
                    let sets = sets.as_flattened();
                    for (tree, leaf) in leaves.iter_mut().enumerate() {
                        let bit = tree * mask;
                        let set = sets[bit / 64] >> (bit % 64);
                        *leaf =
                            number * LEAVES + bit + (set.trailing_zeros() as usize & (mask - 1));
                    }
                    self.weights.add(number * of_line, leaves, scores);
                }
            }
        }
    }
}
