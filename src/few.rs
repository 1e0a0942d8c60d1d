//! [`Few`]: a list that needs no memory of its own while it is short.

use std::ops::Deref;

/// As many items as there are, the first `N` of them without an allocation.
#[derive(Debug)]
pub(crate) struct Few<T, const N: usize> {
    near: [T; N],
    count: usize,
    /// All items, where they are more than `N`.
    far: Vec<T>,
}

impl<T: Copy, const N: usize> Few<T, N> {
    /// The items; `filler` stands where there are none and is never seen.
    pub fn new(filler: T, mut items: impl ExactSizeIterator<Item = T>) -> Self {
        let mut few = Few { near: [filler; N], count: items.len(), far: vec![] };
        if few.count > N {
            few.far.extend(items);
        } else {
            few.near.iter_mut().zip(&mut items).for_each(|(near, item)| *near = item);
        }
        few
    }
}

impl<T, const N: usize> Deref for Few<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.near.get(..self.count).unwrap_or(&self.far)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_lists() {
        for count in 0..5 {
            let few: Few<usize, 3> = Few::new(9, 0..count);
            assert_eq!(*few, *(0..count).collect::<Vec<_>>());
            assert_eq!(few.far.is_empty(), count <= 3);
        }
    }
}
