//! The exponential function.

use crate::lanes::F4;

const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// ln 2 in two parts, of which the first times a small integer is exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
/// Adding and taking away this rounds to the nearest integer, which is the sum's last bits.
const ROUND: f32 = 12_582_912.0;

/// e to the power of each number times `scale` less `shift`, in place. Within 2 units in the last
/// place of the exact value; infinity above 88.73, 0 below -104, NaN for NaN.
#[inline(never)]
pub fn exp(values: &mut [f32], scale: f32, shift: f32) {
    let power =
        |four: [f32; 4]| exp4(F4::new(four).times(F4::splat(scale)).minus(F4::splat(shift)));
    let (fours, rest) = values.as_chunks_mut::<4>();
    // Four at a time, none waits for another.
    let (blocks, fours) = fours.as_chunks_mut::<4>();
    for block in blocks {
        *block = block.map(power).map(F4::array);
    }
    for four in fours {
        *four = power(*four).array();
    }
    if !rest.is_empty() {
        let mut four = [0.0; 4];
        four.iter_mut().zip(&*rest).for_each(|(four, value)| *four = *value);
        exp(&mut four, scale, shift);
        rest.iter_mut().zip(four).for_each(|(value, four)| *value = four);
    }
}

/// e to the power of each of four numbers.
#[inline(always)]
pub(crate) fn exp4(x: F4) -> F4 {
    let bounded = x.clamp(-105.0, 89.0);
    let rounded = bounded.times(F4::splat(LOG2_E)).plus(F4::splat(ROUND));
    let whole = rounded.minus(F4::splat(ROUND));
    let rest =
        bounded.minus(whole.times(F4::splat(LN_2[0]))).minus(whole.times(F4::splat(LN_2[1])));
    let mut sum = F4::splat(1.987_569_1e-4);
    for factor in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        sum = sum.times(rest).plus(F4::splat(factor));
    }
    let mantissa = sum.times(rest.times(rest)).plus(rest).plus(F4::splat(1.0));
    mantissa.scaled(rounded, ROUND)
}

#[cfg(test)]
mod tests {
    use super::exp;

    #[test]
    fn equals_the_exponential_of_binary64() {
        for step in -1_100_000..900_000 {
            let x = step as f32 / 10_000.0;
            let mut values = [x];
            exp(&mut values, 1.0, 0.0);
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
        exp(&mut values, 1.0, 0.0);
        assert!(values[0].is_nan());
        assert_eq!(values[1..], [f32::INFINITY, f32::INFINITY, 0.0, 0.0, 1.0]);
    }
}
