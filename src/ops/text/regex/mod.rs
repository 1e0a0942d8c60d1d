//! Regular expressions with RE2's syntax and RE2's longest match, which onnxruntime's text
//! operators have.
//!
//! [`syntax`] reads a pattern, [`Regex`] makes steps of it, and [`Search`] follows all paths
//! through them at once: time grows with the text's length times the number of steps, whatever
//! the pattern.

pub mod case;
mod class;
pub mod set;
mod syntax;

use std::sync::Arc;

use crate::error::{Code, Error, Result};
use crate::ops::unsupported;
use set::Set;
use syntax::{Node, Place};

/// The most steps of one pattern.
const MAX_STEPS: usize = 10_000;
/// The most steps that one run of an operator makes.
const MAX_WORK: u64 = 1 << 32;

#[derive(Debug)]
enum Step {
    /// Takes a character.
    Take(Arc<Set>),
    /// Goes on where the place is right.
    At(Place),
    /// Goes on at both.
    Split(usize, usize),
    /// The end.
    Accept,
}

/// A pattern that is ready to run.
#[derive(Debug)]
pub struct Regex {
    steps: Vec<Step>,
}

impl Regex {
    /// Reads a pattern.
    ///
    /// # Errors
    /// `OP_UNSUPPORTED` for what RE2 refuses, for Unicode's classes, and for one that is too long.
    pub fn new(pattern: &str) -> Result<Self> {
        let mut regex = Regex { steps: vec![] };
        if regex.compile(&syntax::parse(pattern)?).is_none() {
            return Err(unsupported(format!(
                "The regular expression `{pattern}` takes more than {MAX_STEPS} steps. Use fewer repetitions."
            ))
            .with("pattern", pattern));
        }
        regex.steps.push(Step::Accept);
        Ok(regex)
    }

    /// The set of which matches are the longest runs, among ASCII characters; `None` where the pattern
    /// is another.
    pub fn runs(&self) -> Option<[bool; 128]> {
        match &*self.steps {
            [Step::Take(set), Step::Split(0, 2), Step::Accept] => {
                let mut takes = [false; 128];
                takes.iter_mut().zip('\0'..).for_each(|(takes, c)| *takes = set.takes(c));
                Some(takes)
            }
            _ => None,
        }
    }

    /// `None` beyond the most steps.
    fn push(&mut self, step: Step) -> Option<usize> {
        self.steps.push(step);
        (self.steps.len() <= MAX_STEPS).then(|| self.steps.len() - 1)
    }

    fn compile(&mut self, node: &Node) -> Option<()> {
        match node {
            Node::Set(set) => {
                self.push(Step::Take(set.clone()))?;
            }
            Node::At(place) => {
                self.push(Step::At(*place))?;
            }
            Node::All(nodes) => {
                for node in nodes {
                    self.compile(node)?;
                }
            }
            Node::Any(nodes) => {
                let mut ends = vec![];
                for (index, node) in nodes.iter().enumerate() {
                    let is_last = index + 1 == nodes.len();
                    let split = self.push(Step::Split(0, 0))?;
                    self.compile(node)?;
                    ends.extend(self.push(Step::Split(0, 0)));
                    let next = self.steps.len();
                    self.aim(split, split + 1, if is_last { split + 1 } else { next });
                }
                let end = self.steps.len();
                ends.into_iter().for_each(|at| self.aim(at, end, end));
            }
            Node::Repeat(node, min, max) => self.compile_repeat(node, *min, *max)?,
        }
        Some(())
    }

    fn compile_repeat(&mut self, node: &Node, min: u32, max: Option<u32>) -> Option<()> {
        let mut last = self.steps.len();
        for _ in 0..min {
            last = self.steps.len();
            self.compile(node)?;
        }
        let Some(max) = max else {
            if min == 0 {
                let split = self.push(Step::Split(0, 0))?;
                self.compile(node)?;
                self.push(Step::Split(split, split))?;
                self.aim(split, split + 1, self.steps.len());
            } else {
                let split = self.push(Step::Split(0, 0))?;
                self.aim(split, last, split + 1);
            }
            return Some(());
        };
        let mut splits = vec![];
        for _ in min..max {
            splits.push(self.push(Step::Split(0, 0))?);
            self.compile(node)?;
        }
        let end = self.steps.len();
        splits.into_iter().for_each(|at| self.aim(at, at + 1, end));
        Some(())
    }

