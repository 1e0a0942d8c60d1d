//! Checks and conversions of all numbers of a tensor.

/// Whether one of them is NaN.
#[inline(never)]
pub fn any_nan(values: &[f32]) -> bool {
    let (blocks, rest) = values.as_chunks::<16>();
    let of_block = |block: &[f32; 16]| block.iter().fold(false, |any, value| any | value.is_nan());
    blocks.iter().any(of_block) || rest.iter().any(|value| value.is_nan())
}

/// Each as a double.
#[inline(never)]
pub fn widen(values: &[f32], out: &mut [f64]) {
    for (value, out) in values.iter().zip(out) {
        *out = f64::from(*value);
    }
}

/// Each as a double; answers the greatest magnitude.
#[inline(never)]
pub fn from_whole(values: &[i64], out: &mut [f64]) -> u64 {
    let mut greatest = 0;
    for (value, out) in values.iter().zip(out) {
        greatest = greatest.max(value.unsigned_abs());
        *out = *value as f64;
    }
    greatest
}

/// The first that is none of `known`.
#[inline(never)]
pub fn foreign(values: &[f64], known: &[f64]) -> Option<f64> {
    let mut last = known.first().copied()?;
    for value in values {
        if *value != last {
            match known.iter().find(|known| *known == value) {
                Some(known) => last = *known,
                None => return Some(*value),
            }
        }
    }
    None
}

/// Divides a row by its length: squares add up to one, signs stay. One of zeros stays.
#[inline(never)]
pub fn unit(row: &mut [f32]) {
    let sum = row.iter().fold(0.0, |sum, value| sum + value * value);
    if sum != 0.0 {
        for value in row {
            let part = (*value * *value / sum).sqrt();
            *value = if *value < 0.0 { -part } else { part };
        }
    }
}

/// Divides a row by the sum of its magnitudes. One of zeros stays.
#[inline(never)]
pub fn share(row: &mut [f32]) {
    let sum = row.iter().fold(0.0, |sum, value| sum + value.abs());
    if sum != 0.0 {
        row.iter_mut().for_each(|value| *value /= sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_is_found_anywhere() {
        for length in 0..40 {
            let mut values = vec![1.0; length];
            assert!(!any_nan(&values));
            for index in 0..length {
                values[index] = f32::NAN;
                assert!(any_nan(&values));
                values[index] = f32::INFINITY;
            }
        }
    }

    #[test]
    fn numbers_become_doubles() {
        let mut out = [0.0; 3];
        widen(&[0.5, -1.0, f32::MAX], &mut out);
        assert_eq!(out, [0.5, -1.0, f64::from(f32::MAX)]);
        assert_eq!(from_whole(&[3, i64::MIN, 0], &mut out), 1 << 63);
        assert_eq!(out, [3.0, -(2f64.powi(63)), 0.0]);
    }

    #[test]
    fn rows_are_divided() {
        let mut row = [3.0, -4.0, 0.0];
        unit(&mut row);
        assert_eq!(row, [0.6, -0.8, 0.0]);
        let mut row = [3.0, -5.0];
        share(&mut row);
        assert_eq!(row, [0.375, -0.625]);
        let mut zeros = [0.0, -0.0];
        unit(&mut zeros);
        share(&mut zeros);
        assert_eq!(zeros, [0.0, 0.0]);
    }

    #[test]
    fn what_is_not_known_is_found() {
        assert_eq!(foreign(&[1.0, 2.0, 2.0, 1.0], &[2.0, 1.0]), None);
        assert_eq!(foreign(&[1.0, 3.0], &[1.0]), Some(3.0));
        assert_eq!(foreign(&[], &[]), None);
    }
}
