//! What nodes in preorder mean.

use std::ops::Range;

use super::flat::Node;

/// Nodes, and how they hang together.
#[derive(Debug)]
pub struct Shape<'n> {
    /// All trees' nodes.
    pub nodes: &'n [Node],
    /// Where each tree begins.
    pub roots: Vec<usize>,
    /// Where a branch leads whose comparison does not hold; where it does, to the next node.
    pub others: Vec<usize>,
    /// How many leaves there are before each node, and in all.
    pub leaves: Vec<usize>,
    /// Branches on the longest way from each node.
    pub depths: Vec<u32>,
    /// Columns that rows must have.
    pub width: usize,
}

impl<'n> Shape<'n> {
    /// `None` where nodes are missing.
    pub fn new(nodes: &'n [Node]) -> Option<Self> {
        let mut others = vec![0; nodes.len()];
        let mut depths = vec![0; nodes.len()];
        let mut width = 0;
        // From the last to the first: the subtrees that nothing leads to yet, the first on top.
        let mut open = vec![];
        for (at, node) in nodes.iter().enumerate().rev() {
            if let Node::Branch { feature, .. } = node {
                let (yes, no) = (open.pop()?, open.pop()?);
                others[at] = no;
                depths[at] = 1 + depths[yes].max(depths[no]);
                width = width.max(*feature as usize + 1);
            }
            open.push(at);
        }
        open.reverse();
        let mut leaves = Vec::with_capacity(nodes.len() + 1);
        let mut count = 0;
        for node in nodes {
            leaves.push(count);
            count += usize::from(matches!(node, Node::Leaf));
        }
        leaves.push(count);
        Some(Shape { nodes, roots: open, others, leaves, depths, width })
    }

    /// Where a tree's nodes end.
    pub fn end(&self, tree: usize) -> usize {
        self.roots.get(tree + 1).copied().unwrap_or(self.nodes.len())
    }

    /// The numbers of a tree's leaves.
    pub fn leaves_of(&self, tree: usize) -> Range<usize> {
        self.leaves[self.roots[tree]]..self.leaves[self.end(tree)]
    }

    /// How many leaves there are.
    pub fn leaf_count(&self) -> usize {
        self.leaves[self.nodes.len()]
    }
}
