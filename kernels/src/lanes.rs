//! Four numbers of 32 bits side by side: a vector register of wasm, or an array elsewhere. Both
//! round alike.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod register {
    use std::arch::wasm32::*;

    /// Four floats.
    #[derive(Debug, Clone, Copy)]
    pub struct F4(v128);

    /// 128 bits; of a comparison, 32 times true or false for each of four numbers.
    #[derive(Debug, Clone, Copy)]
    pub struct Bits(v128);

    impl F4 {
        /// These four.
        #[inline(always)]
        pub fn new([a, b, c, d]: [f32; 4]) -> Self {
            F4(f32x4(a, b, c, d))
        }

        /// Four times the same.
        #[inline(always)]
        pub fn splat(value: f32) -> Self {
            F4(f32x4_splat(value))
        }

        #[inline(always)]
        pub(crate) fn array(self) -> [f32; 4] {
            [
                f32x4_extract_lane::<0>(self.0),
                f32x4_extract_lane::<1>(self.0),
                f32x4_extract_lane::<2>(self.0),
                f32x4_extract_lane::<3>(self.0),
            ]
        }

        #[inline(always)]
        pub(crate) fn plus(self, other: Self) -> Self {
            F4(f32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub(crate) fn minus(self, other: Self) -> Self {
            F4(f32x4_sub(self.0, other.0))
        }

        #[inline(always)]
        pub(crate) fn times(self, other: Self) -> Self {
            F4(f32x4_mul(self.0, other.0))
        }

        #[inline(always)]
        pub(crate) fn over(self, other: Self) -> Self {
            F4(f32x4_div(self.0, other.0))
        }

        #[inline(always)]
        pub(crate) fn abs(self) -> Self {
            F4(f32x4_abs(self.0))
        }

        #[inline(always)]
        pub(crate) fn negative(self) -> Self {
            F4(f32x4_neg(self.0))
        }

        #[inline(always)]
        pub(crate) fn above(self, other: Self) -> Bits {
            Bits(f32x4_gt(self.0, other.0))
        }

        #[inline(always)]
        pub(crate) fn equals(self, other: Self) -> Bits {
            Bits(f32x4_eq(self.0, other.0))
        }

        /// `self` where the mask is true, else `other`.
        #[inline(always)]
        pub(crate) fn or(self, other: Self, mask: Bits) -> Self {
            F4(v128_bitselect(self.0, other.0, mask.0))
        }

        /// Between the two bounds; NaN stays.
        #[inline(always)]
        pub(crate) fn clamp(self, low: f32, high: f32) -> Self {
            // One instruction each, where `f32x4_min` and `f32x4_max` are many on x86-64.
            F4(f32x4_pmin(f32x4_pmax(self.0, f32x4_splat(low)), f32x4_splat(high)))
        }

        /// Times two to the power of the difference between the bits of `exponent` and of `zero`:
        /// in two steps, since the result may be subnormal where one power would already be zero.
        #[inline(always)]
        pub(crate) fn scaled(self, exponent: Self, zero: f32) -> Self {
            let whole = i32x4_sub(exponent.0, f32x4_splat(zero));
            let half = i32x4_shr(whole, 1);
            let bias = i32x4_splat(127);
            let first = i32x4_shl(i32x4_add(half, bias), 23);
            let second = i32x4_shl(i32x4_add(i32x4_sub(whole, half), bias), 23);
            F4(f32x4_mul(f32x4_mul(self.0, first), second))
        }

        #[inline(always)]
        pub(crate) fn at_most(self, other: Self) -> Bits {
            Bits(f32x4_le(self.0, other.0))
        }
    }

    /// How many of the numbers are below `limit`.
    #[inline(always)]
    pub fn below(numbers: &[F4], limit: F4) -> u32 {
        let mut counts = u64x2(0, 0);
        for four in numbers {
            counts = i32x4_sub(counts, f32x4_lt(four.0, limit.0));
        }
        let pairs = i32x4_add(counts, i32x4_shuffle::<2, 3, 0, 1>(counts, counts));
        let all = i32x4_add(pairs, i32x4_shuffle::<1, 0, 3, 2>(pairs, pairs));
        i32x4_extract_lane::<0>(all) as u32
    }

    /// For each of the limits, how many of the numbers are below it; and one more unless it is NaN.
    #[inline(always)]
    pub(crate) fn ranks(numbers: &[F4], limits: F4) -> [u32; 4] {
        let mut counts = i32x4_sub(u64x2(0, 0), f32x4_eq(limits.0, limits.0));
        for four in numbers {
            for number in [
                i32x4_shuffle::<0, 0, 0, 0>(four.0, four.0),
                i32x4_shuffle::<1, 1, 1, 1>(four.0, four.0),
                i32x4_shuffle::<2, 2, 2, 2>(four.0, four.0),
                i32x4_shuffle::<3, 3, 3, 3>(four.0, four.0),
            ] {
                counts = i32x4_sub(counts, f32x4_lt(number, limits.0));
            }
        }
        Bits(counts).words()
    }

    impl Bits {
        /// The lower and the higher half.
        #[inline(always)]
        pub fn new(low: u64, high: u64) -> Self {
            Bits(u64x2(low, high))
        }

        #[inline(always)]
        pub(crate) fn and(self, other: Self) -> Self {
            Bits(v128_and(self.0, other.0))
        }

        #[inline(always)]
        pub(crate) fn or(self, other: Self) -> Self {
            Bits(v128_or(self.0, other.0))
        }

        /// Of `yes` where a bit is set, else of `no`.
        #[inline(always)]
        pub(crate) fn choose(self, yes: Self, no: Self) -> Self {
            Bits(v128_bitselect(yes.0, no.0, self.0))
        }

        #[inline(always)]
        pub(crate) fn words(self) -> [u32; 4] {
            [
                u32x4_extract_lane::<0>(self.0),
                u32x4_extract_lane::<1>(self.0),
                u32x4_extract_lane::<2>(self.0),
                u32x4_extract_lane::<3>(self.0),
            ]
        }

        /// The lower and the higher half.
        #[inline(always)]
        pub(crate) fn halves(self) -> [u64; 2] {
            [u64x2_extract_lane::<0>(self.0), u64x2_extract_lane::<1>(self.0)]
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod register {
    use std::array::from_fn;

    /// Four floats.
    #[derive(Debug, Clone, Copy)]
    pub struct F4([f32; 4]);

    /// 128 bits; of a comparison, 32 times true or false for each of four numbers.
    #[derive(Debug, Clone, Copy)]
    pub struct Bits([u32; 4]);

    impl F4 {
        /// These four.
        #[inline(always)]
        pub fn new(values: [f32; 4]) -> Self {
            F4(values)
        }

        /// Four times the same.
        #[inline(always)]
        pub fn splat(value: f32) -> Self {
            F4([value; 4])
        }

        #[inline(always)]
        pub(crate) fn array(self) -> [f32; 4] {
            self.0
        }

        #[inline(always)]
        pub(crate) fn plus(self, other: Self) -> Self {
            F4(from_fn(|lane| self.0[lane] + other.0[lane]))
        }

        #[inline(always)]
        pub(crate) fn minus(self, other: Self) -> Self {
            F4(from_fn(|lane| self.0[lane] - other.0[lane]))
        }

        #[inline(always)]
        pub(crate) fn times(self, other: Self) -> Self {
            F4(from_fn(|lane| self.0[lane] * other.0[lane]))
        }

        #[inline(always)]
        pub(crate) fn over(self, other: Self) -> Self {
            F4(from_fn(|lane| self.0[lane] / other.0[lane]))
        }

        #[inline(always)]
        pub(crate) fn abs(self) -> Self {
            F4(self.0.map(f32::abs))
        }

        #[inline(always)]
        pub(crate) fn negative(self) -> Self {
            F4(self.0.map(|value| -value))
        }

        #[inline(always)]
        pub(crate) fn above(self, other: Self) -> Bits {
            self.where_true(other, |a, b| a > b)
        }

        #[inline(always)]
        pub(crate) fn equals(self, other: Self) -> Bits {
            self.where_true(other, |a, b| a == b)
        }

        /// `self` where the mask is true, else `other`.
        #[inline(always)]
        pub(crate) fn or(self, other: Self, mask: Bits) -> Self {
            F4(from_fn(|lane| if mask.0[lane] > 0 { self.0[lane] } else { other.0[lane] }))
        }

        /// Between the two bounds; NaN stays.
        #[inline(always)]
        pub(crate) fn clamp(self, low: f32, high: f32) -> Self {
            F4(self.0.map(|value| value.clamp(low, high)))
        }

        /// Times two to the power of the difference between the bits of `exponent` and of `zero`:
        /// in two steps, since the result may be subnormal where one power would already be zero.
        #[inline(always)]
        pub(crate) fn scaled(self, exponent: Self, zero: f32) -> Self {
            let power = |exponent: i32| f32::from_bits((exponent.wrapping_add(127) as u32) << 23);
            F4(from_fn(|lane| {
                let whole = exponent.0[lane].to_bits().wrapping_sub(zero.to_bits()) as i32;
                let half = whole >> 1;
                self.0[lane] * power(half) * power(whole.wrapping_sub(half))
            }))
        }

        pub(crate) fn at_most(self, other: Self) -> Bits {
            self.where_true(other, |a, b| a <= b)
        }

        fn where_true(self, other: Self, holds: fn(f32, f32) -> bool) -> Bits {
            Bits(from_fn(|lane| if holds(self.0[lane], other.0[lane]) { u32::MAX } else { 0 }))
        }
    }

    /// How many of the numbers are below `limit`.
    pub fn below(numbers: &[F4], limit: F4) -> u32 {
        let pairs = numbers.iter().flat_map(|four| four.0.into_iter().zip(limit.0));
        pairs.filter(|(number, limit)| number < limit).count() as u32
    }

    /// For each of the limits, how many of the numbers are below it; and one more unless it is NaN.
    pub(crate) fn ranks(numbers: &[F4], limits: F4) -> [u32; 4] {
        limits.0.map(|limit| below(numbers, F4::splat(limit)) + u32::from(!limit.is_nan()))
    }

    impl Bits {
        /// The lower and the higher half.
        pub fn new(low: u64, high: u64) -> Self {
            Bits([low as u32, (low >> 32) as u32, high as u32, (high >> 32) as u32])
        }

        pub(crate) fn and(self, other: Self) -> Self {
            Bits(from_fn(|lane| self.0[lane] & other.0[lane]))
        }

        pub(crate) fn or(self, other: Self) -> Self {
            Bits(from_fn(|lane| self.0[lane] | other.0[lane]))
        }

        /// Of `yes` where a bit is set, else of `no`.
        pub(crate) fn choose(self, yes: Self, no: Self) -> Self {
            Bits(from_fn(|lane| yes.0[lane] & self.0[lane] | no.0[lane] & !self.0[lane]))
        }

        pub(crate) fn words(self) -> [u32; 4] {
            self.0
        }

        /// The lower and the higher half.
        pub(crate) fn halves(self) -> [u64; 2] {
            let [a, b, c, d] = self.0.map(u64::from);
            [a | b << 32, c | d << 32]
        }
    }
}

pub(crate) use register::ranks;
pub use register::{Bits, F4, below};

/// The most columns of a row that [`load`] takes.
pub(crate) const COLUMNS: usize = 16;

/// One column of four rows in each.
pub(crate) type Columns = [F4; COLUMNS];

/// Columns of four rows from the one that begins at `start` on; where there are fewer left, the
/// last is there again.
#[inline(always)]
pub(crate) fn load(values: &[f32], start: usize, width: usize, columns: &mut Columns) {
    let last = values.len().saturating_sub(width);
    let starts: [usize; 4] = std::array::from_fn(|lane| (start + lane * width).min(last));
    let rows = starts.map(|start| values.get(start..start + width).unwrap_or(&[]));
    let [Some(a), Some(b), Some(c), Some(d)] = rows.map(|row| row.get(..width)) else { return };
    for (column, ((a, b), (c, d))) in columns.iter_mut().zip(a.iter().zip(b).zip(c.iter().zip(d))) {
        *column = F4::new([*a, *b, *c, *d]);
    }
}

/// Writes columns of four rows, or of as many as there are left.
#[inline(always)]
pub(crate) fn store(values: &mut [f32], start: usize, width: usize, columns: &Columns) {
    let rest = values.get_mut(start..).unwrap_or_default();
    if rest.len() >= 4 * width {
        let (a, rest) = rest.split_at_mut(width);
        let (b, rest) = rest.split_at_mut(width);
        let (c, d) = rest.split_at_mut(width);
        let rows = a.iter_mut().zip(b).zip(c.iter_mut().zip(d));
        for (column, ((a, b), (c, d))) in columns.iter().zip(rows) {
            [*a, *b, *c, *d] = column.array();
        }
        return;
    }
    for (lane, row) in rest.chunks_exact_mut(width.max(1)).enumerate() {
        for (value, column) in row.iter_mut().zip(columns) {
            *value = column.array().get(lane).copied().unwrap_or_default();
        }
    }
}
