//! From a row of features to the leaf that it reaches.

use std::cmp::Ordering;

use super::ensemble::{Child, Ensemble, Mode, Place};

impl Ensemble {
    /// The leaf that a row reaches from `root`. The row has at least [`width`](Ensemble::width)
    /// columns.
    pub fn leaf(&self, root: Child, row: &[f64]) -> usize {
        let mut child = root;
        loop {
            match child.place() {
                Place::Leaf(leaf) => return leaf,
                Place::Branch(branch) => {
                    let holds = self.holds(branch, row);
                    child = self.branches[branch].children[usize::from(holds)];
                }
            }
        }
    }

    /// Whether the branch's comparison holds for the row.
    fn holds(&self, number: usize, row: &[f64]) -> bool {
        let branch = &self.branches[number];
        let value = row[branch.feature as usize];
        let threshold = branch.threshold;
        let holds = match branch.mode {
            Mode::Leq => value <= threshold,
            Mode::Lt => value < threshold,
            Mode::Gte => value >= threshold,
            Mode::Gt => value > threshold,
            Mode::Eq => value == threshold,
            Mode::Neq => value != threshold,
            Mode::Member => self.is_member(number, value),
        };
        holds || (value.is_nan() && branch.missing)
    }

    fn is_member(&self, branch: usize, value: f64) -> bool {
        let compare = |member: &f64| member.partial_cmp(&value).unwrap_or(Ordering::Less);
        match self.sets.binary_search_by_key(&(branch as u32), |(of, _)| *of) {
            Ok(at) => self.sets[at].1.binary_search_by(compare).is_ok(),
            Err(_) => false,
        }
    }
}
