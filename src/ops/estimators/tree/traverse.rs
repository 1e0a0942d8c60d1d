//! From a row of features to the leaf that it reaches.

use std::cmp::Ordering;

use super::ensemble::{Child, Ensemble, Mode, Place};
use super::real::Real;

impl<T: Real> Ensemble<T> {
    /// The leaf that a row reaches from `root`. The row has at least [`width`](Ensemble::width)
    /// columns.
    pub fn leaf(&self, root: Child, row: &[T]) -> usize {
        let mut child = root;
        loop {
            match child.place() {
                Place::Leaf(leaf) => return leaf,
                Place::Branch(branch) => {
                    child = self.children[branch][usize::from(self.holds(branch, row))];
                }
            }
        }
    }

    /// Whether the branch's comparison holds for the row.
    fn holds(&self, branch: usize, row: &[T]) -> bool {
        let value = row[self.features[branch] as usize];
        let threshold = self.thresholds[branch];
        let holds = match self.modes[branch] {
            Mode::Leq => value <= threshold,
            Mode::Lt => value < threshold,
            Mode::Gte => value >= threshold,
            Mode::Gt => value > threshold,
            Mode::Eq => value == threshold,
            Mode::Neq => value != threshold,
            Mode::Member => self.is_member(branch, value),
        };
        holds || (value.is_nan() && self.missing[branch])
    }

    fn is_member(&self, branch: usize, value: T) -> bool {
        let set = self.members.binary_search(&(branch as u32)).ok().and_then(|n| self.sets.get(n));
        let compare = |member: &T| member.partial_cmp(&value).unwrap_or(Ordering::Less);
        set.is_some_and(|set| set.binary_search_by(compare).is_ok())
    }
}
