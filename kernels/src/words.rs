//! Texts looked up in lists, cut into words and counted.

/// Texts in order, each with a number.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The first eight bytes of each, as one number that orders as they do.
    heads: Vec<u64>,
    /// Where each one ends in `bytes`.
    ends: Vec<usize>,
    bytes: Vec<u8>,
    numbers: Vec<usize>,
}

impl Words {
    /// Adds a text. It must be greater than all before.
    #[inline(never)]
    pub fn push(&mut self, text: &[u8], number: usize) {
        self.heads.push(head(text));
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        self.numbers.push(number);
    }

    /// The number of a text; `None` where it is not there.
    #[inline(never)]
    pub fn find(&self, text: &[u8]) -> Option<usize> {
        let head = head(text);
        let from = self.heads.partition_point(|held| *held < head);
        if text.len() <= 8 {
            // Of those that begin alike the first is the shortest.
            let is_it = *self.heads.get(from)? == head && self.text(from)?.len() == text.len();
            // The last bytes of a head may be zeros of the text's own.
            if is_it && text.last() != Some(&0) {
                return self.numbers.get(from).copied();
            }
        }
        let (mut from, mut to) = (from, self.heads.partition_point(|held| *held <= head));
        while from < to {
            let middle = from + (to - from) / 2;
            match self.text(middle)?.cmp(text) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Equal => return self.numbers.get(middle).copied(),
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }

    fn text(&self, index: usize) -> Option<&[u8]> {
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.bytes.get(start..*self.ends.get(index)?)
    }
}

fn head(text: &[u8]) -> u64 {
    if let Some(head) = text.first_chunk::<8>() {
        return u64::from_be_bytes(*head);
    }
    let mut head = [0; 8];
    head.iter_mut().zip(text).for_each(|(head, byte)| *head = *byte);
    u64::from_be_bytes(head)
}

/// Where the runs of at least `shortest` bytes of a set begin and end. All bytes must be ASCII: false
/// where one is not, and then what is in `runs` is not said.
#[inline(never)]
pub fn runs(
    text: &[u8],
    set: &[bool; 128],
    shortest: usize,
    runs: &mut Vec<(usize, usize)>,
) -> bool {
    let mut start = 0;
    for (at, byte) in text.iter().enumerate() {
        match set.get(usize::from(*byte)) {
            Some(true) => {}
            Some(false) => {
                if at - start >= shortest {
                    runs.push((start, at));
                }
                start = at + 1;
            }
            None => return false,
        }
    }
    if text.len() - start.min(text.len()) >= shortest {
        runs.push((start, text.len()));
    }
    true
}

/// What was counted in a row of many columns.
#[derive(Debug, Clone)]
pub struct Counter {
    counts: Vec<f32>,
    /// A bit for each column that was counted.
    seen: Vec<u64>,
}

impl Counter {
    /// For rows of so many columns.
    #[inline(never)]
    pub fn new(columns: usize) -> Self {
        Counter { counts: vec![0.0; columns], seen: vec![0; columns.div_ceil(64)] }
    }

    /// Adds to a column, or sets it.
    #[inline(never)]
    pub fn count(&mut self, column: usize, value: f32, set: bool) {
        if let (Some(count), Some(seen)) =
            (self.counts.get_mut(column), self.seen.get_mut(column / 64))
        {
            *count = if set { value } else { *count + value };
            *seen |= 1 << (column % 64);
        }
    }

    /// Appends the columns that were counted, in order, and their counts, and forgets them.
    #[inline(never)]
    pub fn drain(&mut self, columns: &mut Vec<usize>, values: &mut Vec<f32>) {
        for (word, seen) in self.seen.iter_mut().enumerate() {
            while *seen != 0 {
                let column = word * 64 + seen.trailing_zeros() as usize;
                *seen &= *seen - 1;
                if let Some(count) = self.counts.get_mut(column) {
                    columns.push(column);
                    values.push(std::mem::take(count));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found() {
        let mut texts: Vec<String> = [
            "",
            "a",
            "a\0",
            "a\0\0",
            "ab",
            "abcdefgh",
            "abcdefgh\0",
            "abcdefghi",
            "abcdefgi",
            "ä",
            "zzzzzzzzzzzz",
        ]
        .map(str::to_owned)
        .to_vec();
        texts.extend((0..500).map(|n| format!("word{n}")));
        texts.sort();
        let mut words = Words::default();
        for (number, text) in texts.iter().enumerate() {
            words.push(text.as_bytes(), number * 3);
        }
        for (number, text) in texts.iter().enumerate() {
            assert_eq!(words.find(text.as_bytes()), Some(number * 3), "{text:?}");
        }
        for text in ["\0", "a\0\0\0", "abc", "abcdefgh\0\0", "abcdefghij", "zz", "zzzzzzzzzzzzz"] {
            assert_eq!(words.find(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(Words::default().find(b""), None);
    }

    #[test]
    fn runs_of_a_set() {
        let mut set = [false; 128];
        b"abc".iter().for_each(|byte| set[usize::from(*byte)] = true);
        let of = |text: &str, shortest| {
            let mut found = vec![];
            runs(text.as_bytes(), &set, shortest, &mut found).then_some(found)
        };
        assert_eq!(of("ab, c  ab", 1), Some(vec![(0, 2), (4, 5), (7, 9)]));
        assert_eq!(of("ab, c  ab ", 2), Some(vec![(0, 2), (7, 9)]));
        assert_eq!(of("", 1), Some(vec![]));
        assert_eq!(of("abä", 1), None);
    }

    #[test]
    fn columns_are_counted_in_order() {
        let mut counter = Counter::new(130);
        let (mut columns, mut values) = (vec![], vec![]);
        for _ in 0..2 {
            for column in [129, 3, 64, 3, 500] {
                counter.count(column, 1.5, column == 64);
            }
            counter.drain(&mut columns, &mut values);
        }
        assert_eq!(columns, [3, 64, 129, 3, 64, 129]);
        assert_eq!(values, [3.0, 1.5, 1.5, 3.0, 1.5, 1.5]);
    }
}
