//! Sets of characters.

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

/// The lower case of one character that is one character, as C's `towlower` has it.
pub fn simple_lower(c: char) -> char {
    // The only one whose lower case is more than one, the I with a dot, loses its dot.
    c.to_lowercase().next().unwrap_or(c)
}

/// The upper case of one character that is one character, as C's `towupper` has it; itself where
/// there is none, as for the German sharp s.
pub fn simple_upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    let offset = match c {
        _ if upper.len() == 1 => return upper.next().unwrap_or(c),
        '\u{1f80}'..='\u{1faf}' if c as u32 & 8 == 0 => 8,
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => 9,
        _ => 0,
    };
    char::from_u32(c as u32 + offset).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// glibc 2.36, `towupper` and `towlower` of C.UTF-8.
    #[test]
    fn cases_of_one_character() {
        for (c, upper) in [
            ('a', 'A'),
            ('ß', 'ß'),
            ('ŉ', 'ŉ'),
            ('ı', 'I'),
            ('ÿ', 'Ÿ'),
            ('µ', 'Μ'),
            ('ᾀ', 'ᾈ'),
            ('ᾧ', 'ᾯ'),
            ('ᾳ', 'ᾼ'),
            ('ῳ', 'ῼ'),
            ('ᾈ', 'ᾈ'),
            ('𐐨', '𐐀'),
        ] {
            assert_eq!(simple_upper(c), upper, "{c}");
        }
        for (c, lower) in [('A', 'a'), ('İ', 'i'), ('Σ', 'σ'), ('ǅ', 'ǆ'), ('𐐀', '𐐨')] {
            assert_eq!(simple_lower(c), lower, "{c}");
        }
    }

    #[test]
    fn complements() {
        let mut set = Set::default();
        set.add(&[('\0', 'a'), ('c', 'c'), ('\u{e000}', char::MAX)], true);
        assert_eq!(set.ranges, [('b', 'b'), ('d', '\u{d7ff}')]);
    }
}
