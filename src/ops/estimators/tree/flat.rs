//! Most ensembles, as the fast loops have them: binary32, no test for equality or membership. All
//! comparisons are turned into one, `feature <= threshold`.

use super::ensemble::{Child, Ensemble, Mode, Place};
use super::shape::Shape;
use super::votes::{Votes, voted};
use super::{tables, walk};
use predikt_kernels::trees::tables::Tables;
use predikt_kernels::trees::walk::Walk;

/// A node. Those of a tree are in preorder: what follows a branch is first where a comparison that
/// holds leads, then where one that does not.
#[derive(Debug, Clone, Copy)]
pub enum Node {
    /// The end of a way.
    Leaf,
    /// A comparison.
    Branch {
        /// The column that is looked at.
        feature: u32,
        /// What it is at most, for the comparison to hold.
        threshold: f32,
        /// Whether NaN goes where a comparison that holds leads.
        missing: bool,
    },
}

/// Trees for the fast loops.
#[derive(Debug)]
pub struct Flat {
    layout: Layout,
    /// Which targets any leaf that a row reaches votes for, if that is the same for all rows.
    pub voted: Option<Vec<bool>>,
    /// How many trees there are.
    pub trees: usize,
    /// Columns that the features must have.
    pub width: usize,
}

/// How leaves are found.
#[derive(Debug)]
pub enum Layout {
    /// By walking.
    Walk(Walk),
    /// By looking up, which is for trees of few leaves.
    Tables(Tables),
}

/// Lays trees out.
pub type LayOut = fn(&Shape, &Votes, usize) -> Option<Layout>;

/// A branch's comparison as `feature <= threshold`.
#[derive(Debug, Clone, Copy)]
struct Comparison {
    /// What the feature is compared with.
    threshold: f32,
    /// Whether NaN goes where a comparison that holds goes.
    missing: bool,
    /// Where to go if it does not hold, and if it does.
    children: [Child; 2],
}

/// `None` for what is no comparison of order.
fn comparison(ensemble: &Ensemble<f32>, branch: usize) -> Option<Comparison> {
    let (threshold, missing) = (ensemble.thresholds[branch], ensemble.missing[branch]);
    let [no, yes] = ensemble.children[branch];
    let below = match () {
        // Nothing is.
        () if threshold == f32::NEG_INFINITY => f32::NAN,
        () => threshold.next_down(),
    };
    let (threshold, is_turned) = match ensemble.modes[branch] {
        Mode::Leq => (threshold, false),
        Mode::Lt => (below, false),
        Mode::Gt if threshold.is_nan() => (threshold, false),
        Mode::Gte if threshold.is_nan() => (threshold, false),
        Mode::Gt => (threshold, true),
        Mode::Gte => (below, true),
        Mode::Eq | Mode::Neq | Mode::Member => return None,
    };
    Some(if is_turned {
        Comparison { threshold, missing: !missing, children: [yes, no] }
    } else {
        Comparison { threshold, missing, children: [no, yes] }
    })
}

impl Flat {
    /// The trees in the layout that is expected to take the least time; `None` where there is no place
    /// for them.
    pub fn new(ensemble: &Ensemble<f32>) -> Option<Flat> {
        Flat::laid_out(ensemble, |shape, votes, targets| {
            match tables::new(shape, votes, targets, true) {
                Some(tables) => Some(Layout::Tables(tables)),
                None => Some(Layout::Walk(walk::new(shape, votes, targets)?)),
            }
        })
    }

    /// The trees in a layout.
    pub fn laid_out(ensemble: &Ensemble<f32>, lay_out: LayOut) -> Option<Flat> {
        // Leaves are looked at as nodes of column 0, which rows need not have where all trees are leaves.
        if !(1..=1 << 16).contains(&ensemble.width) {
            return None;
        }
        let (nodes, leaves) = in_order(ensemble)?;
        let votes = Votes::new(ensemble, &leaves)?;
        Some(Flat {
            layout: lay_out(&Shape::new(&nodes)?, &votes, ensemble.targets)?,
            voted: voted(ensemble, &leaves),
            trees: ensemble.roots.len(),
            width: ensemble.width,
        })
    }

    /// Writes the sums of the votes of `count` rows of `width` columns, of which there are as many as
    /// are looked at: rows × targets.
    pub fn scores(&self, features: &[f32], count: usize, width: usize, out: &mut [f32]) {
        match &self.layout {
            Layout::Walk(walk) => walk.scores(features, count, width, out),
            Layout::Tables(tables) => tables.scores(features, width, out),
        }
    }
}

/// The nodes in preorder, and the leaves of each tree in that order. `None` where there is a test that is no
/// comparison of order, or where two ways lead to one node.
fn in_order(ensemble: &Ensemble<f32>) -> Option<(Vec<Node>, Vec<Vec<usize>>)> {
    let mut branches = vec![false; ensemble.children.len()];
    let mut leaves = vec![false; ensemble.leaves.len()];
    let mut nodes = Vec::with_capacity(branches.len() + leaves.len());
    let tree = |root: &Child| {
        let mut order = vec![];
        let mut open = vec![*root];
        while let Some(child) = open.pop() {
            let seen = match child.place() {
                Place::Leaf(leaf) => {
                    order.push(leaf);
                    nodes.push(Node::Leaf);
                    leaves.get_mut(leaf)
                }
                Place::Branch(branch) => {
                    let Comparison { threshold, missing, children } = comparison(ensemble, branch)?;
                    open.extend(children);
                    let feature = ensemble.features[branch];
                    nodes.push(Node::Branch { feature, threshold, missing });
                    branches.get_mut(branch)
                }
            };
            if std::mem::replace(seen?, true) {
                return None;
            }
        }
        Some(order)
    };
    let leaves = ensemble.roots.iter().map(tree).collect::<Option<_>>()?;
    Some((nodes, leaves))
}
