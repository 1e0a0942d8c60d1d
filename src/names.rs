//! [`Names`]: names, and a number for each.

use std::collections::HashMap;

/// Names, and a number for each: the one kind of table that is compiled.
#[derive(Debug, Default)]
pub(crate) struct Names<'n>(HashMap<&'n str, usize>);

impl<'n> Names<'n> {
    /// No names.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a name; false where it was there.
    pub fn insert(&mut self, name: &'n str) -> bool {
        self.set(name, 0).is_none()
    }

    /// Gives a name that number, and answers the one that it had.
    pub fn set(&mut self, name: &'n str, number: usize) -> Option<usize> {
        self.0.insert(name, number)
    }

    /// A name's number.
    pub fn get(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }

    /// Takes a name out.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Whether a name is there.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
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

/// Numbered from 0 on; of equal names the last counts.
impl<'n> FromIterator<&'n str> for Names<'n> {
    fn from_iter<I: IntoIterator<Item = &'n str>>(names: I) -> Self {
        let mut set = Names::new();
        for (number, name) in names.into_iter().enumerate() {
            set.set(name, number);
        }
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
        assert_eq!((names.len(), names.get("a")), (2, Some(0)));
        assert_eq!((names.set("a", 7), names.get("a"), names.get("b")), (Some(0), Some(7), None));
    }
}
