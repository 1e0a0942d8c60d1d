//! Lays trees of few leaves out for looking up.

use std::ops::Range;

use super::shape::{Node, Shape};
use super::votes::Votes;
use predikt_kernels::lanes::{Bits, F4, below};
use predikt_kernels::trees::tables::{BLOCK, Column, LEAVES, Line, Part, Tables, VECTORS};
use predikt_kernels::trees::weights::Weights;

/// Bytes that the tables of one part may have, so that they stay in a processor's cache.
const PART_BYTES: usize = 3 << 19;
/// Bytes that all tables may have.
const MOST_BYTES: usize = 1 << 24;
/// So many fours of thresholds are compared one by one; of more, first one of each block.
const FEW_FOURS: usize = 12;

/// What takes as long as a processor's instruction, about, for the decision between tables and walks.
mod cost {
    /// A step of a walk.
    pub const STEP: usize = 12;
    /// Finding a value's position in a column.
    pub const SEARCH: usize = 16;
    /// One of the vectors that are compared for that.
    pub const COMPARE: usize = 2;
    /// Taking one line over.
    pub const LINE: usize = 12;
    /// Adding a vote.
    pub const VOTE: usize = 6;
}

/// `None` where a tree has too many leaves or tables would be too great, or, if it `must_pay`, where
/// walks are expected to take less time.
pub fn new(shape: &Shape, votes: &Votes, must_pay: bool) -> Option<Tables> {
    let mask = match (0..shape.roots.len()).map(|tree| shape.leaves_of(tree).len()).max()? {
        0..=16 => 16,
        17..=32 => 32,
        33..=64 => 64,
        _ => return None,
    };
    let targets = votes.targets();
    let mut tables = Tables { parts: vec![], width: shape.width, mask, targets };
    let mut open: Vec<Range<usize>> = std::iter::once(0..shape.roots.len()).collect();
    let (mut cost, mut bytes) = (0, 0);
    while let Some(trees) = open.pop() {
        let part = plan(shape, trees.clone());
        let per_line = LEAVES / mask;
        let lines = trees.len().div_ceil(per_line);
        let size = part.height * lines * size_of::<Line>();
        if size > PART_BYTES && lines > 1 {
            let middle = trees.start + lines / 2 * per_line;
            open.extend([middle..trees.end, trees.start..middle]);
            continue;
        }
        cost += cost_of(&part, lines);
        bytes += size;
        if part.columns.is_empty() || bytes > MOST_BYTES {
            return None;
        }
        tables.parts.push(part);
    }
    let steps: u32 = shape.depths().iter().sum();
    if must_pay && cost > steps as usize * cost::STEP {
        return None;
    }
    let mut first = 0;
    for part in &mut tables.parts {
        fill(part, shape, first, mask);
        let trees = first..first + part.trees;
        part.weights = votes.lay_out(shape, trees, mask, targets > 4);
        if let Weights::Fours { weights, stride } = &mut part.weights {
            weights.resize(weights.len().next_multiple_of(LEAVES * *stride), F4::splat(0.0));
        }
        first += part.trees;
    }
    Some(tables)
}

/// The columns of these trees; no lines yet.
fn plan(shape: &Shape, trees: Range<usize>) -> Part {
    let start = shape.roots[trees.start];
    let nodes = &shape.nodes[start..shape.end(trees.end - 1)];
    // A column, and behind it a threshold's bits so that they are in its order.
    let branches = nodes.iter().filter(|node| !node.is_leaf());
    let cut =
        |node: &Node| u64::from(node.feature) << 32 | u64::from(sorted(node.threshold.to_bits()));
    let mut cuts: Vec<u64> = branches.map(cut).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut part = Part {
        columns: vec![],
        thresholds: vec![],
        pivots: vec![],
        lines: vec![],
        height: 0,
        weights: Weights::Fours { weights: vec![], stride: 0 },
        trees: trees.len(),
    };
    for cuts in cuts.chunk_by(|a, b| a >> 32 == b >> 32) {
        push_column(&mut part, cuts);
    }
    part
}

/// A number's bits, of which those of negative ones are turned round.
fn sorted(bits: u32) -> u32 {
    bits ^ ((bits as i32 >> 31) as u32 | 1 << 31)
}

/// The bits of the number that is [`sorted`] so.
fn unsorted(bits: u32) -> u32 {
    bits ^ ((!bits as i32 >> 31) as u32 | 1 << 31)
}

