//! The exponential function.

const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// ln 2 in two parts, of which the first times a small integer is exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
/// Adding and taking away this rounds to the nearest integer.
const ROUND: f32 = 12_582_912.0;

/// e to the power of each number less `shift`, in place. Within 2 units in the last place of the
/// exact value; infinity above 88.73, 0 below -104, NaN for NaN.
pub fn exp(values: &mut [f32], shift: f32) {
    for value in values {
        *value = one(*value - shift);
    }
}

/// Branchless, so that several go side by side.
#[inline(always)]
fn one(x: f32) -> f32 {
    let bounded = x.clamp(-105.0, 89.0);
    let whole = (bounded * LOG2_E + ROUND) - ROUND;
    let rest = (bounded - whole * LN_2[0]) - whole * LN_2[1];
    let mut sum = 1.987_569_1e-4;
    for factor in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        sum = sum * rest + factor;
    }
    let mantissa = sum * (rest * rest) + rest + 1.0;
    // In two steps: the result may be subnormal where one power of two would already be zero.
    let whole = whole as i32;
    let half = whole >> 1;
    mantissa * power_of_two(half) * power_of_two(whole - half)
}

#[inline(always)]
fn power_of_two(exponent: i32) -> f32 {
    f32::from_bits(((exponent + 127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::exp;

    #[test]
    fn equals_the_exponential_of_binary64() {
        for step in -1_100_000..900_000 {
            let x = step as f32 / 10_000.0;
            let mut values = [x];
            exp(&mut values, 0.0);
            let expected = f64::from(x).exp();
            let exact = expected as f32;
            if exact == f32::INFINITY || x > 88.72 {
                continue;
            }
            let unit = f64::from(exact.next_up()) - f64::from(exact);
            assert!((f64::from(values[0]) - expected).abs() <= 2.0 * unit, "{x}: {values:?}");
        }
    }

    #[test]
    fn ends_as_the_exponential_does() {
        let mut values = [f32::NAN, f32::INFINITY, 89.0, f32::NEG_INFINITY, -105.0, 0.0];
        exp(&mut values, 0.0);
        assert!(values[0].is_nan());
        assert_eq!(values[1..], [f32::INFINITY, f32::INFINITY, 0.0, 0.0, 1.0]);
    }
}
