//! Trained models: trees, linear models, support vector machines (ai.onnx.ml).

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[];
