//! The one layout of trees in memory: flat lists, one entry a branch, a leaf or a vote.

use crate::error::Result;
use crate::ops::invalid;

/// How a branch compares a feature with its threshold, in the order of the numbers that
/// `TreeEnsemble` has for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `BRANCH_LEQ`.
    Leq,
    /// `BRANCH_LT`.
    Lt,
    /// `BRANCH_GTE`.
    Gte,
    /// `BRANCH_GT`.
    Gt,
    /// `BRANCH_EQ`.
    Eq,
    /// `BRANCH_NEQ`.
    Neq,
    /// `BRANCH_MEMBER`: whether the feature is in the branch's set.
    Member,
}

impl Mode {
    /// All modes, in order.
    pub const ALL: [Mode; 7] =
        [Mode::Leq, Mode::Lt, Mode::Gte, Mode::Gt, Mode::Eq, Mode::Neq, Mode::Member];
}

/// Where a branch leads: to a branch, or to a leaf, whose number's bits are inverted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Child(i32);

/// A child, told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The number of a branch.
    Branch(usize),
    /// The number of a leaf.
    Leaf(usize),
}

impl Child {
    /// # Errors
    /// `MODEL_INVALID` for more nodes than are addressed.
    pub fn new(place: Place) -> Result<Self> {
        let (Place::Branch(number) | Place::Leaf(number)) = place;
        let number =
            i32::try_from(number).map_err(|_| invalid("The ensemble has more nodes than 2^31."))?;
        Ok(Child(if matches!(place, Place::Leaf(_)) { !number } else { number }))
    }

    /// The branch or the leaf.
    pub fn place(self) -> Place {
        if self.0 >= 0 { Place::Branch(self.0 as usize) } else { Place::Leaf(!self.0 as usize) }
    }
}

/// One branch.
#[derive(Debug, Clone, Copy)]
pub struct Branch {
    /// How the feature is compared.
    pub mode: Mode,
    /// Whether NaN goes where a comparison that holds goes.
    pub missing: bool,
    /// The column that is looked at.
    pub feature: u32,
    /// What it is compared with.
    pub threshold: f64,
    /// Where to go if the comparison does not hold, and if it does.
    pub children: [Child; 2],
}

/// A leaf's vote for one target.
#[derive(Debug, Clone, Copy)]
pub struct Vote {
    /// The number of the target or class.
    pub target: u32,
    /// What is added to its score.
    pub weight: f64,
}

/// Trees. Branches are checked to lead nowhere twice on one way: every walk ends at a leaf.
#[derive(Debug, Default)]
pub struct Ensemble {
    /// Where each tree begins.
    pub roots: Vec<Child>,
    /// Columns that the features must have.
    pub width: usize,
    /// The branches of all trees.
    pub branches: Vec<Branch>,
    /// The branches that test membership, in ascending order, each with its set, which is too.
    pub sets: Vec<(u32, Vec<f64>)>,
    /// Where the votes of each leaf begin; those of the last end with the list.
    pub leaves: Vec<u32>,
    /// All leaves' votes.
    pub votes: Vec<Vote>,
    /// Targets or classes.
    pub targets: usize,
    /// Added to the scores: none, one a target, or a single one.
    pub base_values: Vec<f64>,
    /// Whether the file has any numbers in binary64; else all are exact in binary32.
    pub is_double: bool,
}

impl Ensemble {
    /// Appends a branch.
    pub fn push_branch(&mut self, branch: Branch) {
        self.width = self.width.max((branch.feature as usize).saturating_add(1));
        self.branches.push(branch);
    }

    /// Appends a leaf without votes.
    pub fn push_leaf(&mut self) {
        self.leaves.push(self.votes.len() as u32);
    }

    /// Appends a vote of the last leaf.
    ///
    /// # Errors
    /// `MODEL_INVALID` for a target that there is not.
    pub fn push_vote(&mut self, target: i64, weight: f64) -> Result<()> {
        if !usize::try_from(target).is_ok_and(|target| target < self.targets) {
            let targets = self.targets;
            return Err(invalid(format!("A leaf votes for number {target} of {targets}.")));
        }
        self.votes.push(Vote { target: target as u32, weight });
        Ok(())
    }

    /// The votes of a leaf.
    pub fn leaf_votes(&self, leaf: usize) -> &[Vote] {
        let start = |leaf: usize| self.leaves.get(leaf).map_or(self.votes.len(), |at| *at as usize);
        self.votes.get(start(leaf)..start(leaf + 1)).unwrap_or(&[])
    }

    /// Checks that children are there and that no way comes back to where it was.
    ///
    /// # Errors
    /// `MODEL_INVALID`.
    pub fn check(&self) -> Result<()> {
        let mut ways = vec![0u32; self.branches.len()];
        let children = self.branches.iter().flat_map(|branch| branch.children);
        for (number, child) in self.roots.iter().copied().chain(children).enumerate() {
            let is_there = match child.place() {
                Place::Branch(branch) => match ways.get_mut(branch) {
                    Some(ways) => {
                        *ways += u32::from(number >= self.roots.len());
                        true
                    }
                    None => false,
                },
                Place::Leaf(leaf) => leaf < self.leaves.len(),
            };
            if !is_there {
                return Err(invalid("A tree leads to a node that is not there."));
            }
        }
        // Branches that nothing leads to are taken away with their ways, until none is left; what
        // remains leads in a circle.
        let mut open: Vec<usize> = (0..ways.len()).filter(|branch| ways[*branch] == 0).collect();
        let mut taken = 0;
        while let Some(branch) = open.pop() {
            taken += 1;
            for child in self.branches[branch].children {
                if let Place::Branch(next) = child.place() {
                    ways[next] -= 1;
                    if ways[next] == 0 {
                        open.push(next);
                    }
                }
            }
        }
        if taken < ways.len() {
            return Err(invalid("A tree leads in a circle."));
        }
        Ok(())
    }
}
