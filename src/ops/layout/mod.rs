//! What only moves, repeats or selects elements (ai.onnx).

#[cfg(feature = "extra")]
mod blocks;
#[cfg(feature = "extra")]
mod compress;
mod concat;
mod constant;
#[cfg(feature = "extra")]
mod dropout;
#[cfg(feature = "extra")]
mod expand;
mod gather;
#[cfg(feature = "extra")]
mod gather_nd;
mod identity;
mod keys;
#[cfg(feature = "extra")]
mod one_hot;
#[cfg(feature = "extra")]
mod pad;
#[cfg(feature = "extra")]
mod range;
mod reshape;
#[cfg(feature = "extra")]
mod reverse;
#[cfg(feature = "extra")]
mod scatter;
mod shape;
pub(crate) mod shared;
#[cfg(feature = "extra")]
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
    #[cfg(feature = "extra")]
    compress::OPERATORS,
    concat::OPERATORS,
    constant::OPERATORS,
    #[cfg(feature = "extra")]
    dropout::OPERATORS,
    #[cfg(feature = "extra")]
    expand::OPERATORS,
    gather::OPERATORS,
    #[cfg(feature = "extra")]
    gather_nd::OPERATORS,
    identity::OPERATORS,
    #[cfg(feature = "extra")]
    one_hot::OPERATORS,
    #[cfg(feature = "extra")]
    pad::OPERATORS,
    #[cfg(feature = "extra")]
    range::OPERATORS,
    reshape::OPERATORS,
    #[cfg(feature = "extra")]
    reverse::OPERATORS,
    #[cfg(feature = "extra")]
    scatter::OPERATORS,
    shape::OPERATORS,
    #[cfg(feature = "extra")]
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
