//! The module of the npm package: predikt with its bindings, which are all it exports.
//!
//! The last crate of a link sets the level at which the whole is optimised once more. This one has
//! the highest, so that of all others each keeps its own: loops for speed, the rest for size.
#![forbid(unsafe_code)]

pub use predikt;
