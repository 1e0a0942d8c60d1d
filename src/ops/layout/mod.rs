//! What only moves, repeats or selects elements (ai.onnx).

mod identity;

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[identity::OPERATORS];
