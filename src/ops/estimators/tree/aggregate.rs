//! The leaves' votes → scores.

use super::ensemble::{Ensemble, Vote};
use crate::error::Result;
use crate::ops::estimators::input;
use crate::ops::{failed, invalid};

/// `aggregate_function`, in the order of the numbers that `TreeEnsemble` has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// The sum of the votes by the number of trees.
    Average,
    /// The sum of the votes.
    Sum,
    /// The least vote.
    Min,
    /// The greatest vote.
    Max,
}

const ALL: [Aggregate; 4] = [Aggregate::Average, Aggregate::Sum, Aggregate::Min, Aggregate::Max];

impl Aggregate {
    /// The function of that name.
    ///
    /// # Errors
    /// `MODEL_INVALID` where the specification has none.
    pub fn named(name: Option<&str>) -> Result<Self> {
        const NAMES: [&str; 4] = ["AVERAGE", "SUM", "MIN", "MAX"];
        let name = name.unwrap_or("SUM");
        let number = NAMES.iter().position(|held| *held == name);
        number.and_then(|number| ALL.get(number).copied()).ok_or_else(|| {
            invalid(format!(
                "The attribute `aggregate_function` is {name}, and should be SUM, AVERAGE, MIN or MAX."
            ))
        })
    }

    /// The function of that number in `TreeEnsemble`.
    ///
    /// # Errors
    /// `MODEL_INVALID` where the specification has none.
    pub fn numbered(number: i64) -> Result<Self> {
        let at = usize::try_from(number).ok();
        at.and_then(|at| ALL.get(at).copied()).ok_or_else(|| {
            invalid(format!(
                "The attribute `aggregate_function` is {number}, and should be 0 to 3."
            ))
        })
    }
}

/// Refuses rows with fewer columns than trees look at.
///
/// # Errors
/// `ENGINE_FAILED`.
pub fn check_width(looked_at: usize, (count, width): (usize, usize)) -> Result<()> {
    if count == 0 || width >= looked_at {
        return Ok(());
    }
    Err(failed(format!(
        "The trees look at column {}, and the input has {width} columns.",
        looked_at - 1
    )))
}

/// One row's scores, one a target, before base values and transforms.
#[derive(Debug)]
pub struct Scores {
    /// Zero where nothing voted.
    pub values: Vec<f64>,
    /// Which targets any leaf voted for.
    pub voted: Vec<bool>,
    /// Whether they are added up in binary32.
    is_single: bool,
}

impl Scores {
    /// Scores for that many targets.
    pub fn new(targets: usize, is_single: bool) -> Self {
        Scores { values: vec![0.0; targets], voted: vec![false; targets], is_single }
    }

    /// A sum or a quotient of scores, rounded to their precision. Twice rounded, these are what they
    /// are in binary32.
    pub fn rounded(&self, value: f64) -> f64 {
        if self.is_single { f64::from(value as f32) } else { value }
    }

    /// Adds the base values, of which there may be fewer.
    pub fn add_base(&mut self, base_values: &[f64]) {
        for (target, base) in base_values.iter().enumerate().take(self.values.len()) {
            self.values[target] = self.rounded(self.values[target] + base);
        }
    }

    fn add(&mut self, aggregate: Aggregate, vote: &Vote) {
        let target = vote.target as usize;
        let (Some(value), Some(voted)) = (self.values.get(target), self.voted.get_mut(target))
        else {
            return;
        };
        let is_first = !std::mem::replace(voted, true);
        let value = match aggregate {
            Aggregate::Sum | Aggregate::Average => self.rounded(value + vote.weight),
            Aggregate::Min if is_first || vote.weight < *value => vote.weight,
            Aggregate::Max if is_first || vote.weight > *value => vote.weight,
            Aggregate::Min | Aggregate::Max => return,
        };
        self.values[target] = value;
    }
}

impl Ensemble {
    /// Computes the scores of each of `count` rows and calls `finish` with them, in order. `scores` are
    /// used again for each.
    ///
    /// # Errors
    /// `ENGINE_FAILED` where the rows have fewer columns than the trees look at, and as `finish`.
    pub fn evaluate(
        &self,
        aggregate: Aggregate,
        features: &[f64],
        (count, width): (usize, usize),
        mut scores: Scores,
        finish: &mut dyn FnMut(&mut Scores) -> Result<()>,
    ) -> Result<()> {
        check_width(self.width, (count, width))?;
        for row in input::rows(features, count, width) {
            scores.values.fill(0.0);
            scores.voted.fill(false);
            for root in &self.roots {
                for vote in self.leaf_votes(self.leaf(*root, row)) {
                    scores.add(aggregate, vote);
                }
            }
            if aggregate == Aggregate::Average {
                for target in 0..scores.values.len() {
                    let average = scores.values[target] / self.roots.len() as f64;
                    scores.values[target] = scores.rounded(average);
                }
            }
            finish(&mut scores)?;
        }
        Ok(())
    }
}
