//! Trees of at most 32 leaves, evaluated without a walk: each branch that does not hold takes the
//! leaves out that it cuts off, in eight rows at once; the first leaf that is left is the row's.
//! After "QuickScorer: a fast algorithm to rank documents with additive ensembles of regression
//! trees" (Lucchese et al., SIGIR 2015), tree by tree instead of column by column.

use super::ensemble::{Child, Ensemble, Place};
use super::flat::comparison;
use super::lanes::{Bits, Eight, Four};

/// One step of eight rows' walk takes as long as twelve branches here, so that trees of up to 32
/// leaves are always faster this way; those of up to 64, whose sets of leaves fill two vectors more,
/// are not.
const MOST_LEAVES: usize = 32;

/// One branch.
#[derive(Debug, Clone, Copy)]
struct Cut {
    threshold: f32,
    feature: u32,
    /// The leaves that are left where the comparison does not hold.
    keep: u32,
}

/// Where a tree begins.
#[derive(Debug, Clone, Copy)]
struct Start {
    cut: u32,
    leaf: u32,
}

/// The trees.
#[derive(Debug)]
pub struct Small {
    cuts: Vec<Cut>,
    starts: Vec<Start>,
}

impl Small {
    /// `None` where a tree has too many leaves, which `leaves` has tree by tree.
    pub fn new(ensemble: &Ensemble<f32>, leaves: &[Vec<usize>]) -> Option<Self> {
        if leaves.iter().any(|tree| tree.len() > MOST_LEAVES) {
            return None;
        }
        let mut small = Small { cuts: vec![], starts: vec![] };
        let mut leaf = 0;
        for (root, leaves) in ensemble.roots.iter().zip(leaves) {
            small.starts.push(Start { cut: small.cuts.len() as u32, leaf });
            small.push(ensemble, *root, 0)?;
            leaf += leaves.len() as u32;
        }
        small.starts.push(Start { cut: small.cuts.len() as u32, leaf });
        Some(small)
    }

    /// Appends the branches of a subtree whose first leaf has that number, and answers the number
    /// behind its last one.
    fn push(&mut self, ensemble: &Ensemble<f32>, child: Child, first: u32) -> Option<u32> {
        let Place::Branch(branch) = child.place() else { return Some(first + 1) };
        let comparison = comparison(ensemble, branch)?;
        let [no, yes] = comparison.children;
        let at = self.cuts.len();
        let (threshold, feature) = (comparison.threshold, ensemble.features[branch]);
        self.cuts.push(Cut { threshold, feature, keep: 0 });
        let middle = self.push(ensemble, yes, first)?;
        self.cuts[at].keep = !(((1u32 << (middle - first)) - 1) << first);
        self.push(ensemble, no, middle)
    }

    /// The leaves that eight rows reach in a tree. `columns` has at least as many as are looked at.
    #[inline(always)]
    pub fn leaves(&self, tree: usize, columns: &[Eight]) -> [usize; 8] {
        let (start, end) = (self.starts[tree], self.starts[tree + 1]);
        let mut low = Bits::splat(u32::MAX);
        let mut high = low;
        for cut in &self.cuts[start.cut as usize..end.cut as usize] {
            let threshold = Four::splat(cut.threshold);
            let keep = Bits::splat(cut.keep);
            let values = columns[cut.feature as usize];
            low = low.keep_beyond(values[0], threshold, keep);
            high = high.keep_beyond(values[1], threshold, keep);
        }
        let leaf = |bits: u32| (start.leaf + bits.trailing_zeros()) as usize;
        [
            leaf(low.get::<0>()),
            leaf(low.get::<1>()),
            leaf(low.get::<2>()),
            leaf(low.get::<3>()),
            leaf(high.get::<0>()),
            leaf(high.get::<1>()),
            leaf(high.get::<2>()),
            leaf(high.get::<3>()),
        ]
    }
}
