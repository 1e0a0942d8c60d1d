//! Sets of characters.

use super::case::{simple_lower, simple_upper};

/// Which characters one place of a pattern takes.
#[derive(Debug, Default, Clone)]
pub struct Set {
    /// Both ends belong to it.
    pub ranges: Vec<(char, char)>,
    /// Whether it takes what is in no range.
    pub negated: bool,
    /// Whether characters that differ in case alone are one.
    pub folded: bool,
}

impl Set {
    /// A set of ranges.
    pub fn of(ranges: &[(char, char)], folded: bool) -> Self {
        Set { ranges: ranges.to_vec(), negated: false, folded }
    }

    /// Adds ranges, or all that is in none of them. They must be in order.
    pub fn add(&mut self, ranges: &[(char, char)], negated: bool) {
        if !negated {
            self.ranges.extend(ranges);
            return;
        }
        let mut next = Some('\0');
        for (first, last) in ranges {
            if let (Some(start), Some(end)) = (next, before(*first))
                && start <= end
            {
                self.ranges.push((start, end));
            }
            next = after(*last);
        }
        self.ranges.extend(next.map(|start| (start, char::MAX)));
    }

    /// Whether it takes a character.
    pub fn takes(&self, c: char) -> bool {
        let holds = |c: char| self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&c));
        let mut held = holds(c);
        if !held && self.folded {
            let (lower, upper) = (simple_lower(c), simple_upper(c));
            held = holds(lower) || holds(upper) || holds(simple_lower(upper));
        }
        held != self.negated
    }
}

fn before(c: char) -> Option<char> {
    (c as u32).checked_sub(1).map(|code| char::from_u32(code).unwrap_or('\u{d7ff}'))
}

fn after(c: char) -> Option<char> {
    (c < char::MAX).then(|| char::from_u32(c as u32 + 1).unwrap_or('\u{e000}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complements() {
        let mut set = Set::default();
        set.add(&[('\0', 'a'), ('c', 'c'), ('\u{e000}', char::MAX)], true);
        assert_eq!(set.ranges, [('b', 'b'), ('d', '\u{d7ff}')]);
    }
}
