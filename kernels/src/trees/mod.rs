//! Sums of the votes of many decision trees: in binary32, of comparisons of order, which are turned
//! into one, `feature <= threshold`.
//!
//! Trees of few leaves are evaluated without a walk, by [`tables`]; through all others a [`walk`] leads,
//! of several trees or of several rows at once. Votes are added in the order of the trees, whichever
//! way, so that sums are the same to the bit.

pub mod classes;
mod sums;
pub mod tables;
pub mod walk;
pub mod weights;
