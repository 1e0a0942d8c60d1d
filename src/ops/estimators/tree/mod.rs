//! `TreeEnsembleClassifier`, `TreeEnsembleRegressor` (ai.onnx.ml 1, 3, 5) and `TreeEnsemble`
//! (ai.onnx.ml 5).
//!
//! [`nodes`] and [`positions`] read the two ways in which files write trees down into the one
//! layout of [`ensemble`], which holds everything there is; [`traverse`] finds the leaf of each row
//! and [`aggregate`] adds up their votes, as the specification reads. What most files are, binary32
//! and comparisons of order, is laid out again in [`flat`]: [`walk`] and [`small`] find the leaves
//! of many rows or in many trees at once, on [`lanes`], and [`scores`] adds up to the same sums.
//! [`classifier`] and [`regressor`] make answers of the scores.

mod aggregate;
mod classifier;
mod ensemble;
mod flat;
mod lanes;
mod nodes;
mod positions;
#[cfg(test)]
mod properties;
mod real;
mod regressor;
mod scores;
mod small;
#[cfg(test)]
mod traversals;
mod traverse;
mod trees;
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
