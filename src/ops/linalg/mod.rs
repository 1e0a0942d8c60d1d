//! Matrix products and distances (ai.onnx, com.microsoft).

mod cdist;
mod det;
mod einsum;
mod gemm;
mod matmul;
mod product;

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families =
    &[cdist::OPERATORS, det::OPERATORS, einsum::OPERATORS, gemm::OPERATORS, matmul::OPERATORS];
