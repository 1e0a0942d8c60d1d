//! Products of row-major matrices: the loops that every product here ends in.

use crate::error::Result;
use crate::ops::math::element::{Number, Wide, widen};
use crate::ops::{failed, unsupported_type};
use crate::tensor::Data;
use predikt_kernels::product;

/// What a product adds up.
pub trait Scalar: Number + Default {
    /// `self + other`; integers wrap.
    fn plus(self, other: Self) -> Self;
    /// `self * other`; integers wrap.
    fn times(self, other: Self) -> Self;
    /// The number of that type which is nearest to `factor` times it.
    fn scaled(self, factor: f32) -> Self;

    /// Adds to `out` (rows × columns) the product of `a` (rows × depth) and `b` (depth × columns).
    fn add_product(a: &[Self], b: &[Self], out: &mut [Self], depth: usize, columns: usize) {
        if depth == 0 || columns == 0 {
            return;
        }
        for (row, out) in a.chunks_exact(depth).zip(out.chunks_exact_mut(columns)) {
            for (a, b) in row.iter().zip(b.chunks_exact(columns)) {
                out.iter_mut().zip(b).for_each(|(out, b)| *out = out.plus(a.times(*b)));
            }
        }
    }

    /// As [`add_product`](Self::add_product), with the transpose of `b` (columns × depth).
    fn add_product_transposed(
        a: &[Self],
        b: &[Self],
        out: &mut [Self],
        depth: usize,
        columns: usize,
    ) {
        if depth == 0 || columns == 0 {
            return;
        }
        for (row, out) in a.chunks_exact(depth).zip(out.chunks_exact_mut(columns)) {
            for (b, out) in b.chunks_exact(depth).zip(out) {
                *out = row.iter().zip(b).fold(*out, |sum, (a, b)| sum.plus(a.times(*b)));
            }
        }
    }
}

impl Scalar for f32 {
    fn plus(self, other: Self) -> Self {
        self + other
    }
    fn times(self, other: Self) -> Self {
        self * other
    }
    fn scaled(self, factor: f32) -> Self {
        self * factor
    }
    fn add_product(a: &[f32], b: &[f32], out: &mut [f32], depth: usize, columns: usize) {
        product::add_product(a, b, out, depth, columns);
    }
    fn add_product_transposed(a: &[f32], b: &[f32], out: &mut [f32], depth: usize, columns: usize) {
        product::add_product_transposed(a, b, out, depth, columns);
    }
}

impl Scalar for f64 {
    fn plus(self, other: Self) -> Self {
        self + other
    }
    fn times(self, other: Self) -> Self {
        self * other
    }
    fn scaled(self, factor: f32) -> Self {
        self * f64::from(factor)
    }
}

#[cfg(any(feature = "extra", test))]
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
    #[cfg(feature = "extra")]
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
        #[cfg(not(feature = "extra"))]
        _ => return Err(unsupported_type(kind)),
        #[cfg(feature = "extra")]
        _ => {
            all!(I64, I64(values) => values, U64(values) => values.iter().map(|v| *v as i64).collect())
        }
    })
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
            i64::add_product(&a, &b, &mut out, depth, columns);
            assert_eq!(out, wanted);
            let turned: Vec<i64> = (0..columns)
                .flat_map(|c| (0..depth).map(move |k| (c, k)))
                .map(|(c, k)| b[k * columns + c])
                .collect();
            let mut out = vec![0; rows * columns];
            i64::add_product_transposed(&a, &turned, &mut out, depth, columns);
            assert_eq!(out, wanted);
        }
        let mut out = [1.0f32; 2];
        f32::add_product(&[], &[], &mut out, 0, 1);
        assert_eq!(out, [1.0; 2]);
        assert_eq!(i64::MAX.plus(1), i64::MIN);
    }
}
