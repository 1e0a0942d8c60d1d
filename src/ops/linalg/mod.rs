//! Matrix products, distances, and loops over them (ai.onnx, com.microsoft).

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[];
