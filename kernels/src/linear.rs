//! Scores of linear models, and what classifiers make of scores.

use crate::exp::exp4;
use crate::lanes::{self, COLUMNS, Columns, F4};

/// Features before they are weighted: `(x - offset) * scale`.
#[derive(Debug, Clone, Default)]
pub struct Scaling {
    /// One a feature, or none where nothing is scaled.
    pub offset: Vec<f32>,
    /// One a feature, or none where nothing is scaled.
    pub scale: Vec<f32>,
}

/// What becomes of the scores of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transform {
    /// They stay.
    None,
    /// Exponentials that add up to one.
    Softmax,
    /// The logistic function of each.
    Logistic,
    /// Of a single score for the second of two classes: the logistic function of it and of what is against it.
    TwoLogistic,
    /// Of a single score for the second of two classes: 1 less it, and itself.
    TwoPlain,
}

/// The most scores of a row that [`finish`] takes, and features that [`scores`] scales.
pub const NARROW: usize = COLUMNS;

/// For each row of `width` features its products with as many rows of `coefficients` as there are
/// `intercepts`, which are added. Rows of `out` have `columns` places, of which the first are written.
///
/// Up to [`NARROW`] features are added up one after the other, more of them in eight sums side by side,
/// and only the former are scaled.
#[inline(never)]
pub fn scores(
    features: &[f32],
    width: usize,
    scaling: &Scaling,
    coefficients: &[f32],
    intercepts: &[f32],
    out: &mut [f32],
    columns: usize,
) {
    if width == 0 || columns == 0 {
        for row in out.chunks_mut(columns.max(1)) {
            row.iter_mut().zip(intercepts).for_each(|(out, intercept)| *out = 0.0 + intercept);
        }
        return;
    }
    if width > NARROW || columns > NARROW {
        for (features, out) in features.chunks_exact(width).zip(out.chunks_mut(columns)) {
            let weights = coefficients.chunks_exact(width).zip(intercepts);
            for ((coefficients, intercept), out) in weights.zip(out) {
                *out = dot(features, coefficients) + intercept;
            }
        }
        return;
    }
    let mut values: Columns = [F4::splat(0.0); COLUMNS];
    let mut sums: Columns = values;
    let rows = features.len() / width;
    for row in (0..rows).step_by(4) {
        lanes::load(features, row * width, width, &mut values);
        let scaled = values.iter_mut().zip(scaling.offset.iter().zip(&scaling.scale));
        for (value, (offset, scale)) in scaled.take(width) {
            *value = value.minus(F4::splat(*offset)).times(F4::splat(*scale));
        }
        let weights = coefficients.chunks_exact(width).zip(intercepts);
        for ((coefficients, intercept), out) in weights.zip(&mut sums) {
            let mut sum = F4::splat(0.0);
            for (coefficient, value) in coefficients.iter().zip(&values) {
                sum = sum.plus(value.times(F4::splat(*coefficient)));
            }
            *out = sum.plus(F4::splat(*intercept));
        }
        lanes::store(out, row * columns, columns, &sums);
    }
}

/// [`scores`] of a row of more than [`NARROW`] features of which all are zero but the `values` in
/// those `columns`: the same to the last bit where coefficients are finite.
#[inline(never)]
pub fn sparse_scores(
    columns: &[usize],
    values: &[f32],
    width: usize,
    coefficients: &[f32],
    intercepts: &[f32],
    out: &mut [f32],
) {
    let whole = width - width % 8;
    let weights = coefficients.chunks_exact(width.max(1)).zip(intercepts);
    for ((coefficients, intercept), out) in weights.zip(out) {
        let mut sums = [0.0f32; 8];
        let mut tail = 0.0;
        for (column, value) in columns.iter().zip(values) {
            let product = value * coefficients.get(*column).copied().unwrap_or_default();
            if *column < whole {
                sums[column % 8] += product;
            } else {
                tail += product;
            }
        }
        *out = sums.iter().sum::<f32>() + tail + intercept;
    }
}

