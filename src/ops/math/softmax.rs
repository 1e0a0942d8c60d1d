//! `Softmax`, `LogSoftmax`, `Hardmax` (ai.onnx 1, 11: over all axes from one on; 13: along one).

use super::element::{Number, doubles};
use super::lanes::Lanes;
use crate::error::Result;
use crate::ops::{Definition, Fact, Kernel, Operator, one_tensor, required, shape, types};
use crate::tensor::Tensor;

const fn operator(name: &'static str) -> Operator {
    Operator { domain: "", name, versions: &[1, 11, 13], inputs: &[types::FLOAT], build }
}

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    operator("Softmax"),
    operator("LogSoftmax"),
    #[cfg(feature = "extra")]
    operator("Hardmax"),
];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let flattens = definition.version < 13;
    let axis = definition.attributes.int("axis")?.unwrap_or(if flattens { 1 } else { -1 });
    let function = match definition.operator.name {
        #[cfg(feature = "extra")]
        "Hardmax" => hardmax,
        "LogSoftmax" => log_softmax,
        _ => softmax,
    };
    Ok(Box::new(Softmax { axis, flattens, function }))
}

#[derive(Debug)]
struct Softmax {
    axis: i64,
    flattens: bool,
    function: fn(&mut [f64]),
}

impl Kernel for Softmax {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        if let Some(rank) = x.rank() {
            shape::axis(self.axis, rank)?;
        }
        Ok(vec![x.with_type(x.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let lanes = match self.flattens {
            true => Lanes::from(x.dims(), self.axis)?,
            false => Lanes::along(x.dims(), self.axis)?,
        };
        let mut values = doubles(x.data())?.into_owned();
        lanes.rewrite(&mut values, self.function);
        one_tensor(x.dims().to_vec(), Number::narrow(values, x.data_type()))
    }
}

/// The largest number; what is NaN is passed over.
fn largest(lane: &[f64]) -> f64 {
    lane.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn softmax(lane: &mut [f64]) {
    let most = largest(lane);
    lane.iter_mut().for_each(|x| *x = (*x - most).exp());
    let sum: f64 = lane.iter().sum();
    lane.iter_mut().for_each(|x| *x /= sum);
}

fn log_softmax(lane: &mut [f64]) {
    let most = largest(lane);
    let sum: f64 = lane.iter().map(|x| (*x - most).exp()).sum();
    let log = sum.ln();
    lane.iter_mut().for_each(|x| *x = *x - most - log);
}

#[cfg(feature = "extra")]
/// 1 for the first of the largest, 0 for all others.
fn hardmax(lane: &mut [f64]) {
    let mut best = 0;
    for (index, x) in lane.iter().enumerate() {
        if *x > lane[best] {
            best = index;
        }
    }
    for (index, x) in lane.iter_mut().enumerate() {
        *x = f64::from(u8::from(index == best));
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::Attribute;
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::Data;

    fn close(got: &Data, wanted: &[f32]) {
        let Data::F32(values) = got else { panic!("{got:?}") };
        assert_eq!(values.len(), wanted.len());
        for (a, b) in values.iter().zip(wanted) {
            assert!((a - b).abs() < 1e-6 || a == b || a.is_nan() && b.is_nan(), "{values:?}");
        }
    }

    /// scipy 1.17 `scipy.special.softmax`, `log_softmax`.
    #[test]
    fn large_numbers_and_infinities() {
        let x =
            tensor(&[2, 3], Data::F32(vec![1000.0, 1001.0, 999.0, f32::NEG_INFINITY, 0.0, 0.0]));
        let made = run(&*kernel("Softmax", 13, 1, vec![]), std::slice::from_ref(&x)).unwrap();
        close(made.data(), &[0.244_728_48, 0.665_240_94, 0.090_030_57, 0.0, 0.5, 0.5]);
        let made = run(&*kernel("LogSoftmax", 13, 1, vec![]), std::slice::from_ref(&x)).unwrap();
        let half = -std::f32::consts::LN_2;
        close(made.data(), &[-1.407_606, -0.407_605_96, -2.407_606, f32::NEG_INFINITY, half, half]);
    }

    #[cfg(feature = "extra")]
    #[test]
    fn the_first_of_the_largest_is_one() {
        let x = tensor(&[2, 3], Data::F32(vec![1000.0, 1001.0, 999.0, -1.0, 0.0, 0.0]));
        let made = run(&*kernel("Hardmax", 13, 1, vec![]), &[x]).unwrap();
        close(made.data(), &[0.0, 1.0, 0.0, 0.0, 1.0, 0.0]);
    }

    /// onnxruntime 1.31.
    #[test]
    fn versions_before_13_flatten() {
        let x = tensor(&[2, 3, 2], Data::F32(vec![1.0; 12]));
        for (opset, axis, wanted) in
            [(11, 0, 1.0 / 12.0), (11, 1, 1.0 / 6.0), (9, 2, 0.5), (13, 0, 0.5), (13, 1, 1.0 / 3.0)]
        {
            let kernel = kernel("Softmax", opset, 1, vec![("axis", Attribute::Int(axis))]);
            close(run(&*kernel, std::slice::from_ref(&x)).unwrap().data(), &[wanted; 12]);
        }
        let default = run(&*kernel("Softmax", 11, 1, vec![]), &[x]).unwrap();
        close(default.data(), &[1.0 / 6.0; 12]);
    }

    /// onnxruntime 1.31.
    #[test]
    fn odd_lanes() {
        let infinite = tensor(&[2], Data::F32(vec![f32::INFINITY, 1.0]));
        let made = run(&*kernel("Softmax", 13, 1, vec![]), &[infinite]).unwrap();
        let Data::F32(values) = made.data() else { panic!("{made:?}") };
        assert!(values[0].is_nan());
        for dims in [[2, 0], [0, 2]] {
            let empty = tensor(&dims, Data::F32(vec![]));
            let made =
                run(&*kernel("Softmax", 13, 1, vec![]), std::slice::from_ref(&empty)).unwrap();
            assert_eq!(made, empty);
        }
        let scalar = tensor(&[], Data::F32(vec![1.0]));
        assert!(run(&*kernel("Softmax", 13, 1, vec![]), &[scalar]).is_err());
    }
}
