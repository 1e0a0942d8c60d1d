//! What prepares features: scaling, imputing, encoding categories (ai.onnx.ml).

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[];
