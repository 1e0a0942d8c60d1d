//! Trained models: trees, linear models, support vector machines (ai.onnx.ml).
//!
//! What they share: [`input`] (rows of features), [`labels`] (the classes' names),
//! [`post_transform`] (what becomes of raw scores).

mod input;
mod labels;
mod linear;
mod post_transform;
mod svm;
#[cfg(test)]
mod testing;
mod tree;

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[linear::OPERATORS, svm::OPERATORS, tree::OPERATORS];