    fn aim(&mut self, at: usize, one: usize, other: usize) {
        if let Some(step) = self.steps.get_mut(at) {
            *step = Step::Split(one, other);
        }
    }

    /// What searching with it needs.
    pub fn search(&self) -> Search<'_> {
        Search {
            steps: &self.steps,
            seen: vec![0; self.steps.len()],
            round: 0,
            work: 0,
            stack: vec![],
        }
    }
}

/// Searches with one pattern.
#[derive(Debug)]
pub struct Search<'r> {
    steps: &'r [Step],
    /// The last round in which each step was reached.
    seen: Vec<u64>,
    round: u64,
    work: u64,
    stack: Vec<usize>,
}

/// A path through the steps: where it is, and where in the text it began.
type Path = (usize, usize);

impl Search<'_> {
    /// The leftmost match that begins at byte `from` or behind, and the longest of those: its
    /// first byte and the one behind its last. `from` must be a boundary between characters; what
    /// stands before it counts for places.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` where all searches together take too long.
    pub fn find(&mut self, text: &str, from: usize) -> Result<Option<(usize, usize)>> {
        let Some(rest) = text.get(from..) else { return Ok(None) };
        let mut previous = text.get(..from).and_then(|before| before.chars().next_back());
        let mut best: Option<(usize, usize)> = None;
        // In the order of their beginnings: what is reached first began first.
        let mut paths: Vec<Path> = vec![];
        let mut taken: Vec<usize> = vec![];
        let ends = rest.char_indices().map(|(at, c)| (from + at, Some(c)));
        for (at, c) in ends.chain([(text.len(), None)]) {
            self.round += 1;
            let around = (previous, c);
            let mut next = vec![];
            for (step, (_, start)) in taken.drain(..).zip(&paths) {
                self.follow(step, *start, at, around, &mut next, &mut best);
            }
            if best.is_none() {
                self.follow(0, at, at, around, &mut next, &mut best);
            }
            if self.work > MAX_WORK {
                return Err(Error::new(
                    Code::LimitExceeded,
                    "Searching these texts with the model's regular expression takes too long. Pass fewer or shorter ones.",
                ));
            }
            next.retain(|(_, start)| best.is_none_or(|(first, _)| *start <= first));
            let Some(c) = c else { break };
            next.retain(|(step, _)| match self.steps.get(*step) {
                Some(Step::Take(set)) => set.takes(c),
                _ => false,
            });
            if next.is_empty() && best.is_some() {
                break;
            }
            taken.extend(next.iter().map(|(step, _)| step + 1));
            paths = next;
            previous = Some(c);
        }
        Ok(best)
    }

    /// Goes on from a step as far as that takes no character.
    fn follow(
        &mut self,
        step: usize,
        start: usize,
        at: usize,
        around: (Option<char>, Option<char>),
        paths: &mut Vec<Path>,
        best: &mut Option<(usize, usize)>,
    ) {
        self.stack.push(step);
        while let Some(index) = self.stack.pop() {
            let (Some(seen), Some(step)) = (self.seen.get_mut(index), self.steps.get(index)) else {
                continue;
            };
            if std::mem::replace(seen, self.round) == self.round {
                continue;
            }
            self.work += 1;
            match step {
                Step::Take(_) => paths.push((index, start)),
                Step::At(place) if is_at(*place, around) => self.stack.push(index + 1),
                Step::At(_) => {}
                Step::Split(one, other) => self.stack.extend([*one, *other]),
                Step::Accept if best.is_none_or(|(first, _)| start <= first) => {
                    *best = Some((start, at));
                }
                Step::Accept => {}
            }
        }
    }
}

fn is_at(place: Place, (previous, next): (Option<char>, Option<char>)) -> bool {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    match place {
        Place::Start => previous.is_none(),
        Place::End => next.is_none(),
        Place::LineStart => matches!(previous, None | Some('\n')),
        Place::LineEnd => matches!(next, None | Some('\n')),
        Place::Word => word(previous) != word(next),
        Place::NoWord => word(previous) == word(next),
    }
}

#[cfg(test)]
mod tests;
