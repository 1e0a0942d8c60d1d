//! The nodes of most ensembles, and how they hang together: binary32, no test for equality or membership.
//! All comparisons are turned into one, `feature <= threshold`.

use std::ops::Range;

use super::ensemble::{Branch, Child, Ensemble, Mode, Place, Vote};

/// A branch, or a leaf.
#[derive(Debug, Clone, Copy, Default)]
pub struct Node {
    /// The column that is looked at.
    pub feature: u32,
    /// What it is at most, for the comparison to hold.
    pub threshold: f32,
    /// Whether NaN goes where a comparison that holds leads.
    pub missing: bool,
    /// Where a branch leads whose comparison does not hold; where it does, to the next node. 0 is a leaf.
    pub other: usize,
    /// How many leaves there are before it.
    pub leaves: usize,
    /// Branches on the longest way from it.
    pub depth: u32,
}

impl Node {
    /// Whether it is the end of a way.
    pub fn is_leaf(&self) -> bool {
        self.other == 0
    }
}

/// All trees' nodes, those of a tree in preorder: what follows a branch is first where a comparison that
/// holds leads, then where one that does not.
#[derive(Debug, Default)]
pub struct Shape {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// Where each tree begins.
    pub roots: Vec<usize>,
    /// The leaves' numbers in the ensemble.
    pub leaves: Vec<usize>,
    /// Columns that rows must have.
    pub width: usize,
}

impl Shape {
    /// `None` where there is a test that is no comparison of order, or where two ways lead to one node.
    pub fn new(ensemble: &Ensemble) -> Option<Self> {
        let mut shape = Shape::default();
        let mut seen = vec![false; ensemble.branches.len() + ensemble.leaves.len()];
        for root in &ensemble.roots {
            let start = shape.nodes.len();
            shape.roots.push(start);
            let mut open = vec![*root];
            while let Some(child) = open.pop() {
                let mut node = Node { leaves: shape.leaves.len(), ..Node::default() };
                let number = match child.place() {
                    Place::Leaf(leaf) => {
                        shape.leaves.push(leaf);
                        ensemble.branches.len() + leaf
                    }
                    Place::Branch(number) => {
                        let branch = ensemble.branches.get(number)?;
                        let children;
                        (node.threshold, node.missing, children) = comparison(branch)?;
                        open.extend(children);
                        node.feature = branch.feature;
                        // Until it is known.
                        node.other = usize::MAX;
                        shape.width = shape.width.max(branch.feature as usize + 1);
                        number
                    }
                };
                if std::mem::replace(seen.get_mut(number)?, true) {
                    return None;
                }
                shape.nodes.push(node);
            }
            shape.link(start)?;
        }
        Some(shape)
    }

    /// From the last node to the one that begins a tree.
    fn link(&mut self, start: usize) -> Option<()> {
        // The subtrees that nothing leads to yet, the first on top.
        let mut open = vec![];
        for at in (start..self.nodes.len()).rev() {
            if !self.nodes[at].is_leaf() {
                let (yes, no): (usize, usize) = (open.pop()?, open.pop()?);
                self.nodes[at].depth = 1 + self.nodes[yes].depth.max(self.nodes[no].depth);
                self.nodes[at].other = no;
            }
            open.push(at);
        }
        Some(())
    }

    /// Where a tree's nodes end.
    pub fn end(&self, tree: usize) -> usize {
        self.roots.get(tree + 1).copied().unwrap_or(self.nodes.len())
    }

    /// The numbers of a tree's leaves.
    pub fn leaves_of(&self, tree: usize) -> Range<usize> {
        let start =
            |node: usize| self.nodes.get(node).map_or(self.leaves.len(), |node| node.leaves);
        start(self.roots[tree])..start(self.end(tree))
    }

    /// Branches on the longest way through each tree.
    pub fn depths(&self) -> Vec<u32> {
        self.roots.iter().map(|root| self.nodes[*root].depth).collect()
    }

    /// The votes of a leaf.
    pub fn votes<'e>(&self, ensemble: &'e Ensemble, leaf: usize) -> &'e [Vote] {
        ensemble.leaf_votes(self.leaves[leaf])
    }
}

/// A branch's comparison as `feature <= threshold`: the threshold, whether NaN goes where a comparison that
/// holds goes, and where to go if it does not hold, and if it does. `None` for what is no comparison of order.
fn comparison(branch: &Branch) -> Option<(f32, bool, [Child; 2])> {
    let Branch { mode, missing, threshold, children: [no, yes], .. } = *branch;
    let threshold = threshold as f32;
    let below = match () {
        // Nothing is.
        () if threshold == f32::NEG_INFINITY => f32::NAN,
        () => threshold.next_down(),
    };
    let (threshold, is_turned) = match mode {
        Mode::Leq => (threshold, false),
        Mode::Lt => (below, false),
        Mode::Gt | Mode::Gte if threshold.is_nan() => (threshold, false),
        Mode::Gt => (threshold, true),
        Mode::Gte => (below, true),
        Mode::Eq | Mode::Neq | Mode::Member => return None,
    };
    Some((threshold, missing != is_turned, if is_turned { [yes, no] } else { [no, yes] }))
}
