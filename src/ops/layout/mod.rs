//! What only moves, repeats or selects elements (ai.onnx).

mod blocks;
mod compress;
mod concat;
mod constant;
mod dropout;
mod expand;
mod gather;
mod identity;
mod keys;
mod one_hot;
mod pad;
mod range;
mod reshape;
mod reverse;
mod scatter;
pub(crate) mod shared;
mod size;
mod slice;
mod split;
mod squeeze;
mod top_k;
mod transpose;
mod trilu;
mod unique;

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[
    blocks::OPERATORS,
    compress::OPERATORS,
    concat::OPERATORS,
    constant::OPERATORS,
    dropout::OPERATORS,
    expand::OPERATORS,
    gather::OPERATORS,
    identity::OPERATORS,
    one_hot::OPERATORS,
    pad::OPERATORS,
    range::OPERATORS,
    reshape::OPERATORS,
    reverse::OPERATORS,
    scatter::OPERATORS,
    size::OPERATORS,
    slice::OPERATORS,
    split::OPERATORS,
    squeeze::OPERATORS,
    top_k::OPERATORS,
    transpose::OPERATORS,
    trilu::OPERATORS,
    unique::OPERATORS,
];
