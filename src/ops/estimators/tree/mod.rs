//! `TreeEnsembleClassifier`, `TreeEnsembleRegressor` (ai.onnx.ml 1, 3, 5) and `TreeEnsemble`
//! (ai.onnx.ml 5).
//!
//! [`nodes`] and [`positions`] read the two ways in which files write trees down into the one
//! layout of [`ensemble`]; [`traverse`] finds the leaf of each row and [`aggregate`] adds up their
//! votes; [`classifier`] and [`regressor`] make answers of the scores.

mod aggregate;
mod classifier;
mod ensemble;
mod nodes;
mod positions;
#[cfg(test)]
mod properties;
mod real;
mod regressor;
mod traverse;
mod trees;

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
