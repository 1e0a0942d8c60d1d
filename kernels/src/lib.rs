//! The loops that predikt spends its time in: slices of numbers in, slices of numbers out.
//!
//! A crate of its own because all else is compiled for size and this for speed. What is called from
//! outside must be neither generic nor inlined, or it would be compiled for size at its caller's.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod exp;
pub mod lanes;
pub mod linear;
pub mod neighbours;
pub mod product;
pub mod rows;
pub mod svm;
pub mod trees;
pub mod words;
