//! The card that a published model carries: what it is, what it takes, and how its trainer's own
//! answers on a few rows can be replayed.

use serde::{Deserialize, Serialize};

use crate::decimal;
use crate::error::{Code, Error, Result};
use crate::features::{Prediction, Value};
use crate::onnx::{Class, Signature};

/// `manifest.json` of a published version. Fields that only people read are kept in the file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Manifest {
    /// The model's name, as in its path.
    pub name: String,
    /// The version, as in its path.
    pub version: String,
    /// Where the file is and what its bytes hash to.
    pub model: ModelFile,
    /// What the model takes and gives.
    pub signature: Signature,
    /// The columns of a row, in order.
    #[serde(default)]
    pub features: Option<Vec<Feature>>,
    /// A classifier's labels, in the order of its probabilities.
    #[serde(default)]
    pub classes: Option<Vec<Class>>,
    /// Rows with the trainer's own answers.
    #[serde(default)]
    pub golden: Option<Golden>,
}

/// The ONNX file of a published version.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ModelFile {
    /// The path, relative to the manifest.
    pub path: String,
    /// The size in bytes.
    pub bytes: u64,
    /// Subresource Integrity: `sha256-` and the hash in base64.
    pub integrity: String,
}

/// A column of a row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Feature {
    /// The column's name.
    pub name: String,
    /// The unit of measure, if the column has one.
    #[serde(default)]
    pub unit: Option<String>,
}

/// Rows with the trainer's own answers, and how far an engine may be off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Golden {
    /// Relative tolerance: `|got - want| <= atol + rtol * |want|`, as numpy's `allclose` has it.
    pub rtol: f64,
    /// Absolute tolerance.
    pub atol: f64,
    /// rows × width: numbers, texts, and null for what is missing.
    pub features: Vec<Vec<Value>>,
    /// One answer a row: a label, a number, or several numbers.
    pub prediction: Vec<Answer>,
    /// rows × classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<Vec<Vec<f64>>>,
}

/// What a model answers for one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// A label or a value.
    Number(f64),
    /// A label.
    Text(String),
    /// Several values.
    Numbers(Vec<f64>),
    /// Several texts.
    Texts(Vec<String>),
}

impl Golden {
    /// The rows, flat.
    ///
    /// # Errors
    /// `MANIFEST_INVALID` where there are none, they differ in length, or answers are missing.
    pub fn rows(&self) -> Result<Vec<Value>> {
        let width = self.features.first().map_or(0, Vec::len);
        let even = self.features.iter().all(|row| row.len() == width);
        let answers = self.prediction.len() == self.features.len()
            && self.probabilities.as_ref().is_none_or(|rows| rows.len() == self.features.len());
        if width == 0 || !even || !answers {
            return Err(Error::new(
                Code::ManifestInvalid,
                "The golden samples need rows of one length, with one answer each.",
            )
            .with("field", "golden"));
        }
        Ok(self.features.concat())
    }

    /// Compares an engine's answer on [`rows`](Self::rows) with the trainer's.
    ///
    /// # Errors
    /// `SELF_TEST_FAILED` on the first difference, with the row, what was expected and what came.
    pub fn compare(&self, answer: &Prediction, classes: Option<&[Class]>) -> Result<()> {
        let columns = answer.columns.max(1);
        if !answer.texts.is_empty() {
            return self.compare_texts(answer.texts.chunks(columns));
        }
        for (row, (want, got)) in
            self.prediction.iter().zip(answer.values.chunks(columns)).enumerate()
        {
            let equal = match want {
                Answer::Number(number) if answer.is_class => class_is(
                    classes,
                    got,
                    |class| matches!(class, Class::Int(label) if *label as f64 == *number),
                ),
                // Labels are equal or not, however large they are.
                Answer::Number(number) if classes.is_some() => got == [*number],
                Answer::Number(number) => got.len() == 1 && self.close(got[0], *number),
                Answer::Text(text) => {
                    answer.is_class
                        && class_is(
                            classes,
                            got,
                            |class| matches!(class, Class::Text(label) if label == text),
                        )
                }
                Answer::Numbers(numbers) => self.all_close(got, numbers),
                Answer::Texts(_) => false,
            };
            if !equal {
                return Err(differs("prediction", row, &shown(want), &numbers(got)));
            }
        }
        let Some(wanted) = &self.probabilities else { return Ok(()) };
        for (row, (want, got)) in
            wanted.iter().zip(answer.probabilities.chunks(answer.classes.max(1))).enumerate()
        {
            if !self.all_close(got, want) {
                return Err(differs("probabilities", row, &numbers(want), &numbers(got)));
            }
        }
        if answer.classes == 0 {
            return Err(differs("probabilities", 0, "one a class", "none"));
        }
        Ok(())
    }

    fn compare_texts<'a>(&self, rows: impl Iterator<Item = &'a [String]>) -> Result<()> {
        for (row, (want, got)) in self.prediction.iter().zip(rows).enumerate() {
            let equal = match want {
                Answer::Text(text) => got == std::slice::from_ref(text),
                Answer::Texts(texts) => got == texts,
                _ => false,
            };
            if !equal {
                return Err(differs("prediction", row, &shown(want), &got.join(", ")));
            }
        }
        Ok(())
    }

    fn all_close(&self, got: &[f64], want: &[f64]) -> bool {
        got.len() == want.len() && got.iter().zip(want).all(|(got, want)| self.close(*got, *want))
    }

    fn close(&self, got: f64, want: f64) -> bool {
        got == want
            || (got - want).abs() <= self.atol + self.rtol * want.abs()
            || (got.is_nan() && want.is_nan())
    }
}

/// Whether the class at the position that a model answered with is the one looked for.
fn class_is(classes: Option<&[Class]>, got: &[f64], is: impl Fn(&Class) -> bool) -> bool {
    let [position] = got else { return false };
    classes.and_then(|classes| classes.get(*position as usize)).is_some_and(is)
}

fn numbers(numbers: &[f64]) -> String {
    numbers.iter().map(|number| decimal::text(*number)).collect::<Vec<_>>().join(", ")
}

fn shown(answer: &Answer) -> String {
    match answer {
        Answer::Number(number) => decimal::text(*number),
        Answer::Text(text) => text.clone(),
        Answer::Numbers(list) => numbers(list),
        Answer::Texts(texts) => texts.join(", "),
    }
}

fn differs(what: &'static str, row: usize, want: &str, got: &str) -> Error {
    Error::new(
        Code::SelfTestFailed,
        format!(
            "On this device the model's golden sample {row} does not come out as its trainer recorded it ({what}), so its answers cannot be trusted here."
        ),
    )
    .with("field", what)
    .with("row", row)
    .with("expected", want)
    .with("got", got)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_compared_exactly() {
        let golden = Golden {
            rtol: 1e-5,
            atol: 1e-6,
            features: vec![vec![Value::Number(1.0)]],
            prediction: vec![Answer::Number(200_001.0)],
            probabilities: None,
        };
        let answer =
            |label: f64| Prediction { values: vec![label], columns: 1, ..Prediction::default() };
        let classes = [200_001, 200_002].map(Class::Int);
        assert!(golden.compare(&answer(200_001.0), Some(&classes)).is_ok());
        let error = golden.compare(&answer(200_002.0), Some(&classes)).unwrap_err();
        assert_eq!(error.code(), Code::SelfTestFailed);
        assert!(golden.compare(&answer(200_002.0), None).is_ok());
    }
}
