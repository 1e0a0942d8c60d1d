//! Products of row-major matrices: the loops that every product here ends in.

use crate::error::Result;
use crate::ops::math::element::{Number, Wide, widen};
use crate::ops::{failed, unsupported_type};
use crate::tensor::Data;

/// What a product adds up.
pub trait Scalar: Number + Default {
    /// `self + other`; integers wrap.
    fn plus(self, other: Self) -> Self;
    /// `self * other`; integers wrap.
    fn times(self, other: Self) -> Self;
    /// The number of that type which is nearest to `factor` times it.
    fn scaled(self, factor: f32) -> Self;
}

macro_rules! float_scalar {
    ($kind:ty) => {
        impl Scalar for $kind {
            fn plus(self, other: Self) -> Self {
                self + other
            }
            fn times(self, other: Self) -> Self {
                self * other
            }
            fn scaled(self, factor: f32) -> Self {
                self * <$kind>::from(factor)
            }
        }
    };
}

float_scalar!(f32);
float_scalar!(f64);

impl Scalar for i64 {
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    fn times(self, other: Self) -> Self {
        self.wrapping_mul(other)
    }
    fn scaled(self, factor: f32) -> Self {
        if factor == 1.0 { self } else { (self as f64 * f64::from(factor)) as i64 }
    }
}

/// The operands of a product in the type that it is computed in. Unsigned numbers of 64 bits wrap
/// as signed ones do.
pub enum Operands<'t> {
    F32(Vec<std::borrow::Cow<'t, [f32]>>),
    F64(Vec<std::borrow::Cow<'t, [f64]>>),
    I64(Vec<std::borrow::Cow<'t, [i64]>>),
}

/// Widens operands of one type.
///
/// # Errors
/// `OP_UNSUPPORTED` for texts and where types differ.
pub fn operands<'t>(data: &[&'t Data]) -> Result<Operands<'t>> {
    let Some(first) = data.first() else { return Err(failed("A product of nothing.")) };
    let kind = first.data_type();
    if let Some(other) = data.iter().find(|other| other.data_type() != kind) {
        return Err(unsupported_type(other.data_type()));
    }
    macro_rules! all {
        ($operands:ident, $($wide:ident($values:ident) => $converted:expr),+) => {
            Operands::$operands(
                data.iter()
                    .map(|data| match widen(data)? {
                        $(Wide::$wide($values) => Ok($converted),)+
                        _ => Err(unsupported_type(kind)),
                    })
                    .collect::<Result<_>>()?,
            )
        };
    }
    Ok(match widen(first)? {
        Wide::F32(_) => all!(F32, F32(values) => values),
        Wide::F64(_) => all!(F64, F64(values) => values),
        _ => {
            all!(I64, I64(values) => values, U64(values) => values.iter().map(|v| *v as i64).collect())
        }
    })
}

/// Rows of the second matrix that are multiplied at a time, so that they stay in the cache.
const PANEL: usize = 128;

/// Adds to `out` (rows × columns) the product of `a` (rows × depth) and `b` (depth × columns).
pub fn add_product<T: Scalar>(a: &[T], b: &[T], out: &mut [T], depth: usize, columns: usize) {
    if depth == 0 || columns == 0 {
        return;
    }
    if columns == 1 {
        for (row, out) in a.chunks_exact(depth).zip(out) {
            *out = out.plus(dot(row, b));
        }
        return;
    }
    for (panel, first) in b.chunks(PANEL * columns).zip((0..depth).step_by(PANEL)) {
        let height = panel.len() / columns;
        for (row, out) in a.chunks_exact(depth).zip(out.chunks_exact_mut(columns)) {
            add_row(&row[first..first + height], panel, out);
        }
    }
}

/// Adds a row times a matrix, four of the matrix's rows at a time.
fn add_row<T: Scalar>(row: &[T], b: &[T], out: &mut [T]) {
    let columns = out.len();
    let (fours, rest) = row.as_chunks::<4>();
    let mut blocks = b.chunks_exact(4 * columns);
    for ([x0, x1, x2, x3], block) in fours.iter().zip(&mut blocks) {
        let (first, second) = block.split_at(2 * columns);
        let ((b0, b1), (b2, b3)) = (first.split_at(columns), second.split_at(columns));
        for ((((out, b0), b1), b2), b3) in out.iter_mut().zip(b0).zip(b1).zip(b2).zip(b3) {
            let (low, high) =
                (x0.times(*b0).plus(x1.times(*b1)), x2.times(*b2).plus(x3.times(*b3)));
            *out = out.plus(low.plus(high));
        }
    }
    for (x, b) in rest.iter().zip(blocks.remainder().chunks_exact(columns)) {
        for (out, b) in out.iter_mut().zip(b) {
            *out = out.plus(x.times(*b));
        }
    }
}

/// Adds to `out` (rows × columns) the product of `a` (rows × depth) and the transpose of `b`
/// (columns × depth).
pub fn add_product_transposed<T: Scalar>(
    a: &[T],
    b: &[T],
    out: &mut [T],
    depth: usize,
    columns: usize,
) {
    if depth == 0 || columns == 0 {
        return;
    }
    for (row, out) in a.chunks_exact(depth).zip(out.chunks_exact_mut(columns)) {
        for (other, out) in b.chunks_exact(depth).zip(out) {
            *out = out.plus(dot(row, other));
        }
    }
}

/// The sum of products, in eight lanes.
pub fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut lanes = [T::default(); 8];
    for (a, b) in a.iter().zip(b) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane = lane.plus(a.times(*b));
        }
    }
    let rest = a_rest.iter().zip(b_rest).fold(T::default(), |sum, (a, b)| sum.plus(a.times(*b)));
    let [a, b, c, d, e, f, g, h] = lanes;
    let (low, high) = (a.plus(e).plus(c.plus(g)), b.plus(f).plus(d.plus(h)));
    low.plus(high).plus(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(a: &[i64], b: &[i64], depth: usize, columns: usize) -> Vec<i64> {
        let row = |row: &[i64]| {
            (0..columns)
                .map(|column| (0..depth).map(|k| row[k] * b[k * columns + column]).sum())
                .collect::<Vec<i64>>()
        };
        a.chunks(depth).flat_map(row).collect()
    }

    #[test]
    fn products_of_any_size() {
        for (rows, depth, columns) in
            [(1, 1, 1), (3, 4, 1), (2, 9, 1), (3, 7, 5), (2, 300, 3), (5, 8, 9)]
        {
            let count = |length: usize, factor: i64| -> Vec<i64> {
                (0..length as i64).map(|n| (n * factor) % 17 - 8).collect()
            };
            let (a, b) = (count(rows * depth, 7), count(depth * columns, 5));
            let wanted = naive(&a, &b, depth, columns);
            let mut out = vec![0; rows * columns];
            add_product(&a, &b, &mut out, depth, columns);
            assert_eq!(out, wanted);
            let turned: Vec<i64> = (0..columns)
                .flat_map(|c| (0..depth).map(move |k| (c, k)))
                .map(|(c, k)| b[k * columns + c])
                .collect();
            let mut out = vec![0; rows * columns];
            add_product_transposed(&a, &turned, &mut out, depth, columns);
            assert_eq!(out, wanted);
        }
        let mut out = [1.0f32; 2];
        add_product(&[], &[], &mut out, 0, 1);
        assert_eq!(out, [1.0; 2]);
        assert_eq!(i64::MAX.plus(1), i64::MIN);
    }
}
