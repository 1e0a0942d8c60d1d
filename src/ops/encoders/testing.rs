//! What the tests of this room share.

use crate::error::Result;
use crate::ops::{self, Attribute, Attributes, Definition, Kernel};
use crate::tensor::{Data, Tensor};

/// A kernel of an operator of ai.onnx.ml with one input and one output.
pub fn build(
    name: &str,
    version: i64,
    attributes: &[(&str, Attribute)],
) -> Result<Box<dyn Kernel>> {
    build_of("ai.onnx.ml", name, version, 1, attributes)
}

/// A kernel of an operator of any domain.
pub fn build_of(
    domain: &str,
    name: &str,
    version: i64,
    inputs: usize,
    attributes: &[(&str, Attribute)],
) -> Result<Box<dyn Kernel>> {
    ops::build(Definition {
        operator: ops::find(domain, name).expect("a known operator"),
        version,
        inputs: vec![true; inputs],
        outputs: vec![true],
        attributes: Attributes::new(
            attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        ),
    })
}

/// Runs a kernel on one tensor and answers its first output.
pub fn run(kernel: &dyn Kernel, x: &Tensor) -> Result<Tensor> {
    Ok(kernel.run(&[Some(x)])?.swap_remove(0))
}

/// Runs a kernel on one vector and answers the first output's elements.
pub fn run_vector(kernel: &dyn Kernel, x: Data) -> Result<Data> {
    let x = Tensor::new(vec![x.len()], x)?;
    Ok(run(kernel, &x)?.into_parts().1)
}

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

/// Elements of a text tensor.
pub fn texts(values: &[&str]) -> Data {
    Data::Str(values.iter().map(ToString::to_string).collect())
}
