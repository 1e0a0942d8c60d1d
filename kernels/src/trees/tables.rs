//! Trees of few leaves, evaluated without a walk. A comparison that does not hold cuts leaves off; the
//! first leaf that no comparison cuts off is the row's. So far "QuickScorer: a fast algorithm to rank
//! documents with additive ensembles of regression trees" (Lucchese et al., SIGIR 2015). Here the
//! leaves that a column leaves over, in all trees, stand in a table, by the number of thresholds
//! that its value is above: a row looks them up, once a column, and intersects them.

use std::cell::RefCell;
use std::ops::Range;

use super::lanes::{Bits, Four, add, below, ranks, write};
use super::masks::Mask;

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
    pub thresholds: Vec<Four>,
    /// The last one of each block of thresholds, filled up with +∞, of columns with many.
    pub pivots: Vec<Four>,
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

/// The leaves' votes, by line, tree and leaf.
#[derive(Debug)]
pub enum Weights {
    /// So many fours of targets.
    Fours(Vec<Four>, usize),
    /// One target a tree.
    Single(Vec<f32>, Vec<u32>),
}

/// Memory that is used again.
#[derive(Default)]
struct Scratch {
    /// The positions, row by row.
    positions: Vec<u32>,
    sums: Vec<Four>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
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
        sums.resize(count, Four::splat(0.0));
        for part in &self.parts {
            let all = count * part.columns.len();
            if positions.len() < all {
                positions.resize(all, 0);
            }
            let positions = &mut positions[..all];
            part.find(features, width, positions);
            match self.mask {
                16 => part.add::<u16>(positions, sums, out, self.targets),
                32 => part.add::<u32>(positions, sums, out, self.targets),
                _ => part.add::<u64>(positions, sums, out, self.targets),
            }
        }
        if self.targets <= 4 {
            for (scores, sum) in out.chunks_exact_mut(self.targets).zip(sums) {
                write(scores, *sum);
            }
        }
    }
}

/// Calls `each` for every tree of a line: with the position of the first leaf of its set among the
/// line's votes.
#[inline(always)]
fn firsts<M: Mask>(line: &Line, vectors: usize, mut each: impl FnMut(usize)) {
    let trees = LEAVES / M::LEAVES / VECTORS;
    for (at, sets) in line.iter().enumerate() {
        if at >= vectors {
            break;
        }
        M::firsts(*sets, |tree, leaf| {
            each((at * trees + tree) * M::LEAVES + (leaf & (M::LEAVES - 1)));
        });
    }
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
        let limit = Four::splat(value);
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
                    let ranks = ranks(fours, Four::new(a, b, c, d));
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
    fn add<M: Mask>(&self, positions: &[u32], sums: &mut [Four], out: &mut [f32], targets: usize) {
        let columns = self.columns.len();
        let of_line = LEAVES / M::LEAVES;
        for (number, lines) in self.lines.chunks_exact(self.height).enumerate() {
            let first = number * of_line;
            let vectors = (self.trees - first).div_ceil(of_line / VECTORS);
            let rows = positions.chunks_exact(columns);
            if let Weights::Fours(weights, 1) = &self.weights {
                let weights = weights.get(number * LEAVES..).and_then(<[Four]>::first_chunk);
                let Some(weights) = weights as Option<&[Four; LEAVES]> else { return };
                for (positions, sum) in rows.zip(sums.iter_mut()) {
                    let left = intersection(lines, positions);
                    let mut total = *sum;
                    firsts::<M>(&left, vectors, |at| total = total.plus(weights[at]));
                    *sum = total;
                }
            } else {
                for (positions, scores) in rows.zip(out.chunks_exact_mut(targets)) {
                    let left = intersection(lines, positions);
                    let mut leaves = [0; LEAVES / 16];
                    let mut trees = leaves.iter_mut();
                    firsts::<M>(&left, vectors, |at| {
                        if let Some(leaf) = trees.next() {
                            *leaf = at as u16;
                        }
                    });
                    let reached = &leaves[..of_line.min(self.trees - first)];
                    self.add_scores(number, first, reached, scores);
                }
            }
        }
    }

    /// Adds the votes of a line's trees for more than four targets.
    fn add_scores(&self, number: usize, first: usize, leaves: &[u16], scores: &mut [f32]) {
        let leaves = leaves.iter().map(|leaf| number * LEAVES + usize::from(*leaf));
        match &self.weights {
            Weights::Single(weights, targets) => {
                for (leaf, target) in leaves.zip(targets.iter().skip(first)) {
                    scores[*target as usize] += weights[leaf];
                }
            }
            Weights::Fours(weights, stride) => {
                for leaf in leaves {
                    add(scores, &weights[leaf * stride..(leaf + 1) * stride]);
                }
            }
        }
    }
}
