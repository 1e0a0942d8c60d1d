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

/// Writes rows of `own` numbers into those of `width` of `out`, from `column` on.
#[inline(never)]
pub fn place(values: &[f32], own: usize, out: &mut [f32], width: usize, column: usize) {
    let rows = values.chunks_exact(own.max(1)).zip(out.chunks_exact_mut(width.max(1)));
    for (row, out) in rows {
        let out = out.get_mut(column..).unwrap_or_default();
        row.iter().zip(out).for_each(|(value, out)| *out = *value);
    }
}

/// Each number, or where it is `replaced` the one of `imputed` for its column; NaN is NaN.
#[inline(never)]
pub fn impute(values: &[f32], replaced: f32, imputed: &[f32], out: &mut [f32]) {
    let width = imputed.len().max(1);
    for (row, out) in values.chunks(width).zip(out.chunks_mut(width)) {
        for ((value, new), out) in row.iter().zip(imputed).zip(out) {
            let gone = *value == replaced || (value.is_nan() && replaced.is_nan());
            *out = if gone { *new } else { *value };
        }
    }
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
    fn rows_are_placed_and_filled() {
        let mut out = [0.0; 6];
        place(&[1.0, 2.0], 1, &mut out, 3, 1);
        place(&[3.0, 4.0, 5.0, 6.0], 2, &mut out, 3, 2);
        assert_eq!(out, [0.0, 1.0, 3.0, 0.0, 2.0, 5.0]);
        let nan = f32::NAN;
        let mut out = [0.0; 4];
        impute(&[nan, 1.0, 2.0, nan], nan, &[7.0, 8.0], &mut out);
        assert_eq!(out, [7.0, 1.0, 2.0, 8.0]);
        impute(&[2.0, nan, 1.0, 2.0], 2.0, &[7.0, 8.0], &mut out);
        assert!(out[1].is_nan());
        assert_eq!([out[0], out[2], out[3]], [7.0, 1.0, 8.0]);
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