/// The class of each row of `columns` scores into `classes`: the number of the highest score, the first of
/// those that are as high; NaN is never higher. Of a single score for the second of two classes (`single`): 1
/// where it is above zero. Then scores are transformed, and divided by the sum of their magnitudes where that is
/// `unit` and not zero.
#[inline(never)]
pub fn finish(
    out: &mut [f32],
    columns: usize,
    single: bool,
    transform: Transform,
    unit: bool,
    classes: &mut [i64],
) {
    if columns == 0 || columns > COLUMNS {
        return;
    }
    let mut scores: Columns = [F4::splat(0.0); COLUMNS];
    let rows = out.len() / columns;
    for row in (0..rows).step_by(4) {
        lanes::load(out, row * columns, columns, &mut scores);
        let Some(held) = scores.get_mut(..columns) else { return };
        let best = match &*held {
            [first, ..] if single => F4::splat(1.0).or(F4::splat(0.0), first.above(F4::splat(0.0))),
            held => top4(held),
        };
        // The sum's last bits are the number.
        let numbers = best.plus(F4::splat(8_388_608.0)).array();
        for (class, number) in classes.iter_mut().skip(row).zip(numbers) {
            *class = i64::from(number.to_bits() & 0x7f_ffff);
        }
        transform4(held, transform);
        if unit {
            let sum = held.iter().fold(F4::splat(0.0), |sum, value| sum.plus(value.abs()));
            divide(held, sum);
        }
        if transform != Transform::None || unit {
            lanes::store(out, row * columns, columns, &scores);
        }
    }
}

/// The labels of classes by number, as far as `out` reaches; 0 for a number beyond the last.
#[inline(never)]
pub fn name(out: &mut [i64], classes: &[i64], labels: &[i64]) {
    for (out, class) in out.iter_mut().zip(classes) {
        *out = labels.get(*class as usize).copied().unwrap_or_default();
    }
}

/// The number of each row's highest score.
#[inline(always)]
fn top4(scores: &[F4]) -> F4 {
    let Some((first, rest)) = scores.split_first() else { return F4::splat(0.0) };
    let mut highest = *first;
    let mut best = F4::splat(0.0);
    let mut number = F4::splat(0.0);
    for score in rest {
        number = number.plus(F4::splat(1.0));
        let higher = score.above(highest);
        highest = score.or(highest, higher);
        best = number.or(best, higher);
    }
    best
}

#[inline(always)]
fn transform4(scores: &mut [F4], transform: Transform) {
    match (transform, scores) {
        (Transform::None, _) => {}
        (Transform::Softmax, scores) => {
            let mut highest = F4::splat(f32::MIN);
            for score in &*scores {
                highest = score.or(highest, score.above(highest));
            }
            let mut sum = F4::splat(0.0);
            for score in scores.iter_mut() {
                *score = exp4(score.minus(highest));
                sum = sum.plus(*score);
            }
            scores.iter_mut().for_each(|score| *score = score.over(sum));
        }
        (Transform::Logistic | Transform::TwoLogistic, scores) => {
            if let (Transform::TwoLogistic, [first, second, ..]) = (transform, &mut *scores) {
                [*first, *second] = [first.negative(), *first];
            }
            scores.iter_mut().for_each(|score| *score = logistic4(*score));
        }
        (Transform::TwoPlain, [first, second, ..]) => {
            [*first, *second] = [F4::splat(1.0).minus(*first), *first];
        }
        _ => {}
    }
}

/// Each row divided by `by` where that is not zero.
#[inline(always)]
fn divide(scores: &mut [F4], by: F4) {
    let zero = F4::splat(0.0);
    let one = F4::splat(1.0);
    let by = one.or(by, by.equals(zero));
    scores.iter_mut().for_each(|score| *score = score.over(by));
}

/// 1 / (1 + e^-x).
#[inline(always)]
fn logistic4(x: F4) -> F4 {
    let one = F4::splat(1.0);
    let value = one.over(one.plus(exp4(x.abs().negative())));
    one.minus(value).or(value, F4::splat(0.0).above(x))
}

/// 1 / (1 + e^-x) of each number, in place.
#[inline(never)]
pub fn logistic(values: &mut [f32]) {
    let (fours, rest) = values.as_chunks_mut::<4>();
    for four in fours {
        *four = logistic4(F4::new(*four)).array();
    }
    if !rest.is_empty() {
        let mut four = [0.0; 4];
        four.iter_mut().zip(&*rest).for_each(|(four, value)| *four = *value);
        logistic(&mut four);
        rest.iter_mut().zip(four).for_each(|(value, four)| *value = four);
    }
}

