//! What the tests of this room share.

use crate::error::Result;
use crate::ops::{self, Attribute, Attributes, Definition, Fact, Kernel};
use crate::tensor::{Data, Tensor};

/// A tensor of that shape.
pub fn tensor(dims: &[usize], data: Data) -> Tensor {
    Tensor::new(dims.to_vec(), data).unwrap()
}

/// The kernel of a node of operator set `opset` with `inputs` inputs and one output.
pub fn kernel(
    name: &str,
    opset: i64,
    inputs: usize,
    attributes: Vec<(&str, Attribute)>,
) -> Box<dyn Kernel> {
    build(name, opset, inputs, attributes).unwrap()
}

/// As [`kernel`], where building may fail.
pub fn build(
    name: &str,
    opset: i64,
    inputs: usize,
    attributes: Vec<(&str, Attribute)>,
) -> Result<Box<dyn Kernel>> {
    let operator = ops::find("", name).unwrap();
    ops::build(Definition {
        operator,
        version: ops::version(operator, opset)?,
        inputs: vec![true; inputs],
        outputs: vec![true],
        attributes: Attributes::new(
            attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        ),
    })
}

/// Runs it, and checks that what it infers from shapes alone and from values is what it makes.
pub fn run(kernel: &dyn Kernel, inputs: &[Tensor]) -> Result<Tensor> {
    let shapes: Vec<Fact> =
        inputs.iter().map(|tensor| Fact::fixed(tensor.data_type(), tensor.dims())).collect();
    let constants: Vec<Fact> =
        inputs.iter().map(|tensor| Fact::constant(tensor.clone().into())).collect();
    let made = kernel.run(&inputs.iter().map(Some).collect::<Vec<_>>())?.swap_remove(0);
    for facts in [&shapes, &constants] {
        let fact = kernel.infer(&facts.iter().map(Some).collect::<Vec<_>>())?.swap_remove(0);
        assert_eq!(fact.data_type, made.data_type());
        if let Some(dims) = fact.dims() {
            assert_eq!(dims, made.dims());
        }
    }
    let unknown: Vec<Fact> = inputs.iter().map(|tensor| Fact::of(tensor.data_type())).collect();
    let fact = kernel.infer(&unknown.iter().map(Some).collect::<Vec<_>>())?.swap_remove(0);
    assert_eq!(fact.data_type, made.data_type());
    Ok(made)
}
