//! [`Names`]: a set of names.

use std::collections::HashMap;

/// A set of names, in the kind of table that the positions of named things are held in as well, so that
/// one is compiled for both.
#[derive(Debug, Default)]
pub(crate) struct Names<'n>(HashMap<&'n str, usize>);

impl<'n> Names<'n> {
    /// No names.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a name; false where it was there.
    pub fn insert(&mut self, name: &'n str) -> bool {
        self.0.insert(name, 0).is_none()
    }

    /// Takes a name out.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Whether a name is there.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'n> Extend<&'n str> for Names<'n> {
    fn extend<I: IntoIterator<Item = &'n str>>(&mut self, names: I) {
        names.into_iter().for_each(|name| {
            self.insert(name);
        });
    }
}

impl<'n> FromIterator<&'n str> for Names<'n> {
    fn from_iter<I: IntoIterator<Item = &'n str>>(names: I) -> Self {
        let mut set = Names::new();
        set.extend(names);
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_there_once() {
        let mut names: Names = ["a", "b"].into_iter().collect();
        assert!(!names.insert("a") && names.insert("c"));
        names.remove("b");
        assert!(names.contains("a") && !names.contains("b"));
        assert_eq!(names.len(), 2);
    }
}
