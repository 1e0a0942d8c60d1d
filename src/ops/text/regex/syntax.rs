//! RE2's syntax: a pattern's text → a tree.

use std::sync::Arc;

use super::set::Set;
use crate::error::Result;
use crate::ops::unsupported;

/// The most characters of a pattern.
const MAX_LENGTH: usize = 10_000;
/// The most repetitions that RE2 counts, nested ones multiplied.
const MAX_REPEAT: u32 = 1000;
/// How deep groups may be nested.
const MAX_DEPTH: usize = 100;

/// A part of a pattern.
#[derive(Debug, Clone)]
pub enum Node {
    /// A character of a set.
    Set(Arc<Set>),
    /// A condition on where it stands.
    At(Place),
    /// One part behind the other.
    All(Vec<Node>),
    /// Any of the parts.
    Any(Vec<Node>),
    /// A part so many times; without an upper bound where there is none.
    Repeat(Box<Node>, u32, Option<u32>),
}

/// A place between characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The text's beginning.
    Start,
    /// The text's end.
    End,
    /// The beginning of a line.
    LineStart,
    /// The end of a line.
    LineEnd,
    /// Where a word of ASCII letters, digits and underscores begins or ends.
    Word,
    /// Anywhere else.
    NoWord,
}

/// Reads a pattern.
///
/// # Errors
/// `OP_UNSUPPORTED` for what RE2 refuses, and for Unicode's classes and `\C`.
pub fn parse(pattern: &str) -> Result<Node> {
    let mut parser = Parser {
        pattern,
        chars: pattern.chars().collect(),
        at: 0,
        flags: Flags { fold: false, lines: false, dot_all: false },
    };
    if parser.chars.len() > MAX_LENGTH {
        return Err(unsupported(format!(
            "predikt takes regular expressions of up to {MAX_LENGTH} characters."
        )));
    }
    let node = parser.alternatives(0)?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.refuse("a parenthesis is closed that was not opened")),
    }
}

/// What letters in a group turn on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flags {
    pub(super) fold: bool,
    lines: bool,
    dot_all: bool,
}

/// What is read of a pattern so far.
pub(super) struct Parser<'p> {
    pattern: &'p str,
    pub(super) chars: Vec<char>,
    pub(super) at: usize,
    pub(super) flags: Flags,
}

