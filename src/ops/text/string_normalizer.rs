//! `StringNormalizer` (ai.onnx 10; com.microsoft 1, which exporters used before): stop words
//! removed, case changed.
//!
//! Case is changed character by character, as C's `towupper` and `towlower` do; the locale has no
//! effect.

use super::regex::case::{simple_lower, simple_upper};
use crate::error::{Result, list};
use crate::ops::encoders::lookup::{Lookup, Repeated};
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, fresh, invalid, made, one_fact, required,
    types, unsupported_type,
};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[operator("", &[10]), operator("com.microsoft", &[1])];

const fn operator(domain: &'static str, versions: &'static [i64]) -> Operator {
    Operator { domain, name: "StringNormalizer", versions, inputs: &[types::STRING], build }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Lower,
    Upper,
}

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    attributes.string("locale")?;
    let action = match definition.operator.domain {
        "" => "case_change_action",
        _ => "casechangeaction",
    };
    let case = match attributes.string(action)?.as_deref() {
        None | Some("NONE") => None,
        Some("LOWER") => Some(Case::Lower),
        Some("UPPER") => Some(Case::Upper),
        Some(other) => {
            return Err(invalid(format!(
                "`{action}` is `{other}`, and should be NONE, LOWER or UPPER."
            )));
        }
    };
    let compared = match attributes.int("is_case_sensitive")? {
        None | Some(0) => Some(case.unwrap_or(Case::Lower)),
        Some(_) => None,
    };
    let mut stopwords = attributes.strings("stopwords")?.unwrap_or_default();
    stopwords.iter_mut().for_each(|word| *word = change(word, compared));
    let stopwords = match stopwords.is_empty() {
        true => None,
        false => Some(Lookup::new(&Data::Str(stopwords), Repeated::First)?),
    };
    Ok(Box::new(StringNormalizer { case, compared, stopwords }))
}

fn change(text: &str, case: Option<Case>) -> String {
    let mut out = String::new();
    write(text, case, &mut out);
    out
}

/// Writes a text in another case.
fn write(text: &str, case: Option<Case>, out: &mut String) {
    out.clear();
    match case {
        Some(case) if !text.is_ascii() => {
            let change = if case == Case::Lower { simple_lower } else { simple_upper };
            out.extend(text.chars().map(change));
        }
        _ => {
            out.push_str(text);
            match case {
                Some(Case::Lower) => out.make_ascii_lowercase(),
                Some(Case::Upper) => out.make_ascii_uppercase(),
                None => {}
            }
        }
    }
}

#[derive(Debug)]
struct StringNormalizer {
    /// What texts are given out in.
    case: Option<Case>,
    /// What texts are compared with stop words in.
    compared: Option<Case>,
    stopwords: Option<Lookup>,
}

impl StringNormalizer {
    fn is_stopword(&self, text: &str) -> bool {
        let Some(stopwords) = &self.stopwords else { return false };
        stopwords.text(&change(text, self.compared)).is_some()
    }
}

impl Kernel for StringNormalizer {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let shape = required(inputs, 0)?.shape.clone().map(|mut shape| {
            if let (Some(last), true) = (shape.last_mut(), self.stopwords.is_some()) {
                *last = Dim::Unknown;
            }
            shape
        });
        one_fact(DataType::String, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 1)
    }

    /// Where nothing is left of some texts, one empty text is.
    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let x = required(inputs, 0)?;
        let Data::Str(texts) = x.data() else { return Err(unsupported_type(x.data_type())) };
        if !matches!(x.dims(), [_] | [1, _]) {
            return Err(failed(format!(
                "A StringNormalizer takes one row of texts, and got the shape {}.",
                list(x.dims())
            )));
        }
        let out = made(outputs, 0)?;
        let room = out.reuse_strings(x.dims());
        let mut count = 0;
        for text in texts {
            if let (false, Some(out)) = (self.is_stopword(text), room.get_mut(count)) {
                write(text, self.case, out);
                count += 1;
            }
        }
        if let (0, Some(first)) = (count, room.first_mut()) {
            first.clear();
            count = 1;
        }
        if let (true, Data::Str(kept)) = (count < texts.len(), out.data_mut()) {
            kept.truncate(count);
            out.reshape(&[1, count][2 - x.dims().len()..]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Attribute;
    use crate::ops::encoders::testing::{build_of, run, run_vector, strings, texts};

    fn normalizer(case: &str, sensitive: i64, stopwords: &[&str]) -> Box<dyn Kernel> {
        let attributes = [
            ("case_change_action", Attribute::String(case.into())),
            ("is_case_sensitive", Attribute::Int(sensitive)),
            ("stopwords", strings(stopwords)),
            ("locale", Attribute::String("en_US".into())),
        ];
        build_of("", "StringNormalizer", 10, 1, &attributes).unwrap()
    }

    /// Values from onnxruntime 1.31 with the locale C.UTF-8.
    #[test]
    fn case() {
        let x = || texts(&["Hello", "ÀÉİIß straße", "ΣΑΣ", "ﬁ", "ᾳ"]);
        let lower = run_vector(&*normalizer("LOWER", 0, &[]), x()).unwrap();
        assert_eq!(lower, texts(&["hello", "àéiiß straße", "σασ", "ﬁ", "ᾳ"]));
        let upper = run_vector(&*normalizer("UPPER", 0, &[]), x()).unwrap();
        assert_eq!(upper, texts(&["HELLO", "ÀÉİIß STRAßE", "ΣΑΣ", "ﬁ", "ᾼ"]));
        assert_eq!(run_vector(&*normalizer("NONE", 0, &[]), x()).unwrap(), x());
    }

    /// Values from onnxruntime 1.31 with the locale C.UTF-8.
    #[test]
    fn stopwords() {
        let x = || texts(&["Hello", "the", "The"]);
        for (case, sensitive, wanted) in [
            ("NONE", 0, &["Hello"][..]),
            ("NONE", 1, &["Hello", "The"]),
            ("UPPER", 0, &["HELLO"]),
            ("UPPER", 1, &["HELLO", "THE"]),
        ] {
            let y = run_vector(&*normalizer(case, sensitive, &["the", "the"]), x()).unwrap();
            assert_eq!(y, texts(wanted));
        }
    }

    #[test]
    fn the_older_domain() {
        let lower = ("casechangeaction", Attribute::String("LOWER".into()));
        let kernel = build_of("com.microsoft", "StringNormalizer", 1, 1, &[lower]).unwrap();
        assert_eq!(run_vector(&*kernel, texts(&["Hello"])).unwrap(), texts(&["hello"]));
    }

    /// Shapes from onnxruntime 1.31, which takes no empty input.
    #[test]
    fn shapes() {
        let kernel = normalizer("NONE", 0, &["the"]);
        let row = Tensor::new(vec![1, 2], texts(&["the", "The"])).unwrap();
        let y = run(&*kernel, &row).unwrap();
        assert_eq!((y.dims(), y.data()), (&[1, 1][..], &texts(&[""])));
        assert_eq!(run_vector(&*kernel, texts(&["the"])).unwrap(), texts(&[""]));
        assert_eq!(run_vector(&*kernel, texts(&[])).unwrap(), texts(&[]));
        let column = Tensor::new(vec![2, 1], texts(&["a", "b"])).unwrap();
        assert!(run(&*kernel, &column).is_err());
    }
}
