//! The one error type: a stable code, a sentence that says what to do, and details.

use std::fmt;

use serde::Serialize;

/// What went wrong, as a name that callers may match on. Names never change once released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Code {
    /// The bytes are no usable ONNX model: truncated, inconsistent, HTML, external data.
    ModelInvalid,
    /// The file has more bytes than [`Limits::max_bytes`](crate::Limits::max_bytes).
    ModelTooLarge,
    /// The server has no such model (HTTP 404).
    ModelNotFound,
    /// The server could not be reached or answered with an error.
    FetchFailed,
    /// The bytes do not have the hash that was asked for.
    IntegrityMismatch,
    /// The model uses an operator, domain or type that would not be computed rightly.
    OpUnsupported,
    /// Features or a tensor have the wrong shape.
    InputShape,
    /// Features or a tensor have the wrong type.
    InputType,
    /// A value is NaN where the model would answer as if it were not.
    InputNotFinite,
    /// An input or a column that the model needs is not there.
    InputMissing,
    /// An input or a column that the model does not have.
    InputUnknown,
    /// The model, or a tensor that it makes, exceeds one of the [`Limits`](crate::Limits).
    LimitExceeded,
    /// The engine refused to compile or to run the graph.
    EngineFailed,
    /// The engine that was asked for is not part of this build.
    EngineUnsupported,
    /// An option has a value that means nothing.
    OptionsInvalid,
    /// A manifest lacks a field or has one of the wrong type.
    ManifestInvalid,
    /// The model's own golden samples do not come out as its trainer recorded them.
    SelfTestFailed,
}

impl Code {
    /// The name as callers see it, for instance `OP_UNSUPPORTED`.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::ModelInvalid => "MODEL_INVALID",
            Code::ModelTooLarge => "MODEL_TOO_LARGE",
            Code::ModelNotFound => "MODEL_NOT_FOUND",
            Code::FetchFailed => "FETCH_FAILED",
            Code::IntegrityMismatch => "INTEGRITY_MISMATCH",
            Code::OpUnsupported => "OP_UNSUPPORTED",
            Code::InputShape => "INPUT_SHAPE",
            Code::InputType => "INPUT_TYPE",
            Code::InputNotFinite => "INPUT_NOT_FINITE",
            Code::InputMissing => "INPUT_MISSING",
            Code::InputUnknown => "INPUT_UNKNOWN",
            Code::LimitExceeded => "LIMIT_EXCEEDED",
            Code::EngineFailed => "ENGINE_FAILED",
            Code::EngineUnsupported => "ENGINE_UNSUPPORTED",
            Code::OptionsInvalid => "OPTIONS_INVALID",
            Code::ManifestInvalid => "MANIFEST_INVALID",
            Code::SelfTestFailed => "SELF_TEST_FAILED",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One fact about an error, for programs: a number, a text, or a list of texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Detail {
    /// A count, an index or a size. 64-bit facts are rounded to the nearest double.
    Number(f64),
    /// A name or a description.
    Text(String),
    /// Several names, in the model's order.
    List(Vec<String>),
}

impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Detail::Text(text.to_owned())
    }
}

impl From<String> for Detail {
    fn from(text: String) -> Self {
        Detail::Text(text)
    }
}

impl From<Vec<String>> for Detail {
    fn from(list: Vec<String>) -> Self {
        Detail::List(list)
    }
}

impl From<usize> for Detail {
    fn from(number: usize) -> Self {
        Detail::Number(number as f64)
    }
}

impl From<u64> for Detail {
    fn from(number: u64) -> Self {
        Detail::Number(number as f64)
    }
}

/// Facts by name; there are few, so that they are held in a list, sorted by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details(Vec<(&'static str, Detail)>);

impl Details {
    /// The fact of that name.
    pub fn get(&self, name: &str) -> Option<&Detail> {
        self.0.iter().find(|(held, _)| *held == name).map(|(_, detail)| detail)
    }

    /// Whether there is a fact of that name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All facts, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Detail)> {
        self.0.iter().map(|(name, detail)| (*name, detail))
    }

    #[cold]
    fn insert(&mut self, name: &'static str, detail: Detail) {
        match self.0.iter().position(|(held, _)| *held >= name) {
            Some(at) if self.0[at].0 == name => self.0[at].1 = detail,
            Some(at) => self.0.insert(at, (name, detail)),
            None => self.0.push((name, detail)),
        }
    }
}

impl Serialize for Details {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// An error with a stable [`Code`], a sentence that says what to do, and details by name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Error(Box<Content>);

/// What an error holds: behind a pointer, so that results are small wherever they are handed on.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Content {
    code: Code,
    message: String,
    details: Details,
}

/// Numbers as they stand in messages: `[2, 3]`.
#[cold]
pub fn list<T: fmt::Display>(numbers: &[T]) -> String {
    let mut text = String::from("[");
    for (index, number) in numbers.iter().enumerate() {
        text.push_str(if index > 0 { ", " } else { "" });
        text.push_str(&number.to_string());
    }
    text.push(']');
    text
}

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error without details. `message` is a whole sentence.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Error::boxed(code, message.into())
    }

    #[cold]
    fn boxed(code: Code, message: String) -> Self {
        Error(Box::new(Content { code, message, details: Details::default() }))
    }

    /// The same error with one more detail; a detail of that name is replaced.
    #[must_use]
    pub fn with(mut self, name: &'static str, detail: impl Into<Detail>) -> Self {
        self.0.details.insert(name, detail.into());
        self
    }

    /// The same error with another message.
    #[must_use]
    pub fn say(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// What went wrong, as a stable name.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What went wrong and what to do, in a sentence or two.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Facts by name, for instance `operator`, `node`, `expected`, `got`.
    pub fn details(&self) -> &Details {
        &self.0.details
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_the_same_everywhere() {
        for code in
            [Code::ModelInvalid, Code::OpUnsupported, Code::SelfTestFailed, Code::InputShape]
        {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn details_keep_their_kind() {
        let error = Error::new(Code::InputShape, "A row has 4 values.")
            .with("expected", 4usize)
            .with("input", "X")
            .with("operators", vec!["Foo".to_owned()]);
        let json = serde_json::to_value(&error).unwrap();
        assert_eq!(json["details"]["expected"], 4.0);
        assert_eq!(json["details"]["input"], "X");
        assert_eq!(json["details"]["operators"][0], "Foo");
        assert_eq!(error.to_string(), "INPUT_SHAPE: A row has 4 values.");
    }
}
