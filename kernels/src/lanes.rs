//! Four numbers of 32 bits side by side: a vector register of wasm, or an array elsewhere. Both
//! round alike.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod register {
    use std::arch::wasm32::*;

    /// Four floats.
    #[derive(Clone, Copy)]
    pub struct F4(v128);

    /// True or false, four times.
    #[derive(Clone, Copy)]
    pub struct Mask(v128);

    impl F4 {
        #[inline(always)]
        pub fn new([a, b, c, d]: [f32; 4]) -> Self {
            F4(f32x4(a, b, c, d))
        }

        #[inline(always)]
        pub fn splat(value: f32) -> Self {
            F4(f32x4_splat(value))
        }

        #[inline(always)]
        pub fn array(self) -> [f32; 4] {
            [
                f32x4_extract_lane::<0>(self.0),
                f32x4_extract_lane::<1>(self.0),
                f32x4_extract_lane::<2>(self.0),
                f32x4_extract_lane::<3>(self.0),
            ]
        }

        #[inline(always)]
        pub fn plus(self, other: Self) -> Self {
            F4(f32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub fn minus(self, other: Self) -> Self {
            F4(f32x4_sub(self.0, other.0))
        }

        #[inline(always)]
        pub fn times(self, other: Self) -> Self {
            F4(f32x4_mul(self.0, other.0))
        }

        #[inline(always)]
        pub fn over(self, other: Self) -> Self {
            F4(f32x4_div(self.0, other.0))
        }

        #[inline(always)]
        pub fn abs(self) -> Self {
            F4(f32x4_abs(self.0))
        }

        #[inline(always)]
        pub fn negative(self) -> Self {
            F4(f32x4_neg(self.0))
        }

        #[inline(always)]
        pub fn above(self, other: Self) -> Mask {
            Mask(f32x4_gt(self.0, other.0))
        }

        #[inline(always)]
        pub fn equals(self, other: Self) -> Mask {
            Mask(f32x4_eq(self.0, other.0))
        }

        /// `self` where the mask is true, else `other`.
        #[inline(always)]
        pub fn or(self, other: Self, mask: Mask) -> Self {
            F4(v128_bitselect(self.0, other.0, mask.0))
        }

        /// Between the two bounds; NaN stays.
        #[inline(always)]
        pub fn clamp(self, low: f32, high: f32) -> Self {
            // One instruction each, where `f32x4_min` and `f32x4_max` are many on x86-64.
            F4(f32x4_pmin(f32x4_pmax(self.0, f32x4_splat(low)), f32x4_splat(high)))
        }

        /// Times two to the power of the difference between the bits of `exponent` and of `zero`:
        /// in two steps, since the result may be subnormal where one power would already be zero.
        #[inline(always)]
        pub fn scaled(self, exponent: Self, zero: f32) -> Self {
            let whole = i32x4_sub(exponent.0, f32x4_splat(zero));
            let half = i32x4_shr(whole, 1);
            let bias = i32x4_splat(127);
            let first = i32x4_shl(i32x4_add(half, bias), 23);
            let second = i32x4_shl(i32x4_add(i32x4_sub(whole, half), bias), 23);
            F4(f32x4_mul(f32x4_mul(self.0, first), second))
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod register {
    use std::array::from_fn;

    /// Four floats.
    #[derive(Clone, Copy)]
    pub struct F4([f32; 4]);

    /// True or false, four times.
    #[derive(Clone, Copy)]
    pub struct Mask([bool; 4]);

    impl F4 {
        #[inline(always)]
        pub fn new(values: [f32; 4]) -> Self {
            F4(values)
        }

        #[inline(always)]
        pub fn splat(value: f32) -> Self {
            F4([value; 4])
        }

        #[inline(always)]
        pub fn array(self) -> [f32; 4] {
            self.0
        }

        #[inline(always)]
        pub fn plus(self, other: Self) -> Self {
            F4(from_fn(|lane| self.0[lane] + other.0[lane]))
        }

        #[inline(always)]
        pub fn minus(self, other: Self) -> Self {
            F4(from_fn(|lane| self.0[lane] - other.0[lane]))
        }

        #[inline(always)]
        pub fn times(self, other: Self) -> Self {
            F4(from_fn(|lane| self.0[lane] * other.0[lane]))
        }

        #[inline(always)]
        pub fn over(self, other: Self) -> Self {
            F4(from_fn(|lane| self.0[lane] / other.0[lane]))
        }

        #[inline(always)]
        pub fn abs(self) -> Self {
            F4(self.0.map(f32::abs))
        }

        #[inline(always)]
        pub fn negative(self) -> Self {
            F4(self.0.map(|value| -value))
        }

        #[inline(always)]
        pub fn above(self, other: Self) -> Mask {
            Mask(from_fn(|lane| self.0[lane] > other.0[lane]))
        }

        #[inline(always)]
        pub fn equals(self, other: Self) -> Mask {
            Mask(from_fn(|lane| self.0[lane] == other.0[lane]))
        }

        /// `self` where the mask is true, else `other`.
        #[inline(always)]
        pub fn or(self, other: Self, mask: Mask) -> Self {
            F4(from_fn(|lane| if mask.0[lane] { self.0[lane] } else { other.0[lane] }))
        }

        /// Between the two bounds; NaN stays.
        #[inline(always)]
        pub fn clamp(self, low: f32, high: f32) -> Self {
            F4(self.0.map(|value| value.clamp(low, high)))
        }

        /// Times two to the power of the difference between the bits of `exponent` and of `zero`:
        /// in two steps, since the result may be subnormal where one power would already be zero.
        #[inline(always)]
        pub fn scaled(self, exponent: Self, zero: f32) -> Self {
            let power = |exponent: i32| f32::from_bits((exponent.wrapping_add(127) as u32) << 23);
            F4(from_fn(|lane| {
                let whole = exponent.0[lane].to_bits().wrapping_sub(zero.to_bits()) as i32;
                let half = whole >> 1;
                self.0[lane] * power(half) * power(whole.wrapping_sub(half))
            }))
        }
    }
}

pub use register::F4;

/// The most columns of a row that [`load`] takes.
pub const COLUMNS: usize = 16;

/// One column of four rows in each.
pub type Columns = [F4; COLUMNS];

/// Columns of four rows from the one that begins at `start` on; where there are fewer left, the
/// last is there again.
#[inline(always)]
pub fn load(values: &[f32], start: usize, width: usize, columns: &mut Columns) {
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
pub fn store(values: &mut [f32], start: usize, width: usize, columns: &Columns) {
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
