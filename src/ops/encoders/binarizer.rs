//! `Binarizer` (ai.onnx.ml 1): 1 above a threshold, else 0.

use super::features::same_shape;
use crate::error::{Code, Error, Result};
use crate::ops::{
    Definition, Fact, Kernel, Operator, one_tensor, required, types, unsupported_type,
};
use crate::tensor::{Data, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "ai.onnx.ml",
    name: "Binarizer",
    versions: &[1],
    inputs: &[types::ML],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let threshold = definition.attributes.float("threshold")?.unwrap_or(0.0);
    Ok(Box::new(Binarizer { threshold: f64::from(threshold) }))
}

#[derive(Debug)]
struct Binarizer {
    threshold: f64,
}

impl Kernel for Binarizer {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        same_shape(inputs, required(inputs, 0)?.data_type)
    }

    /// NaN is refused, as by onnxruntime: it is neither above nor below.
    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let above = |value: f64| {
            if value.is_nan() {
                return Err(Error::new(
                    Code::InputNotFinite,
                    "A Binarizer takes no NaN. Fill missing values before.",
                ));
            }
            Ok(value > self.threshold)
        };
        macro_rules! each {
            ($($variant:ident),*) => {
                match x.data() {
                    $(Data::$variant(values) => Data::$variant(
                        values
                            .iter()
                            .map(|value| Ok(u8::from(above(*value as f64)?).into()))
                            .collect::<Result<_>>()?,
                    ),)*
                    other => return Err(unsupported_type(other.data_type())),
                }
            };
        }
        let data = each!(F32, F64, I64, I32);
        one_tensor(x.dims().to_vec(), data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Attribute;
    use crate::ops::encoders::testing::{build, run_vector};

    /// onnxruntime 1.31, which has a kernel for float alone.
    #[test]
    fn above_is_one() {
        let threshold = ("threshold", Attribute::Float(0.5));
        let kernel = build("Binarizer", 1, &[threshold]).unwrap();
        let y = run_vector(&*kernel, Data::F32(vec![-1.0, 0.5, 1.0, f32::INFINITY])).unwrap();
        assert_eq!(y, Data::F32(vec![0.0, 0.0, 1.0, 1.0]));
        let y = run_vector(&*kernel, Data::I64(vec![0, 1, i64::MIN])).unwrap();
        assert_eq!(y, Data::I64(vec![0, 1, 0]));
        let error = run_vector(&*kernel, Data::F64(vec![f64::NAN])).unwrap_err();
        assert_eq!(error.code(), Code::InputNotFinite);
    }
}
