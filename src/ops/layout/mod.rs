//! What only moves, repeats or selects elements (ai.onnx).

#[cfg(feature = "extra")]
mod blocks;
mod compress;
mod concat;
mod constant;
mod dropout;
mod expand;
mod gather;
mod identity;
mod keys;
#[cfg(feature = "extra")]
mod one_hot;
#[cfg(feature = "extra")]
mod pad;
mod range;
mod reshape;
#[cfg(feature = "extra")]
mod reverse;
mod scatter;
pub(crate) mod shared;
mod size;
mod slice;
mod split;
mod squeeze;
mod top_k;
mod transpose;
#[cfg(feature = "extra")]
mod trilu;
#[cfg(feature = "extra")]
mod unique;

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[
    #[cfg(feature = "extra")]
    blocks::OPERATORS,
    compress::OPERATORS,
    concat::OPERATORS,
    constant::OPERATORS,
    dropout::OPERATORS,
    expand::OPERATORS,
    gather::OPERATORS,
    identity::OPERATORS,
    #[cfg(feature = "extra")]
    one_hot::OPERATORS,
    #[cfg(feature = "extra")]
    pad::OPERATORS,
    range::OPERATORS,
    reshape::OPERATORS,
    #[cfg(feature = "extra")]
    reverse::OPERATORS,
    scatter::OPERATORS,
    size::OPERATORS,
    slice::OPERATORS,
    split::OPERATORS,
    squeeze::OPERATORS,
    top_k::OPERATORS,
    transpose::OPERATORS,
    #[cfg(feature = "extra")]
    trilu::OPERATORS,
    #[cfg(feature = "extra")]
    unique::OPERATORS,
];
