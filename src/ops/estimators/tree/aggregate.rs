//! The leaves' votes → scores.

use super::ensemble::Ensemble;
use super::real::Real;
use crate::error::Result;
use crate::ops::estimators::input;
use crate::ops::{failed, invalid};

/// `aggregate_function`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// The sum of the votes.
    Sum,
    /// Their sum by the number of trees.
    Average,
    /// The least vote.
    Min,
    /// The greatest vote.
    Max,
}

impl Aggregate {
    /// The function of that name.
    ///
    /// # Errors
    /// `MODEL_INVALID` where the specification has none.
    pub fn named(name: Option<&str>) -> Result<Self> {
        Ok(match name {
            None | Some("SUM") => Aggregate::Sum,
            Some("AVERAGE") => Aggregate::Average,
            Some("MIN") => Aggregate::Min,
            Some("MAX") => Aggregate::Max,
            Some(other) => {
                return Err(invalid(format!(
                    "The attribute `aggregate_function` is {other}, and should be SUM, AVERAGE, MIN or MAX."
                )));
            }
        })
    }

    /// The function of that number in `TreeEnsemble`.
    ///
    /// # Errors
    /// `MODEL_INVALID` where the specification has none.
    pub fn numbered(number: i64) -> Result<Self> {
        Ok(match number {
            0 => Aggregate::Average,
            1 => Aggregate::Sum,
            2 => Aggregate::Min,
            3 => Aggregate::Max,
            _ => {
                return Err(invalid(format!(
                    "The attribute `aggregate_function` is {number}, and should be 0 to 3."
                )));
            }
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
pub struct Scores<T> {
    /// Zero where nothing voted.
    pub values: Vec<T>,
    /// Which targets any leaf voted for.
    pub voted: Vec<bool>,
}

impl<T: Real> Scores<T> {
    fn new(targets: usize) -> Self {
        Scores { values: vec![T::default(); targets], voted: vec![false; targets] }
    }

    fn add(&mut self, aggregate: Aggregate, target: usize, weight: T) {
        let (Some(value), Some(voted)) = (self.values.get_mut(target), self.voted.get_mut(target))
        else {
            return;
        };
        match aggregate {
            Aggregate::Sum | Aggregate::Average => *value += weight,
            Aggregate::Min if !*voted || weight < *value => *value = weight,
            Aggregate::Max if !*voted || weight > *value => *value = weight,
            Aggregate::Min | Aggregate::Max => {}
        }
        *voted = true;
    }
}

impl<T: Real> Ensemble<T> {
    /// Computes the scores of each of `count` rows and calls `finish` with them, in order.
    ///
    /// # Errors
    /// `ENGINE_FAILED` where the rows have fewer columns than the trees look at, and as `finish`.
    pub fn evaluate(
        &self,
        aggregate: Aggregate,
        features: &[T],
        (count, width): (usize, usize),
        mut finish: impl FnMut(&mut Scores<T>) -> Result<()>,
    ) -> Result<()> {
        check_width(self.width, (count, width))?;
        let mut scores = Scores::new(self.targets);
        let trees = T::from_f64(self.roots.len() as f64);
        for row in input::rows(features, count, width) {
            scores.values.fill(T::default());
            scores.voted.fill(false);
            for root in &self.roots {
                for vote in self.leaf_votes(self.leaf(*root, row)) {
                    scores.add(aggregate, vote.target as usize, vote.weight);
                }
            }
            if aggregate == Aggregate::Average {
                scores.values.iter_mut().for_each(|value| *value = *value / trees);
            }
            finish(&mut scores)?;
        }
        Ok(())
    }
}
