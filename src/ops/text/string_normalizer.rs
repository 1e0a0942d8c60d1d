//! `StringNormalizer` (ai.onnx 10; com.microsoft 1, which exporters used before): stop words
//! removed, case changed.
//!
//! Case is changed character by character, as C's `towupper` and `towlower` do; the locale has no
//! effect.

use super::regex::case::{simple_lower, simple_upper};
use crate::error::{Result, list};
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, invalid, made, replaced, required, types,
    unsupported_type,
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
    stopwords.sort_unstable();
    Ok(Box::new(StringNormalizer { case, compared, stopwords }))
}

fn change(text: &str, case: Option<Case>) -> String {
    match case {
        None => text.to_owned(),
        Some(Case::Lower) => text.chars().map(simple_lower).collect(),
        Some(Case::Upper) => text.chars().map(simple_upper).collect(),
    }
}

#[derive(Debug)]
struct StringNormalizer {
    /// What texts are given out in.
    case: Option<Case>,
    /// What texts are compared with stop words in.
    compared: Option<Case>,
    /// Sorted.
    stopwords: Vec<String>,
}

impl StringNormalizer {
    fn is_stopword(&self, text: &str) -> bool {
        !self.stopwords.is_empty()
            && self.stopwords.binary_search(&change(text, self.compared)).is_ok()
    }
}

impl Kernel for StringNormalizer {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let shape = required(inputs, 0)?.shape.clone().map(|mut shape| {
            if let (Some(last), false) = (shape.last_mut(), self.stopwords.is_empty()) {
                *last = Dim::Unknown;
            }
            shape
        });
        Ok(vec![Fact::new(DataType::String, shape)])
    }

    /// Where nothing is left of some texts, one empty text is.
    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let Data::Str(texts) = x.data() else { return Err(unsupported_type(x.data_type())) };
        let mut dims = x.dims().to_vec();
        if !matches!(dims[..], [_] | [1, _]) {
            return Err(failed(format!(
                "A StringNormalizer takes one row of texts, and got the shape {}.",
                list(&dims)
            )));
        }
        let kept = texts.iter().filter(|text| !self.is_stopword(text));
        let mut normal: Vec<String> = kept.map(|text| change(text, self.case)).collect();
        if normal.is_empty() && !texts.is_empty() {
            normal.push(String::new());
        }
        if let Some(last) = dims.last_mut() {
            *last = normal.len();
        }
        Ok(vec![Tensor::new(dims, Data::Str(normal))?])
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let x = required(inputs, 0)?;
        let (Data::Str(texts), [_] | [1, _], [], true) =
            (x.data(), x.dims(), &*self.stopwords, !x.data().is_empty())
        else {
            return replaced(self, inputs, outputs);
        };
        for (text, out) in texts.iter().zip(made(outputs, 0)?.reuse_strings(x.dims())) {
            out.clear();
            match self.case {
                None => out.push_str(text),
                Some(_) if !text.is_ascii() => out.push_str(&change(text, self.case)),
                Some(case) => {
                    out.push_str(text);
                    match case {
                        Case::Lower => out.make_ascii_lowercase(),
                        Case::Upper => out.make_ascii_uppercase(),
                    }
                }
            }
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
