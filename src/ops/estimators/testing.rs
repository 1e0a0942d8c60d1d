//! What the tests of this room share.

use crate::error::Result;
use crate::ops::{self, Attribute, Attributes, Definition};
use crate::tensor::{Data, Tensor};

/// An attribute by name.
pub type Named = (&'static str, Attribute);

/// An attribute of floats.
pub fn floats(values: &[f32]) -> Attribute {
    Attribute::Floats(values.to_vec())
}

/// An attribute of integers.
pub fn ints(values: &[i64]) -> Attribute {
    Attribute::Ints(values.to_vec())
}

/// An attribute of texts.
pub fn strings(values: &[&str]) -> Attribute {
    Attribute::Strings(values.iter().map(ToString::to_string).collect())
}

/// An attribute that is a text.
pub fn text(value: &str) -> Attribute {
    Attribute::String(value.to_owned())
}

/// An attribute that is a tensor of one dimension.
pub fn vector(data: Data) -> Attribute {
    Attribute::Tensor(Tensor::new(vec![data.len()], data).unwrap())
}

/// Builds an operator of ai.onnx.ml and runs it on features of `width` columns.
pub fn run(
    name: &str,
    version: i64,
    attributes: &[Named],
    features: Data,
    width: usize,
) -> Result<Vec<Tensor>> {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let kernel = ops::build(Definition {
        operator: ops::find("ai.onnx.ml", name).unwrap(),
        version,
        inputs: vec![true],
        outputs: vec![true; 2],
        attributes: Attributes::new(attributes.collect()),
    })?;
    let dims = vec![features.len() / width, width];
    let features = Tensor::new(dims, features).unwrap();
    let facts = kernel.infer(&[Some(&ops::Fact::fixed(features.data_type(), features.dims()))])?;
    let outputs = kernel.run(&[Some(&features)])?;
    for (fact, output) in facts.iter().zip(&outputs) {
        assert_eq!(fact.dims().as_deref(), Some(output.dims()));
        assert_eq!(fact.data_type, output.data_type());
    }
    Ok(outputs)
}

/// The values are those, to six digits.
pub fn close(tensor: &Tensor, wanted: &[f32]) {
    let Data::F32(got) = tensor.data() else { panic!("{tensor:?}") };
    assert_eq!(got.len(), wanted.len());
    for (got, wanted) in got.iter().zip(wanted) {
        let both_nan = got.is_nan() && wanted.is_nan();
        assert!(
            both_nan || got == wanted || (got - wanted).abs() <= 2e-6 * wanted.abs().max(1.0),
            "{tensor:?}, {wanted}"
        );
    }
}
