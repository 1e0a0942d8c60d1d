//! Sets of a tree's leaves, several trees' side by side in 128 bits.

use super::lanes::Bits;

/// How wide a set is.
pub trait Mask {
    /// The leaves that a tree may have.
    const LEAVES: usize;

    /// Calls `each` with every tree's number within the vector and the first leaf of its set.
    fn firsts(sets: Bits, each: impl FnMut(usize, usize));
}

impl Mask for u16 {
    const LEAVES: usize = 16;

    #[inline(always)]
    fn firsts(sets: Bits, mut each: impl FnMut(usize, usize)) {
        let first = |set: u16| u32::from(set).trailing_zeros() as usize;
        each(0, first(sets.short::<0>()));
        each(1, first(sets.short::<1>()));
        each(2, first(sets.short::<2>()));
        each(3, first(sets.short::<3>()));
        each(4, first(sets.short::<4>()));
        each(5, first(sets.short::<5>()));
        each(6, first(sets.short::<6>()));
        each(7, first(sets.short::<7>()));
    }
}

impl Mask for u32 {
    const LEAVES: usize = 32;

    #[inline(always)]
    fn firsts(sets: Bits, mut each: impl FnMut(usize, usize)) {
        each(0, sets.word::<0>().trailing_zeros() as usize);
        each(1, sets.word::<1>().trailing_zeros() as usize);
        each(2, sets.word::<2>().trailing_zeros() as usize);
        each(3, sets.word::<3>().trailing_zeros() as usize);
    }
}

impl Mask for u64 {
    const LEAVES: usize = 64;

    #[inline(always)]
    fn firsts(sets: Bits, mut each: impl FnMut(usize, usize)) {
        each(0, sets.long::<0>().trailing_zeros() as usize);
        each(1, sets.long::<1>().trailing_zeros() as usize);
    }
}
