//! Functions of one number that JavaScript has as well: in the npm package's modules they are its own,
//! for which no table needs to be carried along.

#[cfg(all(feature = "wasm", target_arch = "wasm32"))]
pub use js_sys::Math::{cos, sin};

#[cfg(not(all(feature = "wasm", target_arch = "wasm32")))]
mod native {
    /// The sine of an angle in radians.
    pub fn sin(x: f64) -> f64 {
        x.sin()
    }

    /// The cosine of an angle in radians.
    pub fn cos(x: f64) -> f64 {
        x.cos()
    }
}

#[cfg(not(all(feature = "wasm", target_arch = "wasm32")))]
pub use native::{cos, sin};
