//! `TreeEnsembleClassifier`, `TreeEnsembleRegressor` (ai.onnx.ml 1, 3, 5) and `TreeEnsemble`
//! (ai.onnx.ml 5).
//!
//! [`nodes`] and [`positions`] read the two ways in which files write trees down into the one
//! layout of [`ensemble`], which holds everything there is; [`traverse`] finds the leaf of each row
//! and [`aggregate`] adds up their votes, as the specification reads. What most files are, binary32
//! and comparisons of order, [`flat`] lays out again, of which [`shape`] and [`votes`] are the parts:
//! trees of few leaves by [`tables`], all others for a [`walk`]. The loops over these are among the
//! kernels, and add up to the same sums. [`classifier`] and [`regressor`] make answers of the scores.

mod aggregate;
mod classifier;
mod ensemble;
mod flat;
mod nodes;
mod positions;
#[cfg(test)]
mod properties;
mod regressor;
mod shape;
mod tables;
#[cfg(test)]
mod traversals;
mod traverse;
mod trees;
mod votes;
mod walk;

use crate::ops::{Operator, types};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "ai.onnx.ml",
        name: "TreeEnsembleClassifier",
        versions: &[1, 3, 5],
        inputs: &[types::ML],
        build: classifier::build,
    },
    Operator {
        domain: "ai.onnx.ml",
        name: "TreeEnsembleRegressor",
        versions: &[1, 3, 5],
        inputs: &[types::ML],
        build: regressor::build,
    },
    Operator {
        domain: "ai.onnx.ml",
        name: "TreeEnsemble",
        versions: &[5],
        inputs: &[types::FLOAT],
        build: regressor::build_positions,
    },
];
