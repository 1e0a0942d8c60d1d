//! `Pow` (ai.onnx 7, 12, 13, 15): the result has the base's type, whatever the exponent's.
//!
//! Integers to integers are exact and wrap; with a negative exponent the result truncates towards
//! zero, and for a base of zero it is an error. All other pairs are computed in doubles.

use super::binary::{called, zip};
use super::cast::to_i64;
use super::element::{Number, Wide, doubles, widen};
use super::real;
use crate::error::Result;
use crate::ops::{
    Definition, Fact, Kernel, Operator, failed, one_fact, one_tensor, required, shape, types,
};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Pow",
    versions: &[7, 12, 13, 15],
    inputs: &[
        &[
            DataType::Int32,
            DataType::Int64,
            DataType::Float16,
            DataType::Float32,
            DataType::Float64,
        ],
        types::NUMBER,
    ],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    Ok(Box::new(Pow))
}

#[derive(Debug)]
struct Pow;

impl Kernel for Pow {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (base, exponent) = (required(inputs, 0)?, required(inputs, 1)?);
        let shape = shape::broadcast_dims(&[base.shape.as_deref(), exponent.shape.as_deref()])?;
        one_fact(base.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (base, exponent) = (required(inputs, 0)?, required(inputs, 1)?);
        let dims = shape::broadcast(&[base.dims(), exponent.dims()])?;
        let data = if base.data_type().is_float() || exponent.data_type().is_float() {
            floats(&dims, base, exponent)?
        } else {
            integers(&dims, base, exponent)?
        };
        one_tensor(dims, data)
    }
}

fn floats(dims: &[usize], base: &Tensor, exponent: &Tensor) -> Result<Data> {
    let (x, y) = (doubles(base.data())?, doubles(exponent.data())?);
    let powers = zip(dims, (base.dims(), &x), (exponent.dims(), &y), |a, b, out| match b {
        // Squares are what most models ask for.
        [2.0] => out.extend(a.iter().map(|a| a * a)),
        _ => called(a, b, out, real::pow),
    })?;
    let kind = base.data_type();
    Ok(if kind.is_float() {
        Number::narrow(powers, kind)
    } else {
        Number::narrow(powers.into_iter().map(to_i64).collect(), kind)
    })
}

fn integers(dims: &[usize], base: &Tensor, exponent: &Tensor) -> Result<Data> {
    let Wide::I64(x) = widen(base.data())? else { return Ok(base.data().clone()) };
    let y = match widen(exponent.data())? {
        Wide::I64(values) => values,
        Wide::U64(values) => values.iter().map(|v| (*v).min(i64::MAX as u64) as i64).collect(),
        Wide::F32(_) | Wide::F64(_) => return floats(dims, base, exponent),
    };
    let powers = zip(dims, (base.dims(), &x), (exponent.dims(), &y), |a, b, out| {
        called(a, b, out, power);
    })?;
    let powers = powers.into_iter().collect::<Option<Vec<i64>>>();
    let powers = powers.ok_or_else(|| failed("Zero has no negative power among integers."))?;
    Ok(Number::narrow(powers, base.data_type()))
}

/// `None` for a negative power of zero.
fn power(base: i64, exponent: i64) -> Option<i64> {
    match (base, u64::try_from(exponent)) {
        (0, Err(_)) => None,
        (1, _) => Some(1),
        (-1, _) => Some(if exponent % 2 == 0 { 1 } else { -1 }),
        (_, Err(_)) => Some(0),
        (base, Ok(mut exponent)) => {
            let (mut result, mut square) = (1i64, base);
            while exponent > 0 {
                if exponent & 1 == 1 {
                    result = result.wrapping_mul(square);
                }
                square = square.wrapping_mul(square);
                exponent >>= 1;
            }
            Some(result)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Code;
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::Data;

    fn pow(base: Data, exponent: Data) -> crate::Result<Data> {
        let (x, y) = (tensor(&[base.len()], base), tensor(&[exponent.len()], exponent));
        Ok(run(&*kernel("Pow", 15, 2, vec![]), &[x, y])?.data().clone())
    }

    /// onnxruntime 1.31, and numpy 2.4 for what does not fit.
    #[test]
    fn integers_are_exact() {
        let made =
            pow(Data::I64(vec![2, -2, 0, 1, -1, 3, 3]), Data::I64(vec![-1, 3, 0, -5, -3, 39, 41]));
        let wanted = vec![0, -8, 1, 1, -1, 4_052_555_153_018_976_267, -420_491_770_248_316_829];
        assert_eq!(made.unwrap(), Data::I64(wanted));
        assert_eq!(pow(Data::I32(vec![2]), Data::I32(vec![32])).unwrap(), Data::I32(vec![0]));
        let zero = pow(Data::I64(vec![0]), Data::I64(vec![-1]));
        assert_eq!(zero.unwrap_err().code(), Code::EngineFailed);
    }

    /// onnxruntime 1.31.
    #[test]
    fn types_mix() {
        let made = pow(Data::I64(vec![2, 3, 9]), Data::F32(vec![0.5, 2.7, -0.5])).unwrap();
        assert_eq!(made, Data::I64(vec![1, 19, 0]));
        let made = pow(Data::F32(vec![2.0, 3.0, 0.1]), Data::I64(vec![-2, 3, 2])).unwrap();
        assert_eq!(made, Data::F32(vec![0.25, 27.0, 0.010_000_001]));
        let made = pow(Data::F64(vec![0.1]), Data::F32(vec![2.0])).unwrap();
        assert_eq!(made, Data::F64(vec![0.010_000_000_000_000_002]));
    }
}
