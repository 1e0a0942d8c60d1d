//! `Mod` (ai.onnx 10, 13, 28): the remainder with the divisor's sign, or with the dividend's
//! (`fmod` = 1). Versions before 28 give floating-point numbers the second kind only.

use super::arithmetic::refuse_zeros;
use super::binary::{self, Rows, called};
use crate::error::Result;
use crate::ops::{Definition, Fact, Kernel, Operator, invalid, required, types};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Mod",
    versions: &[10, 13, 28],
    inputs: &[types::NUMBER],
    build,
}];

const TRUNCATED: Rows = Rows {
    f32: Some(|a, b, out| called(a, b, out, |a, b| a % b)),
    f64: Some(|a, b, out| called(a, b, out, |a, b| a % b)),
    i64: Some(|a, b, out| called(a, b, out, |a, b| if b == 0 { 0 } else { a.wrapping_rem(b) })),
    u64: Some(|a, b, out| called(a, b, out, |a, b| a % b.max(1))),
};
const FLOORED: Rows = Rows {
    f32: Some(|a, b, out| {
        called(a, b, out, |a, b| floored(f64::from(a), f64::from(b)) as f32);
    }),
    f64: Some(|a, b, out| called(a, b, out, floored)),
    i64: Some(|a, b, out| {
        called(a, b, out, |a, b| {
            let rest = if b == 0 { 0 } else { a.wrapping_rem(b) };
            if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
        });
    }),
    u64: TRUNCATED.u64,
};

/// numpy's `mod`: a remainder of zero has the divisor's sign.
fn floored(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest == 0.0 {
        return 0f64.copysign(b);
    }
    if (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
}

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    let fmod = definition.attributes.flag("fmod")?.unwrap_or(false);
    let rows = if fmod { TRUNCATED } else { FLOORED };
    Ok(Box::new(Mod { rows, floats: fmod || definition.version >= 28 }))
}

#[derive(Debug)]
struct Mod {
    rows: Rows,
    floats: bool,
}

impl Kernel for Mod {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        if !self.floats && required(inputs, 0)?.data_type.is_float() {
            return Err(invalid(
                "Mod of floating-point numbers needs the attribute `fmod` to be 1 before opset 28.",
            ));
        }
        binary::infer(inputs, None)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (a, b) = (required(inputs, 0)?, required(inputs, 1)?);
        if !a.data().is_empty() {
            refuse_zeros(b)?;
        }
        Ok(vec![binary::compute(&self.rows, a, b)?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Attribute;
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::{Data, DataType};

    /// onnxruntime 1.31.
    #[test]
    fn signs_follow_divisor_or_dividend() {
        let a = tensor(&[4], Data::I64(vec![5, -5, 5, -5]));
        let b = tensor(&[4], Data::I64(vec![3, 3, -3, -3]));
        let floored = run(&*kernel("Mod", 13, 2, vec![]), &[a.clone(), b.clone()]).unwrap();
        assert_eq!(floored.data(), &Data::I64(vec![2, 1, -1, -2]));
        let fmod = kernel("Mod", 13, 2, vec![("fmod", Attribute::Int(1))]);
        assert_eq!(run(&*fmod, &[a, b]).unwrap().data(), &Data::I64(vec![2, -2, 2, -2]));
        let a = tensor(&[3], Data::F32(vec![5.5, -5.5, -5.0]));
        let b = tensor(&[3], Data::F32(vec![3.0, 3.0, f32::INFINITY]));
        assert_eq!(run(&*fmod, &[a, b]).unwrap().data(), &Data::F32(vec![2.5, -2.5, -5.0]));
    }

    /// numpy 2.4 `mod`.
    #[test]
    fn floats_are_floored_from_28_on() {
        let fact = Fact::fixed(DataType::Float32, &[2]);
        assert!(kernel("Mod", 13, 2, vec![]).infer(&[Some(&fact), Some(&fact)]).is_err());
        let a = tensor(&[5], Data::F64(vec![-4.3, 7.2, 5.0, -1.0, -0.0]));
        let b = tensor(&[5], Data::F64(vec![2.1, -3.4, 5.0, f64::INFINITY, 3.0]));
        let made = run(&*kernel("Mod", 28, 2, vec![]), &[a, b]).unwrap();
        let Data::F64(values) = made.data() else { panic!("{made:?}") };
        assert!((values[0] - 2.0).abs() < 1e-12 && (values[1] + 3.0).abs() < 1e-12);
        assert_eq!(values[2..4], [0.0, f64::INFINITY]);
        assert!(values[4] == 0.0 && values[4].is_sign_positive());
    }
}
