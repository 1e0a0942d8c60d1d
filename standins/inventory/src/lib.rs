//! What tract asks of the crate inventory, in its place: lists of values that are submitted all over a program.
//!
//! A submission keeps all that its value refers to in the module. Three of tract's lists are read only
//! where its command line names a transformation, a runtime or a setting: nothing of them is kept here, and
//! with them goes what only they refer to (NNEF, configurations, transformations to other types).
#![deny(missing_docs)]

use std::convert::Infallible;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

/// Types by name whose submissions are dropped.
const DROPPED: [&str; 3] = ["ModelTransformFactory", "InventorizedRuntime", "KnobInfo"];

/// Whether submissions of the type of this name are kept.
#[doc(hidden)]
pub const fn is_kept(name: &str) -> bool {
    let mut place = 0;
    while place < DROPPED.len() {
        if same(name.as_bytes(), DROPPED[place].as_bytes()) {
            return false;
        }
        place += 1;
    }
    true
}

/// `==` of slices, which is not there in constants.
const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut place = 0;
    while place < a.len() {
        if a[place] != b[place] {
            return false;
        }
        place += 1;
    }
    true
}

/// The values of a type that were submitted.
pub struct Registry<T: 'static>(Mutex<Vec<&'static T>>);

impl<T: 'static> Registry<T> {
    #[doc(hidden)]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

/// A type whose values can be submitted: [`collect!`] implements it.
pub trait Collect: Sync + Sized + 'static {
    #[doc(hidden)]
    const KEPT: bool;

    #[doc(hidden)]
    fn registry() -> &'static Registry<Self>;
}

/// Adds a value to its type's list, once even if the module's constructors run twice.
#[doc(hidden)]
pub fn add<T: Collect>(value: &'static T) {
    if !T::KEPT {
        return;
    }
    let mut values = T::registry().0.lock().unwrap_or_else(PoisonError::into_inner);
    if !values.iter().any(|known| std::ptr::eq(*known, value)) {
        values.push(value);
    }
}

mod names {
    use super::{Infallible, PhantomData};

    /// Both a type and its only value.
    #[allow(non_camel_case_types, clippy::manual_non_exhaustive)]
    pub enum iter<T> {
        #[doc(hidden)]
        Never(Infallible, PhantomData<T>),
        #[doc(hidden)]
        iter,
    }
}

#[doc(inline)]
pub use names::iter;
#[doc(hidden)]
pub use names::iter::*;

/// The submitted values, the last of them first.
pub struct Iter<T: 'static>(std::iter::Rev<std::vec::IntoIter<&'static T>>);

impl<T> Iterator for Iter<T> {
    type Item = &'static T;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

fn values<T: Collect>() -> Iter<T> {
    let values = T::registry().0.lock().unwrap_or_else(PoisonError::into_inner);
    Iter(values.clone().into_iter().rev())
}

impl<T: Collect> IntoIterator for iter<T> {
    type Item = &'static T;
    type IntoIter = Iter<T>;

    fn into_iter(self) -> Iter<T> {
        values()
    }
}

impl<T: Collect> Deref for iter<T> {
    type Target = fn() -> Iter<T>;

    fn deref(&self) -> &Self::Target {
        &(values as fn() -> Iter<T>)
    }
}

/// Lets values of a type be submitted.
#[macro_export]
macro_rules! collect {
    ($type:ty) => {
        impl $crate::Collect for $type {
            const KEPT: bool = $crate::is_kept(stringify!($type));

            fn registry() -> &'static $crate::Registry<Self> {
                static REGISTRY: $crate::Registry<$type> = $crate::Registry::new();
                &REGISTRY
            }
        }
    };
}

/// Submits a value, which must be a constant.
#[macro_export]
macro_rules! submit {
    ($($value:tt)*) => {
        const _: () = {
            extern "C" fn construct() {
                $crate::add(const { &{ $($value)* } });
            }

            // SAFETY: the loader calls each pointer of this section once, before `main` or the module's first export and
            // on one thread; `construct` takes and returns nothing, and needs nothing but memory.
            #[used]
            #[cfg_attr(
                any(target_os = "macos", target_os = "ios"),
                unsafe(link_section = "__DATA,__mod_init_func,mod_init_funcs")
            )]
            #[cfg_attr(windows, unsafe(link_section = ".CRT$XCU"))]
            #[cfg_attr(
                not(any(target_os = "macos", target_os = "ios", windows)),
                unsafe(link_section = ".init_array")
            )]
            static CONSTRUCT: extern "C" fn() = construct;
        };
    };
}

#[cfg(test)]
mod tests {
    struct Named(&'static str);
    crate::collect!(Named);
    crate::submit! { Named("first") }
    crate::submit! { Named("second") }

    #[derive(Debug)]
    struct KnobInfo;
    crate::collect!(KnobInfo);
    crate::submit! { KnobInfo }

    #[test]
    fn submitted_values_are_found_by_type() {
        let mut names: Vec<_> = crate::iter::<Named>().map(|named| named.0).collect();
        names.sort_unstable();
        assert_eq!(names, ["first", "second"]);
        assert_eq!(crate::iter::<Named>.into_iter().count(), 2);
    }

    #[test]
    fn lists_that_nobody_reads_stay_empty() {
        assert!(crate::iter::<KnobInfo>().next().is_none());
    }
}
