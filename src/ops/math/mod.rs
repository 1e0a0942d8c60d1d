//! Arithmetic, comparison and reduction of numbers, element by element or along axes (ai.onnx).

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[];
