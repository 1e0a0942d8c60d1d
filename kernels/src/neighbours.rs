//! Which points are near: distances, and the best of a row.

/// For each of `steps` its distance to each of `rows`, all of `width` numbers: the sum, in binary64, of
/// the squares of the differences, or of their magnitudes. `out` is steps × rows.
#[inline(never)]
pub fn distances(rows: &[f32], steps: &[f32], width: usize, squares: bool, out: &mut [f32]) {
    let count = rows.len().checked_div(width).unwrap_or_default();
    if count == 0 {
        return;
    }
    if squares {
        each(rows, steps, width, count, out, |apart| apart * apart);
    } else {
        each(rows, steps, width, count, out, f64::abs);
    }
}

/// Four steps at a time, so that no sum waits for itself.
#[inline(always)]
fn each(
    rows: &[f32],
    steps: &[f32],
    width: usize,
    count: usize,
    out: &mut [f32],
    part: impl Fn(f64) -> f64,
) {
    let fours = steps.chunks_exact(width * 4);
    let rest = fours.remainder();
    let (many, few) = out.split_at_mut((steps.len() / (width * 4) * 4 * count).min(out.len()));
    for (steps, out) in fours.zip(many.chunks_exact_mut(count * 4)) {
        let (a, steps) = steps.split_at(width);
        let (b, steps) = steps.split_at(width);
        let (c, d) = steps.split_at(width);
        let (out_a, out) = out.split_at_mut(count);
        let (out_b, out) = out.split_at_mut(count);
        let (out_c, out_d) = out.split_at_mut(count);
        let outs = out_a.iter_mut().zip(out_b).zip(out_c.iter_mut().zip(out_d));
        for (row, ((out_a, out_b), (out_c, out_d))) in rows.chunks_exact(width).zip(outs) {
            let mut sums = [0.0f64; 4];
            for (x, ((a, b), (c, d))) in row.iter().zip(a.iter().zip(b).zip(c.iter().zip(d))) {
                let apart = [x - a, x - b, x - c, x - d];
                for (sum, apart) in sums.iter_mut().zip(apart) {
                    *sum += part(f64::from(apart));
                }
            }
            [*out_a, *out_b, *out_c, *out_d] = sums.map(|sum| sum as f32);
        }
    }
    for (step, out) in rest.chunks_exact(width).zip(few.chunks_exact_mut(count)) {
        for (row, out) in rows.chunks_exact(width).zip(out) {
            let apart = row.iter().zip(step).map(|(x, step)| f64::from(x - step));
            *out = apart.fold(0.0, |sum, apart| sum + part(apart)) as f32;
        }
    }
}

/// The smallest numbers of a row, or the largest, as many as `values` and `indices` have places, best
/// first; of equal ones the first. None of them may be NaN.
#[inline(never)]
pub fn best(row: &[f32], largest: bool, values: &mut [f32], indices: &mut [i64]) {
    if largest {
        insert(row, values, indices, |a, b| a > b);
    } else {
        insert(row, values, indices, |a, b| a < b);
    }
}

#[inline(always)]
fn insert(row: &[f32], values: &mut [f32], indices: &mut [i64], better: impl Fn(f32, f32) -> bool) {
    let places = values.len().min(indices.len());
    let mut filled = 0;
    for (index, value) in (0i64..).zip(row) {
        if filled == places {
            match values.get(places.wrapping_sub(1)) {
                Some(worst) if better(*value, *worst) => {}
                _ => continue,
            }
        } else {
            filled += 1;
        }
        let mut place = filled - 1;
        while place > 0 && values.get(place - 1).is_some_and(|held| better(*value, *held)) {
            values.copy_within(place - 1..place, place);
            indices.copy_within(place - 1..place, place);
            place -= 1;
        }
        if let (Some(to), Some(at)) = (values.get_mut(place), indices.get_mut(place)) {
            (*to, *at) = (*value, index);
        }
    }
}

/// Columns as rows.
#[inline(never)]
pub fn transpose(values: &[f32], columns: usize, out: &mut [f32]) {
    /// So many rows and columns at a time, so that what is written stays near.
    const SIDE: usize = 16;
    let rows = values.len().checked_div(columns).unwrap_or_default();
    if rows == 1 || columns == 1 {
        values.iter().zip(out).for_each(|(value, out)| *out = *value);
        return;
    }
    for top in (0..rows).step_by(SIDE) {
        for left in (0..columns).step_by(SIDE) {
            for row in top..(top + SIDE).min(rows) {
                let from =
                    values.get(row * columns + left..(row + 1) * columns).unwrap_or_default();
                for (column, value) in (left..).zip(from.iter().take(SIDE)) {
                    if let Some(out) = out.get_mut(column * rows + row) {
                        *out = *value;
                    }
                }
            }
        }
    }
}

/// The square root of each number.
#[inline(never)]
pub fn roots(values: &[f32], out: &mut [f32]) {
    for (value, out) in values.iter().zip(out) {
        *out = value.sqrt();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize) -> Vec<f32> {
        (0..count).map(|n| ((n * 37 % 101) as f32 - 50.0) / 16.0).collect()
    }

    #[test]
    fn every_step_with_every_row() {
        for (rows, count, width) in [(1, 1, 1), (3, 9, 5), (2, 4, 3), (4, 3, 10)] {
            let (a, b) = (numbers(rows * width), numbers(count * width + 7));
            let b = &b[7..];
            for squares in [true, false] {
                let mut out = vec![0.0; rows * count];
                distances(&a, b, width, squares, &mut out);
                for (step, out) in b.chunks(width).zip(out.chunks(rows)) {
                    for (row, out) in a.chunks(width).zip(out) {
                        let apart = row.iter().zip(step).map(|(a, b)| f64::from(a - b));
                        let wanted: f64 =
                            apart.map(|x| if squares { x * x } else { x.abs() }).sum();
                        assert_eq!(*out, wanted as f32);
                    }
                }
            }
        }
        distances(&[], &[1.0], 1, true, &mut []);
    }

    #[test]
    fn the_best_come_first() {
        let row = [3.0, 1.0, 2.0, 1.0, 0.0, -0.0, 5.0];
        let (mut values, mut indices) = ([9.0; 4], [9; 4]);
        best(&row, false, &mut values, &mut indices);
        assert_eq!((values, indices), ([0.0, 0.0, 1.0, 1.0], [4, 5, 1, 3]));
        best(&row, true, &mut values, &mut indices);
        assert_eq!((values, indices), ([5.0, 3.0, 2.0, 1.0], [6, 0, 2, 1]));
        best(&row, true, &mut [], &mut []);
    }

    #[test]
    fn columns_become_rows() {
        for (rows, columns) in [(1, 5), (3, 2), (20, 33)] {
            let values = numbers(rows * columns);
            let mut out = vec![0.0; values.len()];
            transpose(&values, columns, &mut out);
            for (index, value) in values.iter().enumerate() {
                assert_eq!(out[index % columns * rows + index / columns], *value);
            }
        }
        let mut out = [0.0; 2];
        roots(&[4.0, 2.0], &mut out);
        assert_eq!(out, [2.0, 2f64.sqrt() as f32]);
    }
}