/// The scalar product, in eight sums side by side.
#[inline(never)]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, tail_a) = a.as_chunks::<8>();
    let (b, tail_b) = b.as_chunks::<8>();
    let tail: f32 = tail_a.iter().zip(tail_b).map(|(a, b)| a * b).sum();
    if a.is_empty() {
        return 0.0 + tail;
    }
    let mut sums = [0.0f32; 8];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize) -> Vec<f32> {
        (0..count).map(|n| ((n * 37 % 101) as f32 - 50.0) / 16.0).collect()
    }

    /// Rows have the same scores alone and among others, whatever their number and width.
    #[test]
    fn scores_are_products() {
        for (rows, width, count) in
            [(1, 4, 3), (7, 4, 3), (5, 1, 1), (6, 16, 2), (3, 40, 17), (9, 8, 16)]
        {
            let features = numbers(rows * width);
            let coefficients = numbers(count * width);
            let intercepts = numbers(count);
            let none = Scaling::default();
            let scores_of = |features: &[f32]| {
                let mut out = vec![0.0; features.len() / width * count];
                scores(features, width, &none, &coefficients, &intercepts, &mut out, count);
                out
            };
            let all = scores_of(&features);
            for (row, features) in features.chunks(width).enumerate() {
                assert_eq!(all[row * count..][..count], scores_of(features));
                for class in 0..count {
                    let weights = &coefficients[class * width..][..width];
                    let exact: f64 =
                        features.iter().zip(weights).map(|(a, b)| f64::from(a * b)).sum();
                    let wanted = exact + f64::from(intercepts[class]);
                    assert!((f64::from(all[row * count + class]) - wanted).abs() < 1e-4);
                }
            }
        }
    }

    #[test]
    fn zeros_may_be_left_out() {
        for width in [17, 40, 100] {
            let mut features = numbers(width);
            let columns: Vec<usize> = (0..width).filter(|column| column % 5 != 1).collect();
            (0..width).filter(|column| column % 5 == 1).for_each(|column| features[column] = 0.0);
            let values: Vec<f32> = columns.iter().map(|column| features[*column]).collect();
            let (coefficients, intercepts) = (numbers(3 * width), numbers(3));
            let (mut all, mut few) = ([0.0; 3], [0.0; 3]);
            let none = Scaling::default();
            scores(&features, width, &none, &coefficients, &intercepts, &mut all, 3);
            sparse_scores(&columns, &values, width, &coefficients, &intercepts, &mut few);
            assert_eq!(all, few);
        }
    }

    #[test]
    fn features_are_scaled_first() {
        let scaling = Scaling { offset: vec![1.0, 2.0], scale: vec![0.5, 4.0] };
        let mut out = [0.0; 3];
        scores(&[3.0, 3.0, 1.0, 2.0, 5.0, 1.0], 2, &scaling, &[1.0, 2.0], &[0.25], &mut out, 1);
        assert_eq!(out, [9.25, 0.25, -5.75]);
        let mut out = [7.0; 2];
        scores(&[], 0, &Scaling::default(), &[], &[0.5], &mut out, 1);
        assert_eq!(out, [0.5, 0.5]);
    }

    #[test]
    fn classes_and_probabilities() {
        let nan = f32::NAN;
        let mut out = [0.0, 1.0, 0.0, 2.0, 1.0, 2.0, nan, 3.0, nan, 0.0, nan, 1.0, 0.0, 0.0, 0.0];
        let mut classes = [9; 5];
        finish(&mut out, 3, false, Transform::Softmax, true, &mut classes);
        assert_eq!(classes, [1, 0, 0, 2, 0]);
        assert!((out[1] - 0.576_116_9).abs() < 1e-6, "{out:?}");
        assert!(out[6..12].iter().all(|value| value.is_nan()));
        assert!((out[13] - 1.0 / 3.0).abs() < 1e-6);
        let mut out = [2.0, 0.0, -1.0, 0.0];
        finish(&mut out, 2, true, Transform::TwoLogistic, false, &mut classes[..2]);
        assert_eq!(classes[..2], [1, 0]);
        for (value, wanted) in
            out.into_iter().zip([0.119_202_92, 0.880_797_1, 0.731_058_6, 0.268_941_4])
        {
            assert!((value - wanted).abs() < 1e-6);
        }
        let mut out = [-1.0, -3.0, 0.0, 0.0];
        finish(&mut out, 2, false, Transform::None, true, &mut classes);
        assert_eq!(out, [-0.25, -0.75, 0.0, 0.0]);
    }

    #[test]
    fn logistic_of_each() {
        let mut values = [0.0, 100.0, -100.0, 1.0, f32::NAN];
        logistic(&mut values);
        assert_eq!(values[..3], [0.5, 1.0, 0.0]);
        assert!((values[3] - 0.731_058_6).abs() < 1e-6);
        assert!(values[4].is_nan());
    }
}
