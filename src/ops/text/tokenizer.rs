//! `Tokenizer` (com.microsoft 1): each text's tokens along a further axis, filled up with
//! `pad_value`. Tokens are what matches an expression, what stands between separators, or single
//! characters. Matches are RE2's longest.

use predikt_kernels::words::runs;

use super::regex::{Regex, Search};
use crate::error::{Result, list};
use crate::ops::encoders::features::one_more_axis;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, fresh, invalid, made, required, shape, types,
    unsupported_type,
};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "com.microsoft",
    name: "Tokenizer",
    versions: &[1],
    inputs: &[types::STRING],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let mark = attributes.int("mark")?.unwrap_or(0) != 0;
    let shortest = attributes.int("mincharnum")?.and_then(|length| usize::try_from(length).ok());
    let (Some(pad), Some(shortest @ 1..)) = (attributes.string("pad_value")?, shortest) else {
        return Err(invalid("A Tokenizer needs a `pad_value` and a positive `mincharnum`."));
    };
    let separators = attributes.strings("separators")?;
    let expression = attributes.string("tokenexp")?;
    let way = match (separators.as_deref(), expression.as_deref()) {
        (Some([separator]), _) if separator.is_empty() => Way::Characters,
        (Some(separators @ [_, ..]), _) => Way::Separators(
            separators.iter().map(|separator| Regex::new(separator)).collect::<Result<_>>()?,
        ),
        (None, Some(".")) => Way::Characters,
        (None, Some(expression)) if !expression.is_empty() => {
            let regex = Regex::new(expression)?;
            Way::Expression(regex.runs().map(Box::new), regex)
        }
        _ => return Err(invalid("A Tokenizer needs `separators` or a `tokenexp`.")),
    };
    if matches!(way, Way::Characters) && shortest > 1 {
        return Err(invalid("`mincharnum` must be 1 where tokens are characters."));
    }
    Ok(Box::new(Tokenizer { way, mark, pad, shortest }))
}

#[derive(Debug)]
enum Way {
    /// What matches is a token: runs of that set, where there is one.
    Expression(Option<Box<[bool; 128]>>, Regex),
    /// What each of them, one after the other, leaves of the texts before.
    Separators(Vec<Regex>),
    Characters,
}

#[derive(Debug)]
struct Tokenizer {
    way: Way,
    /// Whether tokens stand between a start-of-text and an end-of-text character.
    mark: bool,
    pad: String,
    /// The fewest characters of a token.
    shortest: usize,
}

const START: &str = "\u{2}";
const END: &str = "\u{3}";

impl Tokenizer {
    fn is_long(&self, token: &str) -> bool {
        token.chars().nth(self.shortest - 1).is_some()
    }

    fn tokens<'t>(&self, text: &'t str, searches: &mut [Search<'_>]) -> Result<Vec<&'t str>> {
        match &self.way {
            Way::Characters => {
                let end = |(start, c): (usize, char)| start + c.len_utf8();
                let part = |at: (usize, char)| text.get(at.0..end(at));
                Ok(text.char_indices().filter_map(part).collect())
            }
            Way::Expression(..) => match searches.first_mut() {
                Some(search) => self.matches(text, search),
                None => Ok(vec![]),
            },
            Way::Separators(_) => {
                let mut tokens = vec![text];
                for search in searches {
                    let mut parts = vec![];
                    for token in tokens {
                        self.between(token, search, &mut parts)?;
                    }
                    tokens = parts;
                }
                Ok(tokens)
            }
        }
    }

    /// The matches that are long enough.
    fn matches<'t>(&self, text: &'t str, search: &mut Search<'_>) -> Result<Vec<&'t str>> {
        let mut tokens = vec![];
        let mut from = 0;
        while let Some((start, end)) = search.find(text, from)? {
            match text.get(start..end).filter(|token| self.is_long(token)) {
                Some(token) => {
                    tokens.push(token);
                    from = end;
                }
                None => from = start + width(text, start),
            }
        }
        Ok(tokens)
    }

    /// What stands between matches and is long enough. An empty match takes away a character.
    fn between<'t>(
        &self,
        text: &'t str,
        search: &mut Search<'_>,
        tokens: &mut Vec<&'t str>,
    ) -> Result<()> {
        let mut from = 0;
        while from <= text.len() {
            let found = search.find(text, from)?;
            let end = found.map_or(text.len(), |(start, _)| start);
            tokens.extend(text.get(from..end).filter(|token| self.is_long(token)));
            match found {
                None => break,
                Some((start, end)) if end > start => from = end,
                Some((start, _)) => from = start + width(text, start),
            }
        }
        Ok(())
    }
}

