//! The error function.

/// `erf(x)`, to a few units in the last place.
///
/// Up to 2 it is Kummer's series, whose terms are all positive: 2/√π · e^(-x²) · x · Σ (2x²)ⁿ / (1·3·…·(2n+1)).
/// From there on it is one minus the complement's continued fraction, and beyond 6 it is one.
pub fn erf(x: f64) -> f64 {
    let size = x.abs();
    if x.is_nan() || size == 0.0 {
        return x;
    }
    let value = if size < 2.0 {
        let square = 2.0 * size * size;
        let (mut term, mut sum, mut divisor) = (1.0, 1.0, 1.0);
        while term > sum * 1e-17 {
            divisor += 2.0;
            term *= square / divisor;
            sum += term;
        }
        std::f64::consts::FRAC_2_SQRT_PI * size * sum * gaussian(size)
    } else if size < 6.0 {
        let double = 2.0 * size * size;
        let fraction = (1..=40).rev().fold(1.0, |rest, n| 1.0 + f64::from(n) / (double * rest));
        1.0 - gaussian(size) * std::f64::consts::FRAC_2_SQRT_PI / (2.0 * size * fraction)
    } else {
        1.0
    };
    value.copysign(x)
}

/// e^(-x²). The square's rounding error would count in the exponent: the leading bits' square is
/// exact, and the rest is small.
fn gaussian(x: f64) -> f64 {
    let leading = f64::from(x as f32);
    (-leading * leading).exp() * (-(x - leading) * (x + leading)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17.1 `scipy.special.erf`.
    #[test]
    fn as_exact_as_scipy() {
        for (x, wanted) in [
            (1e-300, 1.1283791670955126e-300),
            (1e-10, 1.1283791670955126e-10),
            (0.001, 0.0011283787909692363),
            (0.1, 0.1124629160182849),
            (0.3333, 0.3626144541240032),
            (0.5, 0.5204998778130465),
            (0.84375, 0.7672256612323416),
            (1.0, 0.8427007929497148),
            (1.25, 0.9229001282564582),
            (1.5, 0.9661051464753108),
            (1.75, 0.9866716712191824),
            (1.9999, 0.9953201979070294),
            (2.0, 0.9953222650189527),
            (2.1, 0.997020533343667),
            (2.5, 0.999593047982555),
            (3.0, 0.9999779095030014),
            (3.7, 0.9999998328489421),
            (4.5, 0.9999999998033839),
            (5.5, 0.9999999999999927),
            (5.9, 0.9999999999999999),
            (6.5, 1.0),
            (30.0, 1.0),
        ] {
            let got = erf(x);
            assert!(
                (got - wanted).abs() <= 8e-16 * wanted.abs(),
                "erf({x}) = {got:e}, not {wanted:e}"
            );
            assert_eq!(erf(-x), -got);
        }
        assert!(erf(f64::NAN).is_nan());
        assert_eq!(erf(f64::INFINITY), 1.0);
        assert!(erf(-0.0).is_sign_negative());
    }
}
