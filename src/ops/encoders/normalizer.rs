//! `Normalizer` (ai.onnx.ml 1): rows divided by their maximum, their sum or their length.

use predikt_kernels::rows;

use super::features::{row, same_shape, singles};
use crate::error::{Result, list};
use crate::ops::sparse::Change;
use crate::ops::{
    Definition, Fact, Kernel, Operator, failed, fresh, invalid, made, required, types,
};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "ai.onnx.ml",
    name: "Normalizer",
    versions: &[1],
    inputs: &[types::ML],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    Ok(Box::new(match definition.attributes.string("norm")?.as_deref() {
        None | Some("MAX") => Normalizer::Max,
        Some("L1") => Normalizer::L1,
        Some("L2") => Normalizer::L2,
        Some(other) => return Err(invalid(format!("There is no norm `{other}`."))),
    }))
}

#[derive(Debug)]
enum Normalizer {
    /// By the largest element, not the largest magnitude: signs turn where it is negative.
    Max,
    L1,
    L2,
}

impl Normalizer {
    fn of_singles(&self) -> Option<Change> {
        match self {
            Normalizer::Max => None,
            Normalizer::L1 => Some(Change::Share),
            Normalizer::L2 => Some(Change::Unit),
        }
    }
}

impl Kernel for Normalizer {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        same_shape(inputs, DataType::Float32)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 1)
    }

    fn change(&self, inputs: &[Option<&Fact>]) -> Option<Change> {
        let [Some(rows)] = inputs else { return None };
        self.of_singles().filter(|_| rows.data_type == DataType::Float32)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let x = required(inputs, 0)?;
        if !(1..=2).contains(&x.dims().len()) {
            return Err(failed(format!(
                "A Normalizer takes one row or a matrix of rows, and got the shape {}.",
                list(x.dims())
            )));
        }
        let values = made(outputs, 0)?.reuse_f32(x.dims());
        values.copy_from_slice(&singles(x.data())?);
        let row = row(x.dims()).max(1);
        match self {
            Normalizer::Max => values.chunks_mut(row).for_each(by_max),
            Normalizer::L1 => values.chunks_mut(row).for_each(rows::share),
            Normalizer::L2 if x.data_type() == DataType::Float32 => {
                values.chunks_mut(row).for_each(rows::unit);
            }
            Normalizer::L2 => {
                let squares = squares(x.data())?;
                values.chunks_mut(row).zip(squares.chunks(row)).for_each(by_length);
            }
        }
        Ok(())
    }
}

fn by_max(row: &mut [f32]) {
    // NaN is no maximum.
    let max = row.iter().fold(f32::MIN, |max, value| if max < *value { *value } else { max });
    divide(row, max);
}

fn divide(row: &mut [f32], by: f32) {
    if by != 0.0 {
        row.iter_mut().for_each(|value| *value /= by);
    }
}

fn by_length((row, squares): (&mut [f32], &[f32])) {
    let sum: f32 = squares.iter().fold(0.0, |sum, square| sum + square);
    if sum != 0.0 {
        for (value, square) in row.iter_mut().zip(squares) {
            let part = (square / sum).sqrt();
            *value = if *value < 0.0 { -part } else { part };
        }
    }
}

/// Squares taken in the input's precision, given out as `f32`.
fn squares(data: &Data) -> Result<Vec<f32>> {
    Ok(match data {
        Data::F64(values) => values.iter().map(|value| (value * value) as f32).collect(),
        Data::I64(values) => {
            values.iter().map(|value| (*value as f64 * *value as f64) as f32).collect()
        }
        Data::I32(values) => {
            values.iter().map(|value| (f64::from(*value) * f64::from(*value)) as f32).collect()
        }
        other => singles(other)?.iter().map(|value| value * value).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Attribute;
    use crate::ops::encoders::testing::{build, run};

    fn normalize(norm: &str, x: &Tensor) -> Vec<f32> {
        let kernel = build("Normalizer", 1, &[("norm", Attribute::String(norm.into()))]).unwrap();
        match run(&*kernel, x).unwrap().into_parts().1 {
            Data::F32(values) => values,
            _ => panic!(),
        }
    }

    /// Values from onnxruntime 1.31.
    #[test]
    fn rows_are_normalized() {
        let values = vec![1.0, -2.0, 0.0, -1.0, -2.0, -4.0, 0.0, 0.0, 0.0];
        let x = Tensor::new(vec![3, 3], Data::F32(values)).unwrap();
        let max = [1.0, -2.0, 0.0, 1.0, 2.0, 4.0, 0.0, 0.0, 0.0];
        assert_eq!(normalize("MAX", &x), max);
        let l1 = [
            0.333_333_34,
            -0.666_666_7,
            0.0,
            -0.142_857_15,
            -0.285_714_3,
            -0.571_428_6,
            0.0,
            0.0,
            0.0,
        ];
        assert_eq!(normalize("L1", &x), l1);
        let l2 = [
            0.447_213_6,
            -0.894_427_2,
            0.0,
            -0.218_217_9,
            -0.436_435_8,
            -0.872_871_6,
            0.0,
            0.0,
            0.0,
        ];
        assert_eq!(normalize("L2", &x), l2);
    }

    /// Values from onnxruntime 1.31.
    #[test]
    fn what_is_not_finite() {
        let row = [f32::NAN, 1.0, 2.0];
        let x = Tensor::new(vec![3], Data::F32(row.to_vec())).unwrap();
        assert_eq!(normalize("MAX", &x)[1..], [0.5, 1.0]);
        assert!(normalize("L1", &x).iter().all(|value| value.is_nan()));
        let x = Tensor::new(vec![1, 2], Data::F32(vec![f32::INFINITY, 1.0])).unwrap();
        for norm in ["MAX", "L1", "L2"] {
            let values = normalize(norm, &x);
            assert!(values[0].is_nan() && values[1] == 0.0, "{norm}");
        }
    }

    #[test]
    fn shapes() {
        let kernel = build("Normalizer", 1, &[]).unwrap();
        let none = Tensor::new(vec![0, 3], Data::I32(vec![])).unwrap();
        assert_eq!(run(&*kernel, &none).unwrap().dims(), [0, 3]);
        let empty = Tensor::new(vec![2, 0], Data::I32(vec![])).unwrap();
        assert_eq!(run(&*kernel, &empty).unwrap().dims(), [2, 0]);
        let deep = Tensor::new(vec![1, 1, 1], Data::F32(vec![1.0])).unwrap();
        assert!(run(&*kernel, &deep).is_err());
    }
}