/// How many bytes the character at a boundary has; 1 at the end.
fn width(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}

impl Kernel for Tokenizer {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        one_more_axis(inputs, DataType::String, Dim::Unknown)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 1)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let x = required(inputs, 0)?;
        let Data::Str(texts) = x.data() else { return Err(unsupported_type(x.data_type())) };
        if !(1..=2).contains(&x.dims().len()) {
            return Err(failed(format!(
                "A Tokenizer takes a vector or a matrix of texts, and got the shape {}.",
                list(x.dims())
            )));
        }
        let mut searches: Vec<Search<'_>> = match &self.way {
            Way::Expression(_, regex) => vec![regex.search()],
            Way::Separators(separators) => separators.iter().map(Regex::search).collect(),
            Way::Characters => vec![],
        };
        // The tokens of all texts, and where those of each text end.
        let mut tokens: Vec<&str> = vec![];
        let mut ends: Vec<usize> = Vec::with_capacity(texts.len());
        let mut longest = 0;
        let mut found = vec![];
        for text in texts {
            let start = tokens.len();
            found.clear();
            match &self.way {
                Way::Expression(Some(set), _)
                    if runs(text.as_bytes(), set, self.shortest, &mut found) =>
                {
                    tokens.extend(found.iter().filter_map(|(from, to)| text.get(*from..*to)));
                }
                _ => tokens.append(&mut self.tokens(text, &mut searches)?),
            }
            ends.push(tokens.len());
            longest = longest.max(tokens.len() - start);
        }
        let width = if self.mark && longest > 0 { longest + 2 } else { longest };
        let (near, rank) = match *x.dims() {
            [rows] => ([rows, width, 0], 2),
            [rows, columns] => ([rows, columns, width], 3),
            _ => ([0; 3], 0),
        };
        let dims = &near[..rank];
        let count = shape::elements(dims)?;
        shape::texts(count.saturating_sub(tokens.len()).saturating_mul(self.pad.len()))?;
        let out = made(outputs, 0)?.reuse_strings(dims);
        let mut tokens = tokens.into_iter();
        let mut start = 0;
        for (row, end) in out.chunks_mut(width.max(1)).zip(ends) {
            let own = tokens.by_ref().take(end - start);
            start = end;
            let open = self.mark.then_some(START);
            let filled = open.into_iter().chain(own).chain(self.mark.then_some(END));
            for (to, token) in row.iter_mut().zip(filled.chain(std::iter::repeat(&*self.pad))) {
                to.clear();
                to.push_str(token);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Attribute;
    use crate::ops::encoders::testing::{build_of, run, strings, texts};

    fn expression(pattern: &str) -> (&'static str, Attribute) {
        ("tokenexp", Attribute::String(pattern.into()))
    }

    fn separators(patterns: &[&str]) -> (&'static str, Attribute) {
        ("separators", strings(patterns))
    }

    fn tokenize(
        how: (&str, Attribute),
        mark: i64,
        shortest: i64,
        x: &[&str],
    ) -> (usize, Vec<String>) {
        let attributes = [
            how,
            ("mark", Attribute::Int(mark)),
            ("mincharnum", Attribute::Int(shortest)),
            ("pad_value", Attribute::String("#".into())),
        ];
        let kernel = build_of("com.microsoft", "Tokenizer", 1, 1, &attributes).unwrap();
        let y = run(&*kernel, &Tensor::new(vec![x.len()], texts(x)).unwrap()).unwrap();
        assert_eq!(y.dims()[0], x.len());
        let width = y.dims()[1];
        match y.into_parts().1 {
            Data::Str(tokens) => (width, tokens),
            _ => panic!(),
        }
    }

    /// Values from onnxruntime 1.31.
    #[test]
    fn what_matches() {
        let x = ["ab c", "d é_ef  gh", ""];
        let words = || expression("[a-zA-Z0-9_]+");
        let wanted = ["ab", "c", "#", "d", "_ef", "gh", "#", "#", "#"];
        assert_eq!(tokenize(words(), 0, 1, &x), (3, wanted.map(String::from).to_vec()));
        let wanted = [
            "\u{2}", "ab", "c", "\u{3}", "#", "\u{2}", "d", "_ef", "gh", "\u{3}", "\u{2}", "\u{3}",
            "#", "#", "#",
        ];
        assert_eq!(tokenize(words(), 1, 1, &x), (5, wanted.map(String::from).to_vec()));
        assert_eq!(tokenize(words(), 0, 2, &x).1, ["ab", "#", "_ef", "gh", "#", "#"]);
        assert_eq!(tokenize(expression("a|aa"), 0, 1, &["aab"]).1, ["aa"]);
        assert_eq!(tokenize(expression("a*"), 0, 1, &["aab", "b"]).1, ["aa", "#"]);
        assert_eq!(tokenize(expression("[^ ]+"), 0, 3, &["aéb", "éé éé"]).1, ["aéb", "#"]);
        assert_eq!(tokenize(expression("(a)(b)"), 0, 1, &["abcab"]).1, ["ab", "ab"]);
    }

    /// Values from onnxruntime 1.31.
    #[test]
    fn what_stands_between() {
        let x = ["ab c", "d ef  gh", "", " "];
        let wanted = ["ab", "c", "#", "d", "ef", "gh", "#", "#", "#", "#", "#", "#"];
        assert_eq!(tokenize(separators(&[" "]), 0, 1, &x).1, wanted);
        let several = separators(&[" ", "[.]", r"\?", ",", ";", ":", r"\!"]);
        assert_eq!(tokenize(several, 0, 1, &["a.b,c d!e?"]).1, ["a", "b", "c", "d", "e"]);
        let two = separators(&[";", ","]);
        assert_eq!(tokenize(two, 0, 2, &["ab,b;;cde,d"]).1, ["ab", "cde"]);
        assert_eq!(tokenize(separators(&["YZ", "XY"]), 0, 1, &["abXYZcd"]).1, ["abX", "cd"]);
        assert_eq!(tokenize(separators(&["XY", "YZ"]), 0, 1, &["abXYZcd"]).1, ["ab", "Zcd"]);
        assert_eq!(tokenize(separators(&["[0-9]+"]), 0, 1, &["a1b22c"]).1, ["a", "b", "c"]);
        for pattern in [r"\b", "^"] {
            assert_eq!(tokenize(separators(&[pattern]), 0, 1, &["a1b22c"]).1, ["1b22c"]);
        }
        assert_eq!(tokenize(separators(&["[0-9]*"]), 0, 1, &["é1ß22c"]).0, 0);
        assert_eq!(tokenize(separators(&["1", ""]), 0, 1, &["a1b"]).0, 0);
    }

    /// Values from onnxruntime 1.31.
    #[test]
    fn characters() {
        for how in [separators(&[""]), expression(".")] {
            assert_eq!(
                tokenize(how.clone(), 0, 1, &["aé", "\n", ""]).1,
                ["a", "é", "\n", "#", "#", "#"]
            );
            let wanted = ["\u{2}", "a", "é", "\u{3}", "\u{2}", "b", "\u{3}", "#"];
            assert_eq!(tokenize(how.clone(), 1, 1, &["aé", "b"]).1, wanted);
            assert_eq!(tokenize(how, 1, 1, &["", ""]).0, 0);
        }
    }

    #[test]
    fn what_is_refused() {
        let pad = ("pad_value", Attribute::String("#".into()));
        let one = ("mincharnum", Attribute::Int(1));
        let build = |attributes: &[(&str, Attribute)]| {
            build_of("com.microsoft", "Tokenizer", 1, 1, attributes).is_ok()
        };
        assert!(build(&[pad.clone(), one.clone(), expression("a")]));
        assert!(!build(&[pad.clone(), one.clone()]));
        assert!(!build(&[pad.clone(), one.clone(), expression("")]));
        assert!(!build(&[pad.clone(), one.clone(), expression("(?u)a")]));
        assert!(!build(&[pad.clone(), ("mincharnum", Attribute::Int(0)), expression("a")]));
        assert!(!build(&[pad, ("mincharnum", Attribute::Int(2)), expression(".")]));
        assert!(!build(&[one, expression("a")]));
    }
}
