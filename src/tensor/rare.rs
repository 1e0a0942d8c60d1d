//! Elements of types that only the full build has: no converter of classical models emits them.

/// A vector; without the feature `extra` a type that has no values, so that nothing is compiled
/// for it.
#[cfg(feature = "extra")]
pub type Rare<T> = Vec<T>;

/// A vector as one of those.
#[cfg(feature = "extra")]
pub fn rare<T>(values: Vec<T>) -> Rare<T> {
    values
}

#[cfg(not(feature = "extra"))]
pub use absent::{Rare, rare};

#[cfg(not(feature = "extra"))]
mod absent {
    use std::convert::Infallible;
    use std::marker::PhantomData;
    use std::ops::{Deref, DerefMut};

    /// A vector that there is none of.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Rare<T>(Infallible, PhantomData<T>);

    impl<T> Deref for Rare<T> {
        type Target = Vec<T>;

        fn deref(&self) -> &Vec<T> {
            match self.0 {}
        }
    }

    impl<T> DerefMut for Rare<T> {
        fn deref_mut(&mut self) -> &mut Vec<T> {
            match self.0 {}
        }
    }

    impl<T> IntoIterator for Rare<T> {
        type Item = T;
        type IntoIter = std::vec::IntoIter<T>;

        fn into_iter(self) -> Self::IntoIter {
            match self.0 {}
        }
    }

    impl<'a, T> IntoIterator for &'a Rare<T> {
        type Item = &'a T;
        type IntoIter = std::slice::Iter<'a, T>;

        fn into_iter(self) -> Self::IntoIter {
            match self.0 {}
        }
    }

    impl<T> FromIterator<T> for Rare<T> {
        fn from_iter<I: IntoIterator<Item = T>>(_: I) -> Self {
            none()
        }
    }

    impl<T> Rare<T> {
        /// No elements, with room for some.
        pub fn with_capacity(_: usize) -> Self {
            none()
        }
    }

    /// A vector as one of those.
    pub fn rare<T>(_: Vec<T>) -> Rare<T> {
        none()
    }

    /// [`DataType::from_onnx`](super::super::DataType::from_onnx) has none of the types.
    #[cold]
    fn none() -> ! {
        unreachable!("this build has no elements of that type")
    }
}
