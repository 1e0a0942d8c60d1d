//! What only moves, repeats or selects elements (ai.onnx).

mod concat;
mod constant;
mod gather;
mod identity;
mod keys;
mod reshape;
mod shared;
mod size;
mod slice;
mod squeeze;
mod top_k;
mod transpose;

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[
    concat::OPERATORS,
    constant::OPERATORS,
    gather::OPERATORS,
    identity::OPERATORS,
    reshape::OPERATORS,
    size::OPERATORS,
    slice::OPERATORS,
    squeeze::OPERATORS,
    top_k::OPERATORS,
    transpose::OPERATORS,
];
