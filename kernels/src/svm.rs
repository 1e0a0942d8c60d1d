//! Rows of features compared with support vectors.

use crate::exp::exp;
use crate::lanes::F4;

/// Vectors of one length, four side by side: number by number, one of each of the four.
#[derive(Debug, Clone, Default)]
pub struct Vectors {
    fours: Vec<[f32; 4]>,
    width: usize,
}

impl Vectors {
    /// The rows of `values`. What is behind the last whole row is left out.
    pub fn new(values: &[f32], width: usize) -> Self {
        let mut fours = vec![];
        for rows in values.chunks(width.max(1).saturating_mul(4)) {
            for column in 0..width {
                fours.push(
                    [0, 1, 2, 3]
                        .map(|row| rows.get(row * width + column).copied().unwrap_or_default()),
                );
            }
        }
        Vectors { fours, width }
    }

    /// How many numbers [`compare`] gives for a row: one a vector, and up to three more.
    pub fn padded(&self) -> usize {
        self.fours.len().checked_div(self.width).unwrap_or_default().saturating_mul(4)
    }
}

/// How a row is compared with a vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Compare {
    /// The scalar product.
    Product,
    /// The square of the distance.
    Distance,
    /// e ^ (-gamma × the square of the distance).
    Rbf(f32),
}

/// Each row with each vector, row by row, [`Vectors::padded`] numbers each.
#[inline(never)]
pub fn compare(rows: &[f32], vectors: &Vectors, how: Compare, out: &mut [f32]) {
    match how {
        Compare::Product => each::<true>(rows, vectors, out),
        Compare::Distance => each::<false>(rows, vectors, out),
        Compare::Rbf(gamma) => {
            each::<false>(rows, vectors, out);
            let rows = rows.len().checked_div(vectors.width).unwrap_or(0);
            let count = rows.saturating_mul(vectors.padded()).min(out.len());
            exp(out.get_mut(..count).unwrap_or_default(), -gamma, 0.0);
        }
    }
}

#[inline(never)]
fn each<const PRODUCT: bool>(rows: &[f32], vectors: &Vectors, out: &mut [f32]) {
    let (width, padded) = (vectors.width, vectors.padded());
    if width == 0 || padded == 0 {
        return;
    }
    let fours = rows.chunks_exact(width * 4);
    let (four, one) = (width * 4, padded * 4);
    let single = rows.chunks_exact(four).remainder().chunks_exact(width);
    let (many, few) = out.split_at_mut((rows.len() / four * one).min(out.len()));
    for (rows, out) in fours.zip(many.chunks_exact_mut(one)) {
        let (a, rows) = rows.split_at(width);
        let (b, rows) = rows.split_at(width);
        let (c, d) = rows.split_at(width);
        let (out_a, out) = out.split_at_mut(padded);
        let (out_b, out) = out.split_at_mut(padded);
        let (out_c, out_d) = out.split_at_mut(padded);
        let outs = fours_of(out_a).zip(fours_of(out_b)).zip(fours_of(out_c).zip(fours_of(out_d)));
        for (vectors, ((out_a, out_b), (out_c, out_d))) in
            vectors.fours.chunks_exact(width).zip(outs)
        {
            let mut sums = [F4::splat(0.0); 4];
            let features = a.iter().zip(b).zip(c.iter().zip(d));
            for (four, ((a, b), (c, d))) in vectors.iter().zip(features) {
                let four = F4::new(*four);
                let [sum_a, sum_b, sum_c, sum_d] = sums;
                sums = [
                    add::<PRODUCT>(sum_a, *a, four),
                    add::<PRODUCT>(sum_b, *b, four),
                    add::<PRODUCT>(sum_c, *c, four),
                    add::<PRODUCT>(sum_d, *d, four),
                ];
            }
            [*out_a, *out_b, *out_c, *out_d] = sums.map(F4::array);
        }
    }
    for (row, out) in single.zip(few.chunks_exact_mut(padded)) {
        for (vectors, out) in vectors.fours.chunks_exact(width).zip(fours_of(out)) {
            let mut sum = F4::splat(0.0);
            for (four, value) in vectors.iter().zip(row) {
                sum = add::<PRODUCT>(sum, *value, F4::new(*four));
            }
            *out = sum.array();
        }
    }
}

fn fours_of(out: &mut [f32]) -> std::slice::IterMut<'_, [f32; 4]> {
    out.as_chunks_mut::<4>().0.iter_mut()
}

#[inline(always)]
fn add<const PRODUCT: bool>(sum: F4, value: f32, four: F4) -> F4 {
    let value = F4::splat(value);
    if PRODUCT {
        return sum.plus(value.times(four));
    }
    let apart = value.minus(four);
    sum.plus(apart.times(apart))
}

/// The sum of the products, each rounded to binary32, in binary64.
#[inline(never)]
pub fn weigh(a: &[f32], b: &[f32]) -> f64 {
    let (a, tail_a) = a.as_chunks::<4>();
    let (b, tail_b) = b.as_chunks::<4>();
    let mut sums = [0.0f64; 4];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += f64::from(a * b);
        }
    }
    let tail: f64 = tail_a.iter().zip(tail_b).map(|(a, b)| f64::from(a * b)).sum();
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_with_every_vector() {
        for (rows, width, count) in [(1, 1, 1), (4, 3, 4), (6, 5, 9), (9, 20, 3)] {
            let number = |n: usize| ((n * 29 % 53) as f32 - 26.0) / 8.0;
            let features: Vec<f32> = (0..rows * width).map(number).collect();
            let values: Vec<f32> = (3..count * width + 3).map(number).collect();
            let vectors = Vectors::new(&values, width);
            let padded = vectors.padded();
            assert_eq!(padded, count.div_ceil(4) * 4);
            for how in [Compare::Product, Compare::Distance, Compare::Rbf(0.01)] {
                let mut out = vec![0.0; rows * padded];
                compare(&features, &vectors, how, &mut out);
                for (row, features) in features.chunks(width).enumerate() {
                    for (index, vector) in values.chunks(width).enumerate() {
                        let pairs = features.iter().zip(vector);
                        let product: f32 = pairs.clone().map(|(a, b)| a * b).sum();
                        let distance: f32 = pairs.map(|(a, b)| (a - b) * (a - b)).sum();
                        let wanted = match how {
                            Compare::Product => product,
                            Compare::Distance => distance,
                            Compare::Rbf(gamma) => (-gamma * distance).exp(),
                        };
                        let got = out[row * padded + index];
                        assert!((got - wanted).abs() <= 1e-6 * wanted.abs(), "{got} {wanted}");
                    }
                }
            }
        }
    }

    #[test]
    fn products_add_up() {
        let a: Vec<f32> = (0..11).map(|n| n as f32).collect();
        assert_eq!(weigh(&a, &a), 385.0);
        assert_eq!(weigh(&[], &[]), 0.0);
    }
}
