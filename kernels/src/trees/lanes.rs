//! Vectors of 128 bits: WebAssembly's where they are there, arrays elsewhere.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vectors {
    use std::arch::wasm32::{
        f32x4, f32x4_add, f32x4_eq, f32x4_extract_lane, f32x4_le, f32x4_lt, f32x4_splat, i32x4_add,
        i32x4_extract_lane, i32x4_shuffle, i32x4_sub, u16x8_extract_lane, u32x4_extract_lane,
        u64x2, u64x2_extract_lane, v128, v128_and, v128_bitselect, v128_or,
    };

    /// Four binary32 numbers.
    #[derive(Debug, Clone, Copy)]
    pub struct Four(v128);

    /// 128 bits.
    #[derive(Debug, Clone, Copy)]
    pub struct Bits(v128);

    impl Four {
        /// These four.
        #[inline(always)]
        pub fn new(a: f32, b: f32, c: f32, d: f32) -> Self {
            Four(f32x4(a, b, c, d))
        }

        /// Four times the same.
        #[inline(always)]
        pub fn splat(value: f32) -> Self {
            Four(f32x4_splat(value))
        }

        #[inline(always)]
        pub(crate) fn plus(self, other: Self) -> Self {
            Four(f32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub(crate) fn get<const LANE: usize>(self) -> f32 {
            f32x4_extract_lane::<LANE>(self.0)
        }
    }

    /// How many of the numbers are below `limit`.
    #[inline(always)]
    pub fn below(numbers: &[Four], limit: Four) -> u32 {
        let mut counts = u64x2(0, 0);
        for four in numbers {
            counts = i32x4_sub(counts, f32x4_lt(four.0, limit.0));
        }
        let pairs = i32x4_add(counts, i32x4_shuffle::<2, 3, 0, 1>(counts, counts));
        let all = i32x4_add(pairs, i32x4_shuffle::<1, 0, 3, 2>(pairs, pairs));
        i32x4_extract_lane::<0>(all) as u32
    }

    /// Where a value is at most the limit.
    #[inline(always)]
    pub(crate) fn at_most(values: Four, limit: Four) -> Bits {
        Bits(f32x4_le(values.0, limit.0))
    }

    /// For each of the limits, how many of the numbers are below it; and one more unless it is NaN.
    #[inline(always)]
    pub(crate) fn ranks(numbers: &[Four], limits: Four) -> [u32; 4] {
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
        [
            u32x4_extract_lane::<0>(counts),
            u32x4_extract_lane::<1>(counts),
            u32x4_extract_lane::<2>(counts),
            u32x4_extract_lane::<3>(counts),
        ]
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
        pub(crate) fn short<const LANE: usize>(self) -> u16 {
            u16x8_extract_lane::<LANE>(self.0)
        }

        #[inline(always)]
        pub(crate) fn word<const LANE: usize>(self) -> u32 {
            u32x4_extract_lane::<LANE>(self.0)
        }

        #[inline(always)]
        pub(crate) fn long<const LANE: usize>(self) -> u64 {
            u64x2_extract_lane::<LANE>(self.0)
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod vectors {
    use std::array::from_fn;

    /// Four binary32 numbers.
    #[derive(Debug, Clone, Copy)]
    pub struct Four([f32; 4]);

    /// 128 bits.
    #[derive(Debug, Clone, Copy)]
    pub struct Bits([u64; 2]);

    impl Four {
        /// These four.
        pub fn new(a: f32, b: f32, c: f32, d: f32) -> Self {
            Four([a, b, c, d])
        }

        /// Four times the same.
        pub fn splat(value: f32) -> Self {
            Four([value; 4])
        }

        pub(crate) fn plus(self, other: Self) -> Self {
            Four(from_fn(|lane| self.0[lane] + other.0[lane]))
        }

        pub(crate) fn get<const LANE: usize>(self) -> f32 {
            self.0[LANE]
        }
    }

    /// How many of the numbers are below `limit`.
    pub fn below(numbers: &[Four], limit: Four) -> u32 {
        let pairs = numbers.iter().flat_map(|four| four.0.into_iter().zip(limit.0));
        pairs.filter(|(number, limit)| number < limit).count() as u32
    }

    /// Where a value is at most the limit.
    pub(crate) fn at_most(values: Four, limit: Four) -> Bits {
        let word = |lane: usize| u64::from(u32::MAX) * u64::from(values.0[lane] <= limit.0[lane]);
        Bits([word(0) | word(1) << 32, word(2) | word(3) << 32])
    }

    /// For each of the limits, how many of the numbers are below it; and one more unless it is NaN.
    pub(crate) fn ranks(numbers: &[Four], limits: Four) -> [u32; 4] {
        limits.0.map(|limit| below(numbers, Four::splat(limit)) + u32::from(!limit.is_nan()))
    }

    impl Bits {
        /// The lower and the higher half.
        pub fn new(low: u64, high: u64) -> Self {
            Bits([low, high])
        }

        pub(crate) fn and(self, other: Self) -> Self {
            Bits(from_fn(|half| self.0[half] & other.0[half]))
        }

        pub(crate) fn or(self, other: Self) -> Self {
            Bits(from_fn(|half| self.0[half] | other.0[half]))
        }

        /// Of `yes` where a bit is set, else of `no`.
        pub(crate) fn choose(self, yes: Self, no: Self) -> Self {
            Bits(from_fn(|half| yes.0[half] & self.0[half] | no.0[half] & !self.0[half]))
        }

        pub(crate) fn short<const LANE: usize>(self) -> u16 {
            (self.0[LANE / 4] >> (LANE % 4 * 16)) as u16
        }

        pub(crate) fn word<const LANE: usize>(self) -> u32 {
            (self.0[LANE / 2] >> (LANE % 2 * 32)) as u32
        }

        pub(crate) fn long<const LANE: usize>(self) -> u64 {
            self.0[LANE]
        }
    }
}

pub use vectors::{Bits, Four, below};
pub(crate) use vectors::{at_most, ranks};

impl Four {
    /// All four.
    #[inline(always)]
    pub(crate) fn all(self) -> [f32; 4] {
        [self.get::<0>(), self.get::<1>(), self.get::<2>(), self.get::<3>()]
    }
}

/// Adds fours to a row of scores, whose number need not be a multiple of four.
#[inline(always)]
pub(crate) fn add(scores: &mut [f32], fours: &[Four]) {
    for (scores, four) in scores.chunks_mut(4).zip(fours) {
        scores.iter_mut().zip(four.all()).for_each(|(score, vote)| *score += vote);
    }
}

/// Writes a four to a row of up to four scores.
#[inline(always)]
pub(crate) fn write(scores: &mut [f32], four: Four) {
    scores.iter_mut().zip(four.all()).for_each(|(score, sum)| *score = sum);
}
