//! The layout for speed, of most ensembles: binary32, no test for equality or membership. All
//! comparisons are turned into one, `feature <= threshold`, and nodes are of eight bytes.

use super::ensemble::{Child, Ensemble, Mode, Place};
use super::lanes::Four;
use super::small::Small;

/// A branch or a leaf.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// A branch's threshold. A leaf's is NaN, which nothing is below, and the lower bits hold the
    /// leaf's number.
    key: u32,
    /// The column that is looked at.
    pub feature: u16,
    /// How far behind this node its children are, of whom the second is for a comparison that
    /// holds. A leaf leads to itself: 0.
    pub next: u16,
}

const LEAF: u32 = 0x7fc0_0000;
const MOST_LEAVES: usize = 1 << 22;

impl Node {
    /// What the feature is compared with.
    #[inline(always)]
    pub fn threshold(self) -> f32 {
        f32::from_bits(self.key)
    }

    /// A leaf's number.
    #[inline(always)]
    pub fn leaf(self) -> usize {
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
pub enum Votes {
    /// A leaf votes for its tree's target alone.
    Single { weights: Vec<f32>, targets: Vec<u32> },
    /// A leaf has a weight for each target, padded to whole fours.
    Dense { weights: Vec<Four>, stride: usize },
}

/// Trees for the fast traversals. Leaves are numbered tree by tree, in order, those for a
/// comparison that holds first.
#[derive(Debug)]
pub struct Flat {
    /// The nodes, a tree's behind one another from its root on.
    pub nodes: Vec<Node>,
    /// Which branches take NaN for true; as long as the nodes if any does.
    pub missing: Vec<bool>,
    /// Where NaN goes.
    pub nan: Missing,
    /// Where each tree begins, and up to a multiple of four, where a leaf is that votes with zero.
    pub roots: Vec<u32>,
    /// Branches on the longest way through each tree.
    pub depths: Vec<u32>,
    /// All depths together.
    pub steps: usize,
    /// The leaves' votes.
    pub votes: Votes,
    /// Which targets any leaf that a row reaches votes for, if that is the same for all rows.
    pub voted: Option<Vec<bool>>,
    /// Targets or classes.
    pub targets: usize,
    /// Columns that the features must have.
    pub width: usize,
    /// The trees for many rows, if they are small.
    pub small: Option<Small>,
}

/// A branch's comparison as `feature <= threshold`.
#[derive(Debug, Clone, Copy)]
pub struct Comparison {
    /// What the feature is compared with.
    pub threshold: f32,
    /// Whether NaN goes where a comparison that holds goes.
    pub missing: bool,
    /// Where to go if it does not hold, and if it does.
    pub children: [Child; 2],
}

/// `None` for what is no comparison of order.
pub fn comparison(ensemble: &Ensemble<f32>, branch: usize) -> Option<Comparison> {
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
    /// The trees in this layout; `None` where it has no place for them.
    pub fn new(ensemble: &Ensemble<f32>) -> Option<Flat> {
        if ensemble.width > 1 << 16 || ensemble.leaves.len() >= MOST_LEAVES {
            return None;
        }
        let leaves = in_order(ensemble)?;
        let mut flat = Flat {
            nodes: vec![],
            missing: vec![],
            nan: Missing::Never,
            roots: vec![],
            depths: vec![],
            steps: 0,
            votes: votes(ensemble, &leaves)?,
            voted: voted(ensemble, &leaves),
            targets: ensemble.targets,
            width: ensemble.width,
            small: None,
        };
        let mut numbers = vec![0; ensemble.leaves.len()];
        for (number, leaf) in leaves.iter().flatten().enumerate() {
            numbers[*leaf] = number as u32;
        }
        for root in &ensemble.roots {
            flat.push_tree(ensemble, *root, &numbers)?;
        }
        flat.fill_up(leaves.iter().map(Vec::len).sum())?;
        flat.nan = match (flat.missing.iter().any(|is| *is), flat.is_always_missing()) {
            (false, _) => Missing::Never,
            (_, true) => Missing::Always,
            _ => Missing::Mixed,
        };
        if flat.nan == Missing::Never {
            flat.missing = vec![];
        }
        flat.small = Small::new(ensemble, &leaves);
        Some(flat)
    }

    /// Whether −∞ goes, at every branch, where NaN goes.
    fn is_always_missing(&self) -> bool {
        self.nodes
            .iter()
            .zip(&self.missing)
            .all(|(node, missing)| node.next == 0 || (*missing && !node.threshold().is_nan()))
    }

    /// Fills four trees up.
    fn fill_up(&mut self, leaves: usize) -> Option<()> {
        let none = u32::try_from(self.nodes.len()).ok()?;
        let count = self.roots.len().next_multiple_of(4);
        self.roots.resize(count, none);
        self.push(LEAF | u32::try_from(leaves).ok()?, 0, false);
        match &mut self.votes {
            Votes::Single { weights, targets } => {
                weights.push(0.0);
                targets.resize(count, 0);
            }
            Votes::Dense { weights, stride } => {
                weights.extend((0..*stride).map(|_| Four::splat(0.0)));
            }
        }
        Some(())
    }

    fn push(&mut self, key: u32, feature: u16, missing: bool) {
        self.nodes.push(Node { key, feature, next: 0 });
        self.missing.push(missing);
    }

    /// Level by level; two children are side by side.
    fn push_tree(&mut self, ensemble: &Ensemble<f32>, root: Child, numbers: &[u32]) -> Option<()> {
        let start = self.nodes.len();
        self.roots.push(u32::try_from(start).ok()?);
        self.push(LEAF, 0, false);
        // What is to be put where, from `start` on.
        let mut order = vec![root];
        let mut at = 0;
        while let Some(child) = order.get(at) {
            match child.place() {
                Place::Leaf(leaf) => self.nodes[start + at].key = LEAF | numbers[leaf],
                Place::Branch(branch) => {
                    let comparison = comparison(ensemble, branch)?;
                    self.missing[start + at] = comparison.missing;
                    self.nodes[start + at] = Node {
                        key: comparison.threshold.to_bits(),
                        feature: ensemble.features[branch] as u16,
                        next: u16::try_from(order.len() - at).ok()?,
                    };
                    order.extend(comparison.children);
                    self.push(LEAF, 0, false);
                    self.push(LEAF, 0, false);
                }
            }
            at += 1;
        }
        let mut below = vec![0u32; order.len()];
        for at in (0..order.len()).rev() {
            let next = usize::from(self.nodes[start + at].next);
            if next > 0 {
                below[at] = 1 + below[at + next].max(below[at + next + 1]);
            }
        }
        self.depths.push(below[0]);
        self.steps += below[0] as usize;
        Some(())
    }
}

/// The leaves of each tree in order. `None` where there is a test that is no comparison of order,
/// or where two ways lead to one node.
fn in_order(ensemble: &Ensemble<f32>) -> Option<Vec<Vec<usize>>> {
    let mut branches = vec![false; ensemble.children.len()];
    let mut leaves = vec![false; ensemble.leaves.len()];
    let tree = |root: &Child| {
        let mut order = vec![];
        let mut open = vec![*root];
        while let Some(child) = open.pop() {
            let seen = match child.place() {
                Place::Leaf(leaf) => {
                    order.push(leaf);
                    &mut leaves[leaf]
                }
                Place::Branch(branch) => {
                    open.extend(comparison(ensemble, branch)?.children);
                    &mut branches[branch]
                }
            };
            if std::mem::replace(seen, true) {
                return None;
            }
        }
        Some(order)
    };
    ensemble.roots.iter().map(tree).collect()
}

fn votes(ensemble: &Ensemble<f32>, leaves: &[Vec<usize>]) -> Option<Votes> {
    let single = |tree: &Vec<usize>| {
        let mut target = None;
        for leaf in tree {
            match ensemble.leaf_votes(*leaf) {
                [] => {}
                [vote] if *target.get_or_insert(vote.target) == vote.target => {}
                _ => return None,
            }
        }
        Some(target.unwrap_or_default())
    };
    if let Some(targets) = leaves.iter().map(single).collect() {
        let weight = |leaf: &usize| ensemble.leaf_votes(*leaf).first().map_or(0.0, |v| v.weight);
        return Some(Votes::Single {
            weights: leaves.iter().flatten().map(weight).collect(),
            targets,
        });
    }
    let stride = ensemble.targets.div_ceil(4);
    let count = leaves.iter().map(Vec::len).sum::<usize>();
    // Where leaves vote for few of many targets, there would be little but zeros.
    if count.checked_mul(stride)? > ensemble.votes.len() {
        return None;
    }
    let mut weights = Vec::with_capacity(count * stride);
    let mut row = vec![None; stride * 4];
    for leaf in leaves.iter().flatten() {
        row.fill(None);
        for vote in ensemble.leaf_votes(*leaf) {
            if row[vote.target as usize].replace(vote.weight).is_some() {
                return None;
            }
        }
        let weight = |at: usize| row.get(at).copied().flatten().unwrap_or(0.0);
        let four =
            |at: usize| Four::new(weight(at), weight(at + 1), weight(at + 2), weight(at + 3));
        weights.extend((0..stride).map(|four_of| four(four_of * 4)));
    }
    Some(Votes::Dense { weights, stride })
}

/// Targets that all leaves of any one tree vote for are always voted for; there must be no others
/// that any leaf votes for.
fn voted(ensemble: &Ensemble<f32>, leaves: &[Vec<usize>]) -> Option<Vec<bool>> {
    let mut always = vec![false; ensemble.targets];
    let mut ever = always.clone();
    let mut counts = vec![0usize; ensemble.targets];
    for tree in leaves {
        let all = || tree.iter().flat_map(|leaf| ensemble.leaf_votes(*leaf));
        all().for_each(|vote| counts[vote.target as usize] += 1);
        for vote in all() {
            let target = vote.target as usize;
            ever[target] = true;
            always[target] |= counts[target] == tree.len();
        }
        all().for_each(|vote| counts[vote.target as usize] = 0);
    }
    (always == ever).then_some(always)
}
