//! Most ensembles, as the fast loops have them.

use super::ensemble::Ensemble;
use super::shape::Shape;
use super::votes::Votes;
use super::{tables, walk};
use predikt_kernels::trees::tables::Tables;
use predikt_kernels::trees::walk::Walk;

/// Trees for the fast loops.
#[derive(Debug)]
pub struct Flat {
    layout: Layout,
    /// Which targets any leaf that a row reaches votes for, if that is the same for all rows.
    pub voted: Option<Vec<bool>>,
    /// Added to the scores, as in the file.
    pub base_values: Vec<f32>,
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
pub type LayOut = fn(&Shape, &Votes) -> Option<Layout>;

impl Flat {
    /// The trees in the layout that is expected to take the least time; `None` where there is no place
    /// for them.
    pub fn new(ensemble: &Ensemble) -> Option<Flat> {
        Flat::laid_out(ensemble, |shape, votes| match tables::new(shape, votes, true) {
            Some(tables) => Some(Layout::Tables(tables)),
            None => Some(Layout::Walk(walk::new(shape, votes)?)),
        })
    }

    /// The trees in a layout.
    pub fn laid_out(ensemble: &Ensemble, lay_out: LayOut) -> Option<Flat> {
        // Leaves are looked at as nodes of column 0, which rows need not have where all trees are leaves.
        if ensemble.is_double || !(1..=1 << 16).contains(&ensemble.width) {
            return None;
        }
        let shape = Shape::new(ensemble)?;
        let votes = Votes::new(ensemble, &shape)?;
        Some(Flat {
            layout: lay_out(&shape, &votes)?,
            voted: votes.voted,
            base_values: ensemble.base_values.iter().map(|base| *base as f32).collect(),
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
