//! Functions of numbers that JavaScript has as well: in the npm package's modules they are its own,
//! for which no table needs to be carried along.

#[cfg(all(feature = "wasm", target_arch = "wasm32"))]
mod held {
    pub use js_sys::Math::{cos, expm1, log1p, sin, tanh};

    /// `x` to the power of `y`. To JavaScript some powers of 1 and -1 are no numbers.
    pub fn pow(x: f64, y: f64) -> f64 {
        if x == 1.0 || (x == -1.0 && y.is_infinite()) { 1.0 } else { js_sys::Math::pow(x, y) }
    }
}

#[cfg(not(all(feature = "wasm", target_arch = "wasm32")))]
mod held {
    macro_rules! functions {
        ($($name:ident $method:ident $what:literal;)*) => {
            $(#[doc = $what]
            pub fn $name(x: f64) -> f64 {
                x.$method()
            })*
        };
    }
    functions! {
        cos cos "The cosine of an angle in radians.";
        expm1 exp_m1 "The exponential less one.";
        log1p ln_1p "The logarithm of the number and one.";
        sin sin "The sine of an angle in radians.";
        tanh tanh "The hyperbolic tangent.";
    }

    /// `x` to the power of `y`.
    pub fn pow(x: f64, y: f64) -> f64 {
        x.powf(y)
    }
}

pub use held::{cos, expm1, log1p, sin, tanh};

/// `x` to the power of `y`: small whole powers are products, which takes a fraction of the time.
pub fn pow(x: f64, y: f64) -> f64 {
    if (1.0..=8.0).contains(&y) && y.fract() == 0.0 {
        return (1..y as u32).fold(x, |power, _| power * x);
    }
    held::pow(x, y)
}
