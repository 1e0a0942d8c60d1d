//! The one layout of trees in memory: flat lists, one entry a branch, a leaf or a vote.

use super::real::Real;
use crate::error::Result;
use crate::ops::invalid;

/// How a branch compares a feature with its threshold.
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

/// Where a branch leads: to a branch, or to a leaf, whose number's bits are inverted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        let number = |n: usize| {
            i32::try_from(n).map_err(|_| invalid("The ensemble has more nodes than 2^31."))
        };
        Ok(match place {
            Place::Branch(branch) => Child(number(branch)?),
            Place::Leaf(leaf) => Child(!number(leaf)?),
        })
    }

    /// The branch or the leaf.
    pub fn place(self) -> Place {
        if self.0 >= 0 { Place::Branch(self.0 as usize) } else { Place::Leaf(!self.0 as usize) }
    }
}

/// One branch.
#[derive(Debug, Clone, Copy)]
pub struct Branch<T> {
    /// How the feature is compared.
    pub mode: Mode,
    /// Whether NaN goes where a comparison that holds goes.
    pub missing: bool,
    /// The column that is looked at.
    pub feature: u32,
    /// What it is compared with.
    pub threshold: T,
    /// Where to go if the comparison does not hold, and if it does.
    pub children: [Child; 2],
}

/// A leaf's vote for one target.
#[derive(Debug, Clone, Copy)]
pub struct Vote<T> {
    /// The number of the target or class.
    pub target: u32,
    /// What is added to its score.
    pub weight: T,
}

/// Trees over features and thresholds of type `T`. Branches are checked to lead nowhere twice on
/// one way: every walk ends at a leaf.
#[derive(Debug, Clone, Default)]
pub struct Ensemble<T> {
    /// Where each tree begins.
    pub roots: Vec<Child>,
    /// Columns that the features must have.
    pub width: usize,
    /// How each branch compares.
    pub modes: Vec<Mode>,
    /// Which branches take NaN for true.
    pub missing: Vec<bool>,
    /// The column that each branch looks at.
    pub features: Vec<u32>,
    /// What each branch compares it with.
    pub thresholds: Vec<T>,
    /// Where each branch leads: false, true.
    pub children: Vec<[Child; 2]>,
    /// The branches that test membership, in ascending order.
    pub members: Vec<u32>,
    /// Their sets, each in ascending order.
    pub sets: Vec<Vec<T>>,
    /// Where the votes of each leaf begin; those of the last end with the list.
    pub leaves: Vec<u32>,
    /// All leaves' votes.
    pub votes: Vec<Vote<T>>,
    /// Targets or classes.
    pub targets: usize,
    /// Added to the scores: none, one a target, or a single one.
    pub base_values: Vec<T>,
}

impl<T: Real> Ensemble<T> {
    /// No trees.
    pub fn new(targets: usize, base_values: Vec<T>) -> Self {
        Ensemble { targets, base_values, ..Ensemble::default() }
    }

    /// Appends a branch.
    pub fn push_branch(&mut self, branch: Branch<T>) {
        self.width = self.width.max((branch.feature as usize).saturating_add(1));
        self.modes.push(branch.mode);
        self.missing.push(branch.missing);
        self.features.push(branch.feature);
        self.thresholds.push(branch.threshold);
        self.children.push(branch.children);
    }

    /// Appends a branch that tests membership in a set.
    pub fn push_member(&mut self, branch: Branch<T>, mut set: Vec<T>) {
        set.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        self.members.push(self.modes.len() as u32);
        self.sets.push(set);
        self.push_branch(branch);
    }

    /// Appends a leaf.
    ///
    /// # Errors
    /// `MODEL_INVALID` for a vote for a target that there is not.
    pub fn push_leaf(&mut self, votes: impl IntoIterator<Item = (i64, T)>) -> Result<()> {
        self.leaves.push(self.votes.len() as u32);
        for (target, weight) in votes {
            if !usize::try_from(target).is_ok_and(|target| target < self.targets) {
                return Err(invalid(format!(
                    "A leaf votes for number {target} of {}.",
                    self.targets
                )));
            }
            self.votes.push(Vote { target: target as u32, weight });
        }
        Ok(())
    }

    /// The votes of a leaf.
    pub fn leaf_votes(&self, leaf: usize) -> &[Vote<T>] {
        let start = self.leaves.get(leaf).map_or(self.votes.len(), |start| *start as usize);
        let end = self.leaves.get(leaf + 1).map_or(self.votes.len(), |end| *end as usize);
        self.votes.get(start..end).unwrap_or(&[])
    }

    /// Checks that children are there and that no way comes back to where it was.
    ///
    /// # Errors
    /// `MODEL_INVALID`.
    pub fn check(&self) -> Result<()> {
        let mut ways = vec![0u32; self.children.len()];
        let targets = self.children.iter().flatten().chain(&self.roots);
        for child in targets {
            let there = match child.place() {
                Place::Branch(branch) => branch < self.children.len(),
                Place::Leaf(leaf) => leaf < self.leaves.len(),
            };
            if !there {
                return Err(invalid("A tree leads to a node that is not there."));
            }
        }
        for child in self.children.iter().flatten() {
            if let Place::Branch(branch) = child.place() {
                ways[branch] += 1;
            }
        }
        // Branches that nothing leads to are taken away with their ways, until none is left; what
        // remains leads in a circle.
        let mut open: Vec<usize> = (0..ways.len()).filter(|branch| ways[*branch] == 0).collect();
        let mut taken = 0;
        while let Some(branch) = open.pop() {
            taken += 1;
            for child in self.children[branch] {
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

    /// The same trees in another precision.
    pub fn convert<U: Real>(&self) -> Ensemble<U> {
        let convert = |values: &[T]| values.iter().map(|v| U::from_f64(v.to_f64())).collect();
        Ensemble {
            roots: self.roots.clone(),
            width: self.width,
            modes: self.modes.clone(),
            missing: self.missing.clone(),
            features: self.features.clone(),
            thresholds: convert(&self.thresholds),
            children: self.children.clone(),
            members: self.members.clone(),
            sets: self.sets.iter().map(|set| convert(set)).collect(),
            leaves: self.leaves.clone(),
            votes: self
                .votes
                .iter()
                .map(|vote| Vote { target: vote.target, weight: U::from_f64(vote.weight.to_f64()) })
                .collect(),
            targets: self.targets,
            base_values: convert(&self.base_values),
        }
    }
}
