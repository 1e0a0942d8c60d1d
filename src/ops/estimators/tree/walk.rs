//! Lays trees out for walks.

use super::flat::Node;
use super::shape::Shape;
use super::votes::Votes;
use predikt_kernels::trees::lanes::Four;
use predikt_kernels::trees::walk::{Missing, Step, TOP, TOP_LEVELS, Top, Walk, Weights};

const MOST_LEAVES: usize = 1 << 22;

/// The trees in this layout; `None` where it has no place for them.
pub fn new(shape: &Shape, votes: &Votes, targets: usize) -> Option<Walk> {
    let leaves = shape.leaf_count();
    if shape.width > 1 << 16 || leaves >= MOST_LEAVES {
        return None;
    }
    let mut nodes = Vec::with_capacity(shape.nodes.len() + 1);
    let mut missing = Vec::with_capacity(shape.nodes.len());
    let mut roots = Vec::with_capacity(shape.roots.len() + 3);
    let steps: u32 = shape.roots.iter().map(|root| shape.depths[*root]).sum();
    let are_deep = steps > shape.roots.len() as u32 * TOP_LEVELS;
    let mut tops = Vec::with_capacity(if are_deep { shape.roots.len() } else { 0 });
    let mut order = vec![];
    for root in &shape.roots {
        let first = u32::try_from(nodes.len()).ok()?;
        push_tree(shape, *root, &mut order, &mut nodes, &mut missing)?;
        roots.push(first);
        if are_deep {
            tops.push(top(shape, *root, first, &order));
        }
    }
    let nan = match () {
        () if !missing.contains(&true) => Missing::Never,
        () if is_always(shape) => Missing::Always,
        () => Missing::Mixed,
    };
    // Trees are walked through in fours: these are filled up with a leaf that votes with zero.
    let none = u32::try_from(nodes.len()).ok()?;
    roots.resize(roots.len().next_multiple_of(4), none);
    nodes.push(Step::leaf(leaves as u32));
    missing.push(false);
    if nan == Missing::Never {
        missing = vec![];
    }
    Some(Walk {
        nodes,
        missing,
        nan,
        roots,
        depths: shape.roots.iter().map(|root| shape.depths[*root]).collect(),
        tops,
        weights: weights(shape, votes, targets),
        targets,
        width: shape.width,
    })
}

/// Whether −∞ goes, at every branch, where NaN goes.
fn is_always(shape: &Shape) -> bool {
    shape.nodes.iter().all(|node| match node {
        Node::Leaf => true,
        Node::Branch { threshold, missing, .. } => *missing && !threshold.is_nan(),
    })
}

/// Level by level; two children are side by side. `order` is memory that is used again.
fn push_tree(
    shape: &Shape,
    root: usize,
    order: &mut Vec<usize>,
    nodes: &mut Vec<Step>,
    missing: &mut Vec<bool>,
) -> Option<()> {
    order.clear();
    order.push(root);
    let mut at = 0;
    while let Some(&node) = order.get(at) {
        let (step, is_missing) = match shape.nodes[node] {
            Node::Leaf => (Step::leaf(shape.leaves[node] as u32), false),
            Node::Branch { feature, threshold, missing } => {
                let next = u16::try_from(order.len() - at).ok()?;
                order.extend([shape.others[node], node + 1]);
                (Step::branch(threshold, feature as u16, next), missing)
            }
        };
        nodes.push(step);
        missing.push(is_missing);
        at += 1;
    }
    Some(())
}

/// A tree's first levels. Its nodes are in that order, from number `start` on.
fn top(shape: &Shape, root: usize, start: u32, order: &[usize]) -> Top {
    let mut top = Top { features: [0; TOP], thresholds: [f32::NAN; TOP], below: [0; TOP + 1] };
    let mut at = [root; 2 * TOP + 1];
    for number in 0..TOP {
        let mut children = [at[number]; 2];
        if let Node::Branch { feature, threshold, .. } = shape.nodes[at[number]] {
            top.features[number] = feature as u16;
            top.thresholds[number] = threshold;
            children = [shape.others[at[number]], at[number] + 1];
        }
        at[2 * number + 1..][..2].copy_from_slice(&children);
    }
    for (below, node) in top.below.iter_mut().zip(&at[TOP..]) {
        // There are no more nodes than numbers on these levels and the next.
        let mut nodes = order.iter().take(2 * TOP + 1);
        *below = start + nodes.position(|other| other == node).unwrap_or(0) as u32;
    }
    top
}

/// The votes, and those of a leaf that votes with zero.
fn weights(shape: &Shape, votes: &Votes, targets: usize) -> Weights {
    match votes {
        Votes::Single { weights, targets } => {
            let (mut weights, mut targets) = (weights.clone(), targets.clone());
            weights.push(0.0);
            targets.resize(targets.len().next_multiple_of(4), 0);
            Weights::Single { weights, targets }
        }
        Votes::Dense(_) => {
            let stride = targets.div_ceil(4);
            let mut weights = Vec::with_capacity((shape.leaf_count() + 1) * stride);
            for leaf in 0..shape.leaf_count() {
                votes.push_fours(0, leaf, targets, &mut weights);
            }
            weights.resize(weights.len() + stride, Four::splat(0.0));
            Weights::Dense { weights, stride }
        }
    }
}
