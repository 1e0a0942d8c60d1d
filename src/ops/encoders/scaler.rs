//! `Scaler` (ai.onnx.ml 1): `(x - offset) * scale` per feature, in the input's precision, given
//! out as float.

use predikt_kernels::linear::Scaling;

use super::features::{per_feature, row, same_shape, singles};
use crate::error::Result;
use crate::ops::sparse::Change;
use crate::ops::{Definition, Dim, Fact, Kernel, Operator, fresh, invalid, made, required, types};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "ai.onnx.ml",
    name: "Scaler",
    versions: &[1],
    inputs: &[types::ML],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let offset = definition.attributes.floats("offset")?.unwrap_or_default();
    let scale = definition.attributes.floats("scale")?.unwrap_or_default();
    if scale.is_empty() || offset.len() != scale.len() {
        return Err(invalid(format!(
            "A Scaler needs as many offsets as scales, and has {} and {}.",
            offset.len(),
            scale.len()
        )));
    }
    Ok(Box::new(Scaler { offset, scale }))
}

#[derive(Debug)]
struct Scaler {
    offset: Vec<f32>,
    scale: Vec<f32>,
}

impl Kernel for Scaler {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        same_shape(inputs, DataType::Float32)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 1)
    }

    fn change(&self, inputs: &[Option<&Fact>]) -> Option<Change> {
        let [Some(Fact { data_type: DataType::Float32, shape: Some(shape), .. })] = inputs else {
            return None;
        };
        let (offset, scale) = (self.offset.clone(), self.scale.clone());
        (*shape.last()? == Dim::Known(offset.len()))
            .then_some(Change::Scale(Scaling { offset, scale }))
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let x = required(inputs, 0)?;
        let row = row(x.dims());
        let offset = per_feature("offset", &self.offset, row)?;
        let scale = per_feature("scale", &self.scale, row)?;
        let features = || offset.iter().zip(&*scale);
        let scaled = made(outputs, 0)?.reuse_f32(x.dims()).chunks_mut(row.max(1));
        if let Data::F64(values) = x.data() {
            for (row, out) in values.chunks(row.max(1)).zip(scaled) {
                for ((value, (offset, scale)), out) in row.iter().zip(features()).zip(out) {
                    *out = ((value - f64::from(*offset)) * f64::from(*scale)) as f32;
                }
            }
        } else {
            for (row, out) in singles(x.data())?.chunks(row.max(1)).zip(scaled) {
                for ((value, (offset, scale)), out) in row.iter().zip(features()).zip(out) {
                    *out = (value - offset) * scale;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::encoders::testing::{self, floats, run};

    fn scaler(scale: &[f32], offset: &[f32]) -> Result<Box<dyn Kernel>> {
        testing::build("Scaler", 1, &[("scale", floats(scale)), ("offset", floats(offset))])
    }

    /// Values from onnxruntime 1.31.
    #[test]
    fn features_are_shifted_and_scaled() {
        let kernel = scaler(&[0.1, 0.2], &[1.0, 0.3]).unwrap();
        let x = Tensor::new(vec![2, 2], Data::I64(vec![1, 2, 3, 4])).unwrap();
        assert_eq!(run(&*kernel, &x).unwrap().data(), &Data::F32(vec![0.0, 0.34, 0.2, 0.74]));
        let kernel = scaler(&[2.0], &[1.0]).unwrap();
        let x = Tensor::new(vec![3], Data::F64(vec![1.5, f64::NAN, f64::INFINITY])).unwrap();
        let scaled = run(&*kernel, &x).unwrap();
        let Data::F32(values) = scaled.data() else { panic!() };
        assert_eq!(values[0], 1.0);
        assert!(values[1].is_nan());
        assert_eq!(values[2], f32::INFINITY);
    }

    #[test]
    fn lengths_must_fit() {
        assert!(scaler(&[], &[]).is_err());
        assert!(scaler(&[1.0], &[]).is_err());
        let kernel = scaler(&[1.0; 3], &[0.0; 3]).unwrap();
        let x = Tensor::new(vec![1, 2], Data::F32(vec![1.0, 2.0])).unwrap();
        assert!(run(&*kernel, &x).is_err());
        let none = Tensor::new(vec![0, 3], Data::F32(vec![])).unwrap();
        assert_eq!(run(&*kernel, &none).unwrap().dims(), [0, 3]);
    }
}
