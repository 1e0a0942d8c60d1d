//! `Tokenizer` (com.microsoft 1): each text's tokens along a further axis, filled up with
//! `pad_value`. Tokens are what matches an expression, what stands between separators, or single
//! characters. Matches are RE2's longest.

use super::regex::{Regex, Search};
use crate::error::{Result, list};
use crate::ops::encoders::features::one_more_axis;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, invalid, required, shape, types,
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
            Way::Expression(Regex::new(expression)?)
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
    /// What matches is a token.
    Expression(Regex),
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
            Way::Characters => Ok(text.split("").filter(|c| !c.is_empty()).collect()),
            Way::Expression(_) => match searches.first_mut() {
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
        let x = required(inputs, 0)?;
        let Data::Str(texts) = x.data() else { return Err(unsupported_type(x.data_type())) };
        if !(1..=2).contains(&x.dims().len()) {
            return Err(failed(format!(
                "A Tokenizer takes a vector or a matrix of texts, and got the shape {}.",
                list(x.dims())
            )));
        }
        let mut searches: Vec<Search<'_>> = match &self.way {
            Way::Expression(regex) => vec![regex.search()],
            Way::Separators(separators) => separators.iter().map(Regex::search).collect(),
            Way::Characters => vec![],
        };
        let rows: Vec<Vec<&str>> =
            texts.iter().map(|text| self.tokens(text, &mut searches)).collect::<Result<_>>()?;
        let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = if self.mark && longest > 0 { longest + 2 } else { longest };
        let mut dims = x.dims().to_vec();
        dims.push(width);
        let count = shape::elements(&dims)?;
        let padded = count - rows.iter().map(Vec::len).sum::<usize>().min(count);
        shape::texts(padded.saturating_mul(self.pad.len()))?;
        let mut tokens: Vec<String> = Vec::with_capacity(count);
        for (row, filled) in rows.into_iter().zip(1usize..) {
            if width == 0 {
                break;
            }
            tokens.extend(self.mark.then(|| START.to_owned()));
            tokens.extend(row.into_iter().map(str::to_owned));
            tokens.extend(self.mark.then(|| END.to_owned()));
            tokens.resize(filled * width, self.pad.clone());
        }
        Ok(vec![Tensor::new(dims, Data::Str(tokens))?])
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
