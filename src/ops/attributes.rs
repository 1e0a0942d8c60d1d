//! A node's attributes, taken out as they are read.

use super::{SharedBody, invalid};
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// The value of an attribute.
#[derive(Debug, Clone)]
pub enum Attribute {
    /// `f`.
    Float(f32),
    /// `i`.
    Int(i64),
    /// `s`.
    String(String),
    /// `t`.
    Tensor(Tensor),
    /// `g`, ready to run.
    Body(SharedBody),
    /// `floats`.
    Floats(Vec<f32>),
    /// `ints`.
    Ints(Vec<i64>),
    /// `strings`.
    Strings(Vec<String>),
    /// What no operator here reads.
    Other(&'static str),
}

impl Attribute {
    fn kind(&self) -> &'static str {
        match self {
            Attribute::Float(_) => "a float",
            Attribute::Int(_) => "an integer",
            Attribute::String(_) => "a text",
            Attribute::Tensor(_) => "a tensor",
            Attribute::Body(_) => "a graph",
            Attribute::Floats(_) => "a list of floats",
            Attribute::Ints(_) => "a list of integers",
            Attribute::Strings(_) => "a list of texts",
            Attribute::Other(kind) => kind,
        }
    }
}

/// The error for an attribute of another type than `wanted`.
#[cold]
fn wrong(name: &str, held: &Attribute, wanted: &str) -> Error {
    let held = held.kind();
    invalid(format!("The attribute `{name}` is {held}, and should be {wanted}."))
        .with("attribute", name)
}

/// The attributes of one node by name. Reading one takes it out.
#[derive(Debug, Clone, Default)]
pub struct Attributes(Vec<(String, Attribute)>);

macro_rules! reader {
    ($(#[$doc:meta])* $name:ident, $variant:ident, $kind:ty, $what:literal) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// `MODEL_INVALID` where the attribute has another type.
        pub fn $name(&mut self, name: &str) -> Result<Option<$kind>> {
            match self.take(name) {
                None => Ok(None),
                Some(Attribute::$variant(value)) => Ok(Some(value)),
                Some(other) => Err(wrong(name, &other, $what)),
            }
        }
    };
}

impl Attributes {
    /// Attributes in the file's order.
    pub fn new(attributes: Vec<(String, Attribute)>) -> Self {
        Attributes(attributes)
    }

    /// Takes an attribute out, whatever its type.
    pub fn take(&mut self, name: &str) -> Option<Attribute> {
        let index = self.0.iter().position(|(held, _)| held == name)?;
        Some(self.0.swap_remove(index).1)
    }

    /// Whether an attribute of that name is still there.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(held, _)| held == name)
    }

    reader!(/// An integer.
        int, Int, i64, "an integer");
    reader!(/// A float.
        float, Float, f32, "a float");
    reader!(/// A text.
        string, String, String, "a text");
    reader!(/// A tensor.
        tensor, Tensor, Tensor, "a tensor");
    reader!(/// A subgraph.
        body, Body, SharedBody, "a graph");
    reader!(/// A list of integers.
        ints, Ints, Vec<i64>, "a list of integers");
    reader!(/// A list of floats.
        floats, Floats, Vec<f32>, "a list of floats");
    reader!(/// A list of texts.
        strings, Strings, Vec<String>, "a list of texts");

    /// An integer that is 0 or 1.
    ///
    /// # Errors
    /// `MODEL_INVALID` where the attribute is something else.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>> {
        match self.int(name)? {
            None => Ok(None),
            Some(value @ (0 | 1)) => Ok(Some(value == 1)),
            Some(value) => {
                Err(invalid(format!("The attribute `{name}` is {value}, and should be 0 or 1.")))
            }
        }
    }

    /// The name of an attribute that was not taken out.
    pub fn unread(&self) -> Option<&str> {
        self.0.first().map(|(name, _)| &**name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn reading_takes_out() {
        let mut attributes = Attributes::new(vec![
            ("axis".into(), Attribute::Int(1)),
            ("mode".into(), Attribute::String("linear".into())),
        ]);
        assert_eq!(attributes.int("axis").unwrap(), Some(1));
        assert_eq!(attributes.int("axis").unwrap(), None);
        assert_eq!(attributes.unread(), Some("mode"));
        assert_eq!(attributes.int("mode").unwrap_err().code(), Code::ModelInvalid);
    }
}
