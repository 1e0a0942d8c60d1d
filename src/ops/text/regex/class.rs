//! Classes of characters, in brackets and behind backslashes.

use super::set::Set;
use super::syntax::Parser;
use crate::error::Result;

const DIGIT: &[(char, char)] = &[('0', '9')];
const SPACE: &[(char, char)] = &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

/// The classes `[:name:]`.
const NAMED: &[(&str, &[(char, char)])] = &[
    ("alnum", &[('0', '9'), ('A', 'Z'), ('a', 'z')]),
    ("alpha", &[('A', 'Z'), ('a', 'z')]),
    ("ascii", &[('\0', '\x7f')]),
    ("blank", &[('\t', '\t'), (' ', ' ')]),
    ("cntrl", &[('\0', '\x1f'), ('\x7f', '\x7f')]),
    ("digit", DIGIT),
    ("graph", &[('!', '~')]),
    ("lower", &[('a', 'z')]),
    ("print", &[(' ', '~')]),
    ("punct", &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
    ("space", &[('\t', '\r'), (' ', ' ')]),
    ("upper", &[('A', 'Z')]),
    ("word", WORD),
    ("xdigit", &[('0', '9'), ('A', 'F'), ('a', 'f')]),
];

impl Parser<'_> {
    /// `d`, `s`, `w`, or the same in capitals, behind a backslash.
    pub(super) fn shorthand(&mut self, set: &mut Set) -> bool {
        let Some(c) = self.peek() else { return false };
        let ranges = match c.to_ascii_lowercase() {
            'd' => DIGIT,
            's' => SPACE,
            'w' => WORD,
            _ => return false,
        };
        self.at += 1;
        set.add(ranges, c.is_ascii_uppercase());
        true
    }

    /// What follows an opening bracket.
    pub(super) fn class(&mut self) -> Result<Set> {
        let mut set = Set { folded: self.flags.fold, ..Set::default() };
        set.negated = self.eat("^");
        let start = self.at;
        loop {
            if self.at > start && self.eat("]") {
                return Ok(set);
            }
            if self.named(&mut set)? {
                continue;
            }
            if self.peek() == Some('\\') {
                self.at += 1;
                if self.shorthand(&mut set) {
                    continue;
                }
                self.at -= 1;
            }
            let first = self.class_char()?;
            let mut last = first;
            let is_range = self.peek() == Some('-')
                && self.chars.get(self.at + 1).is_some_and(|next| *next != ']');
            if is_range {
                self.at += 1;
                last = self.class_char()?;
            }
            if last < first {
                return Err(self.refuse("a range is out of order"));
            }
            set.ranges.push((first, last));
        }
    }

    fn class_char(&mut self) -> Result<char> {
        match self.next() {
            Some('\\') => self.escaped(),
            Some(c) => Ok(c),
            None => Err(self.refuse("a bracket is not closed")),
        }
    }

    /// `[:name:]` or `[:^name:]`; without its end it is a bracket and a colon.
    fn named(&mut self, set: &mut Set) -> Result<bool> {
        let start = self.at;
        if !self.eat("[:") {
            return Ok(false);
        }
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let Some(length) = rest.windows(2).position(|pair| pair == [':', ']']) else {
            self.at = start;
            return Ok(false);
        };
        let name: String = rest.iter().take(length).collect();
        let positive = name.strip_prefix('^');
        let found = NAMED.iter().find(|(held, _)| *held == positive.unwrap_or(&name));
        let Some((_, ranges)) = found else {
            return Err(self.refuse("there is no class of that name"));
        };
        set.add(ranges, positive.is_some());
        self.at += length + 2;
        Ok(true)
    }
}