/// Appends a column with these thresholds.
fn push_column(part: &mut Part, cuts: &[u64]) {
    let starts = (part.thresholds.len(), part.pivots.len());
    let mut numbers = Vec::with_capacity(cuts.len());
    // Nothing is found by comparing with NaN, and zero is as high as its opposite.
    numbers.extend(cuts.iter().map(|cut| f32::from_bits(unsorted(*cut as u32))));
    numbers.retain(|threshold| !threshold.is_nan());
    numbers.dedup();
    let count = numbers.len();
    if count > FEW_FOURS * 4 {
        fill_up(&mut numbers, BLOCK * 4);
        let mut last = vec![];
        last.extend(numbers.chunks_exact(BLOCK * 4).filter_map(<[f32]>::last));
        push_fours(&mut part.pivots, last);
    }
    push_fours(&mut part.thresholds, numbers);
    part.columns.push(Column {
        feature: (cuts[0] >> 32) as usize,
        fours: starts.0..part.thresholds.len(),
        pivots: starts.1..part.pivots.len(),
        first: part.height as u32,
    });
    part.height += count + 2;
}

fn fill_up(numbers: &mut Vec<f32>, multiple: usize) {
    numbers.resize(numbers.len().next_multiple_of(multiple), f32::INFINITY);
}

fn push_fours(to: &mut Vec<F4>, mut numbers: Vec<f32>) {
    fill_up(&mut numbers, 4);
    to.extend(numbers.chunks_exact(4).map(|four| F4::new([four[0], four[1], four[2], four[3]])));
}

/// What a row is expected to take.
fn cost_of(part: &Part, lines: usize) -> usize {
    let compares = |column: &Column| match column.pivots.len() {
        0 => column.fours.len(),
        pivots => pivots + BLOCK,
    };
    let searches: usize =
        part.columns.iter().map(|column| cost::SEARCH + cost::COMPARE * compares(column)).sum();
    searches + part.columns.len() * lines * cost::LINE + part.trees * cost::VOTE
}

/// Makes the lines, of trees of which the first is that one.
fn fill(part: &mut Part, shape: &Shape, first: usize, mask: usize) {
    let trees = &shape.roots[first..first + part.trees];
    part.lines.reserve_exact(trees.len().div_ceil(LEAVES / mask) * part.height);
    for trees in trees.chunks(LEAVES / mask) {
        let mut lines = vec![[u64::MAX; 2 * VECTORS]; part.height];
        for (number, root) in trees.iter().enumerate() {
            let bit = number * mask;
            let mut at = *root;
            let mut open = 1;
            while open > 0 {
                open -= 1;
                let Node { feature, threshold, missing, other, .. } = shape.nodes[at];
                if other > 0 {
                    open += 2;
                    let [from, to] = [at + 1, other]
                        .map(|node| shape.nodes[node].leaves - shape.nodes[*root].leaves);
                    let cut = ((1u64 << (to - from)) - 1) << from << (bit % 64);
                    let Some((nan, above)) = places(part, feature as usize, threshold) else {
                        return;
                    };
                    lines[above][bit / 64] &= !cut;
                    if !missing {
                        lines[nan][bit / 64] &= !cut;
                    }
                }
                at += 1;
            }
        }
        inherit(part, &mut lines);
        part.lines.extend(lines.iter().map(|line| {
            [0, 1, 2, 3].map(|vector| Bits::new(line[vector * 2], line[vector * 2 + 1]))
        }));
    }
}

/// What is above a threshold is above those before it.
fn inherit(part: &Part, lines: &mut [[u64; 2 * VECTORS]]) {
    let ends = part.columns.iter().skip(1).map(|column| column.first as usize);
    for (column, end) in part.columns.iter().zip(ends.chain([part.height])) {
        for at in column.first as usize + 2..end {
            let before = lines[at - 1];
            lines[at].iter_mut().zip(before).for_each(|(sets, before)| *sets &= before);
        }
    }
}

/// The positions of NaN and of what is just above a threshold, in its column.
fn places(part: &Part, feature: usize, threshold: f32) -> Option<(usize, usize)> {
    let at = part.columns.binary_search_by_key(&feature, |column| column.feature).ok()?;
    let column = part.columns.get(at)?;
    let nan = column.first as usize;
    // All is above what nothing is at most.
    if threshold.is_nan() {
        return Some((nan, nan + 1));
    }
    let fours = part.thresholds.get(column.fours.clone())?;
    Some((nan, nan + 2 + below(fours, F4::splat(threshold)) as usize))
}
