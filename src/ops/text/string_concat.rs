//! `StringConcat` (ai.onnx 20): texts joined one by one, with broadcasting.

use crate::error::Result;
use crate::ops::{
    Definition, Fact, Kernel, Operator, one_fact, one_tensor, required, shape, types,
    unsupported_type,
};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "StringConcat",
    versions: &[20],
    inputs: &[types::STRING],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    Ok(Box::new(StringConcat))
}

#[derive(Debug)]
struct StringConcat;

impl Kernel for StringConcat {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (x, y) = (required(inputs, 0)?, required(inputs, 1)?);
        let shape = shape::broadcast_dims(&[x.shape.as_deref(), y.shape.as_deref()])?;
        one_fact(DataType::String, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (x, y) = (required(inputs, 0)?, required(inputs, 1)?);
        let (Data::Str(first), Data::Str(second)) = (x.data(), y.data()) else {
            return Err(unsupported_type(x.data_type()));
        };
        let dims = shape::broadcast(&[x.dims(), y.dims()])?;
        let mut joined = Vec::with_capacity(shape::elements(&dims)?);
        let strides =
            [shape::broadcast_strides(x.dims(), &dims), shape::broadcast_strides(y.dims(), &dims)];
        let mut bytes = 0usize;
        shape::walk(&dims, &[&strides[0], &strides[1]], &mut |at| {
            if let (Some(first), Some(second)) = (first.get(at[0]), second.get(at[1])) {
                bytes = bytes.saturating_add(first.len()).saturating_add(second.len());
                if shape::texts(bytes).is_ok() {
                    joined.push([&**first, second].concat());
                }
            }
        });
        shape::texts(bytes)?;
        one_tensor(dims, Data::Str(joined))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::encoders::testing::{build_of, texts};

    /// Values from onnxruntime 1.31.
    #[test]
    fn texts_are_joined() {
        let kernel = build_of("", "StringConcat", 20, 2, &[]).unwrap();
        let x = Tensor::new(vec![2, 1], texts(&["a", "b"])).unwrap();
        let y = Tensor::new(vec![2], texts(&["x", ""])).unwrap();
        let z = kernel.run(&[Some(&x), Some(&y)]).unwrap().remove(0);
        assert_eq!(z.dims(), [2, 2]);
        assert_eq!(z.data(), &texts(&["ax", "a", "bx", "b"]));
        let three = Tensor::new(vec![3], texts(&["x", "y", "z"])).unwrap();
        assert!(kernel.run(&[Some(&y), Some(&three)]).is_err());
        let none = Tensor::new(vec![0, 1], texts(&[])).unwrap();
        assert_eq!(kernel.run(&[Some(&none), Some(&y)]).unwrap()[0].dims(), [0, 2]);
    }
}
