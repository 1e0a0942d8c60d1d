//! Matrix products and distances (ai.onnx, com.microsoft).

mod cdist;
#[cfg(feature = "extra")]
mod det;
#[cfg(feature = "extra")]
mod einsum;
#[cfg(feature = "extra")]
mod fused_matmul;
mod gemm;
mod matmul;
mod product;

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[
    cdist::OPERATORS,
    #[cfg(feature = "extra")]
    det::OPERATORS,
    #[cfg(feature = "extra")]
    einsum::OPERATORS,
    #[cfg(feature = "extra")]
    fused_matmul::OPERATORS,
    gemm::OPERATORS,
    matmul::OPERATORS,
];