impl Parser<'_> {
    pub(super) fn refuse(&self, why: &str) -> crate::error::Error {
        unsupported(format!(
            "The regular expression `{}` cannot be used: {why} (character {}). predikt takes the syntax of RE2, without Unicode's classes.",
            self.pattern, self.at
        ))
        .with("pattern", self.pattern)
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let is_next =
            text.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c));
        if is_next {
            self.at += text.chars().count();
        }
        is_next
    }

    fn alternatives(&mut self, depth: usize) -> Result<Node> {
        if depth > MAX_DEPTH {
            return Err(self.refuse("groups are nested too deep"));
        }
        let mut branches = vec![self.sequence(depth)?];
        while self.eat("|") {
            branches.push(self.sequence(depth)?);
        }
        Ok(if branches.len() == 1 { branches.swap_remove(0) } else { Node::Any(branches) })
    }

    fn sequence(&mut self, depth: usize) -> Result<Node> {
        let mut nodes = vec![];
        let mut repeated = false;
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            if let Some((min, max)) = self.repetition()? {
                let Some(node) = nodes.pop().filter(|_| !repeated) else {
                    return Err(self.refuse("there is nothing to repeat"));
                };
                // The longest match is the same for both.
                self.eat("?");
                nodes.push(self.repeat(node, min, max)?);
                repeated = true;
                continue;
            }
            repeated = false;
            self.at += 1;
            match c {
                '(' => nodes.extend(self.group(depth)?),
                '[' => nodes.push(Node::Set(Arc::new(self.class()?))),
                '.' => nodes.push(Node::Set(Arc::new(self.dot()))),
                '^' if self.flags.lines => nodes.push(Node::At(Place::LineStart)),
                '^' => nodes.push(Node::At(Place::Start)),
                '$' if self.flags.lines => nodes.push(Node::At(Place::LineEnd)),
                '$' => nodes.push(Node::At(Place::End)),
                '\\' if self.eat("Q") => {
                    while self.at < self.chars.len() && !self.eat("\\E") {
                        nodes.extend(self.next().map(|c| self.literal(c)));
                    }
                }
                '\\' => nodes.push(self.escape()?),
                c => nodes.push(self.literal(c)),
            }
        }
        Ok(if nodes.len() == 1 { nodes.swap_remove(0) } else { Node::All(nodes) })
    }

    fn literal(&self, c: char) -> Node {
        Node::Set(Arc::new(Set::of(&[(c, c)], self.flags.fold)))
    }

    fn dot(&self) -> Set {
        let newline: &[(char, char)] = if self.flags.dot_all { &[] } else { &[('\n', '\n')] };
        Set { ranges: newline.to_vec(), negated: true, folded: false }
    }

    /// `*`, `+`, `?` or `{n,m}`; braces that hold something else are characters.
    fn repetition(&mut self) -> Result<Option<(u32, Option<u32>)>> {
        let simple = match self.peek() {
            Some('*') => Some((0, None)),
            Some('+') => Some((1, None)),
            Some('?') => Some((0, Some(1))),
            _ => None,
        };
        if simple.is_some() {
            self.at += 1;
            return Ok(simple);
        }
        let start = self.at;
        let Some((min, max)) = self.braces() else {
            self.at = start;
            return Ok(None);
        };
        if min.max(max.unwrap_or(0)) > MAX_REPEAT || max.is_some_and(|max| max < min) {
            return Err(self.refuse("a repetition is out of order, or more than a thousandfold"));
        }
        Ok(Some((min, max)))
    }

    fn braces(&mut self) -> Option<(u32, Option<u32>)> {
        if !self.eat("{") {
            return None;
        }
        let min = self.number()?;
        let max = if self.eat(",") {
            if self.peek() == Some('}') { None } else { Some(self.number()?) }
        } else {
            Some(min)
        };
        self.eat("}").then_some((min, max))
    }

    fn number(&mut self) -> Option<u32> {
        let start = self.at;
        let mut number = 0u32;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            number = number.saturating_mul(10).saturating_add(digit);
            self.at += 1;
        }
        (self.at > start).then_some(number)
    }

    fn repeat(&self, node: Node, min: u32, max: Option<u32>) -> Result<Node> {
        let node = Node::Repeat(Box::new(node), min, max);
        if times(&node) > MAX_REPEAT {
            return Err(self.refuse("nested repetitions are more than a thousandfold"));
        }
        Ok(node)
    }

    /// What follows an opening parenthesis. Flags for the rest of the group around are no part.
    fn group(&mut self, depth: usize) -> Result<Option<Node>> {
        let outer = self.flags;
        if self.eat("?") {
            if self.eat("P<") || self.eat("<") {
                let start = self.at;
                while self
                    .peek()
                    .is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii())
                {
                    self.at += 1;
                }
                if self.at == start || !self.eat(">") {
                    return Err(self.refuse("looking behind and such names are not in RE2"));
                }
            } else if self.set_flags()? {
                return Ok(None);
            }
        }
        let node = self.alternatives(depth + 1)?;
        if !self.eat(")") {
            return Err(self.refuse("a parenthesis is not closed"));
        }
        self.flags = outer;
        Ok(Some(node))
    }

    /// Flags up to `:`, or up to `)`, which is true.
    fn set_flags(&mut self) -> Result<bool> {
        let mut on = true;
        loop {
            match self.next() {
                Some('i') => self.flags.fold = on,
                Some('m') => self.flags.lines = on,
                Some('s') => self.flags.dot_all = on,
                Some('U') => {}
                Some('-') if on => on = false,
                Some(':') => return Ok(false),
                Some(')') => return Ok(true),
                _ => return Err(self.refuse("there is no such group in RE2")),
            }
        }
    }

    fn escape(&mut self) -> Result<Node> {
        let place = match self.peek() {
            Some('A') => Place::Start,
            Some('z') => Place::End,
            Some('b') => Place::Word,
            Some('B') => Place::NoWord,
            _ => {
                let mut set = Set { folded: self.flags.fold, ..Set::default() };
                if !self.shorthand(&mut set) {
                    let c = self.escaped()?;
                    set.add(&[(c, c)], false);
                }
                return Ok(Node::Set(Arc::new(set)));
            }
        };
        self.at += 1;
        Ok(Node::At(place))
    }

    /// The one character that a backslash and what follows it stand for.
    pub(super) fn escaped(&mut self) -> Result<char> {
        let octal = |parser: &Self| parser.peek().and_then(|c| c.to_digit(8));
        let c = self.next();
        let code = match c {
            Some('a') => 7,
            Some('f') => 12,
            Some('n') => 10,
            Some('r') => 13,
            Some('t') => 9,
            Some('v') => 11,
            Some('x') => self.hexadecimal(),
            Some(first @ '0'..='7') if first == '0' || octal(self).is_some() => {
                let mut code = first.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    if let Some(digit) = octal(self) {
                        code = code * 8 + digit;
                        self.at += 1;
                    }
                }
                code
            }
            Some(c) if c.is_ascii() && !c.is_ascii_alphanumeric() && c != '_' => c as u32,
            _ => u32::MAX,
        };
        char::from_u32(code).ok_or_else(|| self.refuse("a backslash stands before something else"))
    }

    fn hexadecimal(&mut self) -> u32 {
        let braces = self.eat("{");
        let most = if braces { 6 } else { 2 };
        let (mut code, mut digits) = (0u32, 0);
        while digits < most
            && let Some(digit) = self.peek().and_then(|c| c.to_digit(16))
        {
            code = code * 16 + digit;
            self.at += 1;
            digits += 1;
        }
        let whole = if braces { digits > 0 && self.eat("}") } else { digits == 2 };
        if whole { code } else { u32::MAX }
    }
}

/// The product of the counted repetitions that are nested deepest.
fn times(node: &Node) -> u32 {
    match node {
        Node::Set(_) | Node::At(_) => 1,
        Node::All(nodes) | Node::Any(nodes) => nodes.iter().map(times).max().unwrap_or(1),
        Node::Repeat(node, min, max) => {
            let own =
                if *min <= 1 && max.is_none_or(|max| max == 1) { 1 } else { max.unwrap_or(*min) };
            times(node).saturating_mul(own.max(1))
        }
    }
}
