//! `StringSplit` (ai.onnx 20): each text's parts along a further axis, filled up with empty
//! texts, and how many parts each has.

use crate::error::Result;
use crate::ops::encoders::features::one_more_axis;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, required, shape, types, unsupported_type,
};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "StringSplit",
    versions: &[20],
    inputs: &[types::STRING],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let delimiter = definition.attributes.string("delimiter")?.unwrap_or_default();
    let most = definition.attributes.int("maxsplit")?;
    // As for onnxruntime, a negative number is none.
    let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    Ok(Box::new(StringSplit { delimiter, parts: most.saturating_add(1) }))
}

#[derive(Debug)]
struct StringSplit {
    /// White space where it is empty.
    delimiter: String,
    /// The most parts.
    parts: usize,
}

impl StringSplit {
    /// An empty text has no parts.
    fn split<'t>(&self, text: &'t str) -> Vec<&'t str> {
        if text.is_empty() {
            return vec![];
        }
        if !self.delimiter.is_empty() {
            return text.splitn(self.parts, &*self.delimiter).collect();
        }
        let mut parts = vec![];
        let mut rest = text.trim();
        while !rest.is_empty() {
            let end =
                if parts.len() + 1 == self.parts { None } else { rest.find(char::is_whitespace) };
            let (part, behind) = rest.split_at(end.unwrap_or(rest.len()));
            parts.push(part);
            rest = behind.trim_start();
        }
        parts
    }
}

impl Kernel for StringSplit {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let mut facts = one_more_axis(inputs, DataType::String, Dim::Unknown)?;
        facts.push(required(inputs, 0)?.with_type(DataType::Int64));
        Ok(facts)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let Data::Str(texts) = x.data() else { return Err(unsupported_type(x.data_type())) };
        let split: Vec<Vec<&str>> = texts.iter().map(|text| self.split(text)).collect();
        let width = split.iter().map(Vec::len).max().unwrap_or(0);
        let mut dims = x.dims().to_vec();
        dims.push(width);
        let mut parts = Vec::with_capacity(shape::elements(&dims)?);
        for row in &split {
            parts.extend(row.iter().map(ToString::to_string));
            parts.resize(parts.len() + width - row.len(), String::new());
        }
        let counts = split.iter().map(|row| row.len() as i64).collect();
        Ok(vec![
            Tensor::new(dims, Data::Str(parts))?,
            Tensor::new(x.dims().to_vec(), Data::I64(counts))?,
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Attribute;
    use crate::ops::encoders::testing::{build_of, texts};

    fn split(delimiter: &str, most: Option<i64>, x: &[&str]) -> (Vec<usize>, Data, Data) {
        let mut attributes = vec![("delimiter", Attribute::String(delimiter.into()))];
        attributes.extend(most.map(|most| ("maxsplit", Attribute::Int(most))));
        let kernel = build_of("", "StringSplit", 20, 1, &attributes).unwrap();
        let x = Tensor::new(vec![x.len()], texts(x)).unwrap();
        let mut outputs = kernel.run(&[Some(&x)]).unwrap();
        let counts = outputs.remove(1).into_parts().1;
        let (dims, parts) = outputs.remove(0).into_parts();
        (dims, parts, counts)
    }

    /// Values from onnxruntime 1.31, which takes nothing but spaces for white space; the
    /// specification takes all.
    #[test]
    fn at_white_space() {
        let (dims, parts, counts) = split("", None, &["a b  c ", " a\tb", "", "  "]);
        assert_eq!(dims, [4, 3]);
        let wanted = ["a", "b", "c", "a", "b", "", "", "", "", "", "", ""];
        assert_eq!((parts, counts), (texts(&wanted), Data::I64(vec![3, 2, 0, 0])));
        let (_, parts, _) = split("", Some(1), &["a b  c ", " a"]);
        assert_eq!(parts, texts(&["a", "b  c", "a", ""]));
        assert_eq!(split("", Some(0), &[" a b "]).1, texts(&["a b"]));
        assert_eq!(split("", Some(-1), &["a b"]).1, texts(&["a", "b"]));
    }

    /// Values from onnxruntime 1.31.
    #[test]
    fn at_a_delimiter() {
        let (dims, parts, counts) = split(",", None, &["a,b,", ",a", "", ","]);
        assert_eq!(dims, [4, 3]);
        let wanted = ["a", "b", "", "", "a", "", "", "", "", "", "", ""];
        assert_eq!((parts, counts), (texts(&wanted), Data::I64(vec![3, 2, 0, 2])));
        assert_eq!(split("XX", None, &["aXXXb"]).1, texts(&["a", "Xb"]));
        assert_eq!(split(",", Some(1), &["a,b,,c"]).1, texts(&["a", "b,,c"]));
        assert_eq!(split(",", Some(0), &["a,b"]).1, texts(&["a,b"]));
        assert_eq!(split(",", None, &[]).0, [0, 0]);
        assert_eq!(split(",", None, &["", ""]).0, [2, 0]);
    }
}
