//! Walks through several trees, or of several rows, at once: while one waits for memory the others
//! go on. No step depends on a branch of the processor's; a row that is at its leaf stays there.

use super::weights::Weights;
use crate::lanes::{Bits, F4};

/// A branch or a leaf.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// A branch's threshold. A leaf's is NaN, which nothing is below, and the lower bits hold the
    /// leaf's number.
    key: u32,
    /// The column that is looked at.
    column: u16,
    /// How far behind this node its children are, of whom the second is for a comparison that
    /// holds. A leaf leads to itself: 0.
    pub next: u16,
}

const LEAF: u32 = 0x7fc0_0000;

impl Step {
    /// A comparison.
    pub fn branch(threshold: f32, column: u16, next: u16) -> Self {
        Step { key: threshold.to_bits(), column, next }
    }

    /// The leaf of that number, which is below 2^22.
    pub fn leaf(number: u32) -> Self {
        Step { key: LEAF | number, column: 0, next: 0 }
    }

    /// What the column is compared with.
    #[inline(always)]
    pub fn threshold(self) -> f32 {
        f32::from_bits(self.key)
    }

    /// A leaf's number.
    #[inline(always)]
    fn number(self) -> usize {
        (self.key & !LEAF) as usize
    }
}

/// Branches of a tree's first levels, [`TOP_LEVELS`] of them: those of one behind those of the one
/// before, so that the children of number `n` have the numbers 2n + 1 and, for a comparison that
/// holds, 2n + 2.
#[derive(Debug)]
pub struct Top {
    /// The columns that are looked at.
    pub columns: [u16; TOP],
    /// What they are compared with. NaN where a leaf came before.
    pub thresholds: [f32; TOP],
    /// The nodes below.
    pub below: [u32; TOP + 1],
}

/// Levels whose comparisons are all made, in eight rows at once. That takes as long as a third of
/// the steps through them.
pub const TOP_LEVELS: u32 = 4;
/// Branches on these levels.
pub const TOP: usize = (1 << TOP_LEVELS) - 1;

/// Trees to walk through.
#[derive(Debug)]
pub struct Walk {
    /// The nodes, a tree's behind one another from its root on.
    pub nodes: Vec<Step>,
    /// The columns that steps look at: which of the features, and what that is multiplied with, 1 or -1.
    /// A comparison that NaN is to hold for is turned into one, of opposites, that it does not hold for.
    pub columns: Vec<(u16, f32)>,
    /// Whether any column is an opposite; else columns are the features.
    pub has_opposites: bool,
    /// Where each tree begins, and up to a multiple of four, where some leaf is.
    pub roots: Vec<u32>,
    /// Branches on the longest way through each tree.
    pub depths: Vec<u32>,
    /// Each tree's first levels, if trees are deep.
    pub tops: Vec<Top>,
    /// The leaves' votes.
    pub weights: Weights,
    /// Targets or classes.
    pub targets: usize,
    /// Features that rows must have.
    pub width: usize,
}

/// One column's values in eight rows.
pub type Eight = [f32; 8];

impl Walk {
    /// Where a step from the node `at` leads.
    #[inline(always)]
    fn step(&self, at: usize, value: impl Fn(usize) -> f32) -> usize {
        let node = self.nodes[at];
        let holds = value(usize::from(node.column)) <= node.threshold();
        usize::from(node.next) + usize::from(holds)
    }

    /// The leaves that a row of columns reaches in four trees.
    #[inline(always)]
    pub fn four_trees(&self, roots: &[u32], row: &[f32]) -> [usize; 4] {
        let root = |tree: usize| roots[tree] as usize;
        let [mut a, mut b, mut c, mut d] = [root(0), root(1), root(2), root(3)];
        loop {
            let value = |column: usize| row[column];
            let steps = [
                self.step(a, value),
                self.step(b, value),
                self.step(c, value),
                self.step(d, value),
            ];
            if steps[0] | steps[1] | steps[2] | steps[3] == 0 {
                break;
            }
            a += steps[0];
            b += steps[1];
            c += steps[2];
            d += steps[3];
        }
        [a, b, c, d].map(|at| self.nodes[at].number())
    }

    /// The leaves that eight rows of columns reach in a tree.
    #[inline(never)]
    pub fn eight_rows(&self, tree: usize, columns: &[Eight]) -> [usize; 8] {
        let (start, depth) = match self.tops.get(tree) {
            Some(top) => (top.walk(columns), self.depths[tree].saturating_sub(TOP_LEVELS)),
            _ => ([self.roots[tree] as usize; 8], self.depths[tree]),
        };
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = start;
        // Every second step is looked at: whether any row was still on its way.
        let mut left = depth;
        while left > 0 {
            let mut moved = 0;
            for _ in 0..left.min(2) {
                let steps = [
                    self.step(a, |column| columns[column][0]),
                    self.step(b, |column| columns[column][1]),
                    self.step(c, |column| columns[column][2]),
                    self.step(d, |column| columns[column][3]),
                    self.step(e, |column| columns[column][4]),
                    self.step(f, |column| columns[column][5]),
                    self.step(g, |column| columns[column][6]),
                    self.step(h, |column| columns[column][7]),
                ];
                a += steps[0];
                b += steps[1];
                c += steps[2];
                d += steps[3];
                e += steps[4];
                f += steps[5];
                g += steps[6];
                h += steps[7];
                moved = steps[0]
                    | steps[1]
                    | steps[2]
                    | steps[3]
                    | steps[4]
                    | steps[5]
                    | steps[6]
                    | steps[7];
            }
            if moved == 0 {
                break;
            }
            left = left.saturating_sub(2);
        }
        [a, b, c, d, e, f, g, h].map(|at| self.nodes[at].number())
    }
}

impl Top {
    /// The nodes below to which eight rows come.
    #[inline(always)]
    fn walk(&self, columns: &[Eight]) -> [usize; 8] {
        let holds = |branch: usize| {
            let limit = F4::splat(self.thresholds[branch]);
            let [a, b, c, d, e, f, g, h] = columns[usize::from(self.columns[branch])];
            [F4::new([a, b, c, d]), F4::new([e, f, g, h])].map(|values| values.at_most(limit))
        };
        let choose = |by: [Bits; 2], [no, yes]: [[Bits; 2]; 2]| {
            [by[0].choose(yes[0], no[0]), by[1].choose(yes[1], no[1])]
        };
        // Of the branches `first` and its sibling, the one to which the step before led.
        let pair = |by: [Bits; 2], first: usize| choose(by, [holds(first), holds(first + 1)]);
        let a = holds(0);
        let b = pair(a, 1);
        let c = choose(a, [pair(b, 3), pair(b, 5)]);
        let no = choose(b, [pair(c, 7), pair(c, 9)]);
        let yes = choose(b, [pair(c, 11), pair(c, 13)]);
        let d = choose(a, [no, yes]);
        let bit = |bit: u64| Bits::new(bit << 32 | bit, bit << 32 | bit);
        let [low, high] = [0, 1].map(|half| {
            // The bits of a number, from the highest on, say which way the steps went.
            let number = a[half].and(bit(8));
            let number = b[half].and(bit(4)).or(number);
            let number = c[half].and(bit(2)).or(number);
            d[half].and(bit(1)).or(number)
        });
        let node = |number: u32| self.below[number as usize & TOP] as usize;
        let ([a, b, c, d], [e, f, g, h]) = (low.words(), high.words());
        [a, b, c, d, e, f, g, h].map(node)
    }
}
