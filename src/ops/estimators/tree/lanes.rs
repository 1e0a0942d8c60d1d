//! Four numbers of 32 bits at once: WebAssembly's vectors where they are there, arrays elsewhere.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vectors {
    use std::arch::wasm32::{
        f32x4, f32x4_add, f32x4_extract_lane, f32x4_le, f32x4_splat, u32x4_extract_lane,
        u32x4_splat, v128, v128_and, v128_or,
    };

    /// Four binary32 numbers.
    #[derive(Debug, Clone, Copy)]
    pub struct Four(v128);

    /// Four sets of 32 bits.
    #[derive(Debug, Clone, Copy)]
    pub struct Bits(v128);

    impl Four {
        #[inline(always)]
        pub fn new(a: f32, b: f32, c: f32, d: f32) -> Self {
            Four(f32x4(a, b, c, d))
        }

        #[inline(always)]
        pub fn splat(value: f32) -> Self {
            Four(f32x4_splat(value))
        }

        #[inline(always)]
        pub fn plus(self, other: Self) -> Self {
            Four(f32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub fn get<const LANE: usize>(self) -> f32 {
            f32x4_extract_lane::<LANE>(self.0)
        }
    }

    impl Bits {
        #[inline(always)]
        pub fn splat(bits: u32) -> Self {
            Bits(u32x4_splat(bits))
        }

        #[inline(always)]
        pub fn get<const LANE: usize>(self) -> u32 {
            u32x4_extract_lane::<LANE>(self.0)
        }

        /// Where a value is not at most the threshold, only the bits that are in `keep`.
        #[inline(always)]
        pub fn keep_beyond(self, values: Four, threshold: Four, keep: Bits) -> Self {
            Bits(v128_and(self.0, v128_or(f32x4_le(values.0, threshold.0), keep.0)))
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod vectors {
    use std::array::from_fn;

    /// Four binary32 numbers.
    #[derive(Debug, Clone, Copy)]
    pub struct Four([f32; 4]);

    /// Four sets of 32 bits.
    #[derive(Debug, Clone, Copy)]
    pub struct Bits([u32; 4]);

    impl Four {
        pub fn new(a: f32, b: f32, c: f32, d: f32) -> Self {
            Four([a, b, c, d])
        }

        pub fn splat(value: f32) -> Self {
            Four([value; 4])
        }

        pub fn plus(self, other: Self) -> Self {
            Four(from_fn(|lane| self.0[lane] + other.0[lane]))
        }

        pub fn get<const LANE: usize>(self) -> f32 {
            self.0[LANE]
        }
    }

    impl Bits {
        pub fn splat(bits: u32) -> Self {
            Bits([bits; 4])
        }

        pub fn get<const LANE: usize>(self) -> u32 {
            self.0[LANE]
        }

        /// Where a value is not at most the threshold, only the bits that are in `keep`.
        pub fn keep_beyond(self, values: Four, threshold: Four, keep: Bits) -> Self {
            Bits(from_fn(|lane| {
                let within = values.0[lane] <= threshold.0[lane];
                self.0[lane] & if within { u32::MAX } else { keep.0[lane] }
            }))
        }
    }
}

pub use vectors::{Bits, Four};

impl Four {
    /// All four.
    #[inline(always)]
    pub fn all(self) -> [f32; 4] {
        [self.get::<0>(), self.get::<1>(), self.get::<2>(), self.get::<3>()]
    }
}

/// One column's values in eight rows.
pub type Eight = [Four; 2];
