//! Walks through several trees, or of several rows, at once: while one waits for memory the others
//! go on. No step depends on a branch of the processor's; a row that is at its leaf stays there.

use super::lanes::{Bits, Four, at_most};

/// A branch or a leaf.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// A branch's threshold. A leaf's is NaN, which nothing is below, and the lower bits hold the
    /// leaf's number.
    key: u32,
    /// The column that is looked at.
    feature: u16,
    /// How far behind this node its children are, of whom the second is for a comparison that
    /// holds. A leaf leads to itself: 0.
    pub next: u16,
}

const LEAF: u32 = 0x7fc0_0000;

impl Step {
    /// A comparison.
    pub fn branch(threshold: f32, feature: u16, next: u16) -> Self {
        Step { key: threshold.to_bits(), feature, next }
    }

    /// The leaf of that number, which is below 2^22.
    pub fn leaf(number: u32) -> Self {
        Step { key: LEAF | number, feature: 0, next: 0 }
    }

    /// What the feature is compared with.
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

/// Where NaN goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nowhere that a comparison that holds goes.
    Never,
    /// Always there.
    Always,
    /// To either side, branch by branch.
    Mixed,
}

/// The leaves' votes.
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
    Dense {
        /// All leaves'.
        weights: Vec<Four>,
        /// Fours a leaf.
        stride: usize,
    },
}

/// Branches of a tree's first levels, [`TOP_LEVELS`] of them: those of one behind those of the one
/// before, so that the children of number `n` have the numbers 2n + 1 and, for a comparison that
/// holds, 2n + 2.
#[derive(Debug)]
pub struct Top {
    /// The columns that are looked at.
    pub features: [u16; TOP],
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
    /// Which branches take NaN for true; as long as the nodes if any does.
    pub missing: Vec<bool>,
    /// Where NaN goes.
    pub nan: Missing,
    /// Where each tree begins, and up to a multiple of four, where a leaf is that votes with zero.
    pub roots: Vec<u32>,
    /// Branches on the longest way through each tree.
    pub depths: Vec<u32>,
    /// Each tree's first levels, if trees are deep.
    pub tops: Vec<Top>,
    /// The leaves' votes.
    pub weights: Weights,
    /// Targets or classes.
    pub targets: usize,
    /// Columns that are looked at.
    pub width: usize,
}

/// One column's values in eight rows.
pub type Eight = [Four; 2];

impl Walk {
    /// Where a step from the node `at` leads. `NAN` where the value may be one that some branch
    /// takes for true.
    #[inline(always)]
    fn step<const NAN: bool>(&self, at: usize, value: impl Fn(usize) -> f32) -> usize {
        let node = self.nodes[at];
        let value = value(usize::from(node.feature));
        let mut holds = value <= node.threshold();
        if NAN {
            holds |= value.is_nan() & self.missing[at];
        }
        usize::from(node.next) + usize::from(holds)
    }

    /// The leaves that a row reaches in four trees. The row has at least [`width`](Self::width)
    /// columns.
    #[inline(always)]
    pub fn four_trees<const NAN: bool>(&self, roots: &[u32], row: &[f32]) -> [usize; 4] {
        let root = |tree: usize| roots[tree] as usize;
        let [mut a, mut b, mut c, mut d] = [root(0), root(1), root(2), root(3)];
        loop {
            let value = |column: usize| row[column];
            let steps = [
                self.step::<NAN>(a, value),
                self.step::<NAN>(b, value),
                self.step::<NAN>(c, value),
                self.step::<NAN>(d, value),
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

    /// The leaves that eight rows reach in a tree. `columns` are at least [`width`](Self::width).
    #[inline(never)]
    pub fn eight_rows<const NAN: bool>(&self, tree: usize, columns: &[Eight]) -> [usize; 8] {
        let (start, depth) = match self.tops.get(tree) {
            Some(top) if !NAN => (top.walk(columns), self.depths[tree].saturating_sub(TOP_LEVELS)),
            _ => ([self.roots[tree] as usize; 8], self.depths[tree]),
        };
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = start;
        // Every second step is looked at: whether any row was still on its way.
        for _ in 0..depth.div_ceil(2) {
            let mut moved = 0;
            for _ in 0..2 {
                let steps = [
                    self.step::<NAN>(a, |column| columns[column][0].get::<0>()),
                    self.step::<NAN>(b, |column| columns[column][0].get::<1>()),
                    self.step::<NAN>(c, |column| columns[column][0].get::<2>()),
                    self.step::<NAN>(d, |column| columns[column][0].get::<3>()),
                    self.step::<NAN>(e, |column| columns[column][1].get::<0>()),
                    self.step::<NAN>(f, |column| columns[column][1].get::<1>()),
                    self.step::<NAN>(g, |column| columns[column][1].get::<2>()),
                    self.step::<NAN>(h, |column| columns[column][1].get::<3>()),
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
        }
        [a, b, c, d, e, f, g, h].map(|at| self.nodes[at].number())
    }
}

impl Top {
    /// The nodes below to which eight rows come.
    #[inline(always)]
    fn walk(&self, columns: &[Eight]) -> [usize; 8] {
        let holds = |branch: usize| {
            let limit = Four::splat(self.thresholds[branch]);
            columns[usize::from(self.features[branch])].map(|values| at_most(values, limit))
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
        [
            node(low.word::<0>()),
            node(low.word::<1>()),
            node(low.word::<2>()),
            node(low.word::<3>()),
            node(high.word::<0>()),
            node(high.word::<1>()),
            node(high.word::<2>()),
            node(high.word::<3>()),
        ]
    }
}
