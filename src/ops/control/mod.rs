//! What runs subgraphs: loops, scans and branches (ai.onnx).
//!
//! A kernel's inputs are the node's own, and then the values that its subgraphs read of the graph
//! around them, subgraph by subgraph in the order of the attributes' names.

#[cfg(feature = "extra")]
mod branch;
mod distances;
#[cfg(feature = "extra")]
mod repeat;
mod scan;
mod states;

use super::Families;

pub use distances::Distance;

/// The operators of this room.
pub const FAMILIES: Families = &[
    #[cfg(feature = "extra")]
    branch::OPERATORS,
    #[cfg(feature = "extra")]
    repeat::OPERATORS,
    scan::OPERATORS,
];
