//! From texts to numbers (ai.onnx, ai.onnx.ml, com.microsoft).

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[];
