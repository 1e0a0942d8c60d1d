//! `Clip` (ai.onnx 6: bounds are attributes; 11, 12, 13: bounds are inputs).
//!
//! Bounds that are left out are the type's largest finite numbers. Where the lower one is above
//! the upper one, everything is the upper one. NaN stays, and a bound of NaN is none.

use super::element::{Wide, doubles, map_floats, map_integers, widen};
use crate::error::Result;
use crate::ops::{
    Definition, Fact, Kernel, Operator, failed, invalid, one_tensor, optional, required, types,
};
use crate::tensor::{DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Clip",
    versions: &[6, 11, 12, 13],
    inputs: &[types::NUMBER],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    if definition.version >= 11 {
        definition.expect_inputs(1..=3)?;
        return Ok(Box::new(Clip { bounds: None }));
    }
    definition.expect_inputs(1..=1)?;
    let low = definition.attributes.float("min")?.unwrap_or(f32::MIN);
    let high = definition.attributes.float("max")?.unwrap_or(f32::MAX);
    Ok(Box::new(Clip { bounds: Some((low.into(), high.into())) }))
}

#[derive(Debug)]
struct Clip {
    /// `None` where they are inputs.
    bounds: Option<(f64, f64)>,
}

impl Kernel for Clip {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        if inputs.iter().flatten().any(|bound| bound.data_type != x.data_type) {
            return Err(invalid("The bounds of Clip have the type of what it clips."));
        }
        Ok(vec![x.with_type(x.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let (low, high) = (optional(inputs, 1), optional(inputs, 2));
        if [low, high].into_iter().flatten().any(|bound| bound.data().len() != 1) {
            return Err(failed("A bound of Clip is a single number."));
        }
        let data = if x.data_type().is_integer() {
            let low = integer(low)?.unwrap_or(i128::MIN);
            let high = integer(high)?.unwrap_or(i128::MAX);
            map_integers(x.data(), &|x| x.max(low).min(high))?
        } else {
            let most = match x.data_type() {
                DataType::Float16 => 65504.0,
                DataType::Float32 => f32::MAX.into(),
                _ => f64::MAX,
            };
            let (low, high) = match self.bounds {
                Some(bounds) => bounds,
                None => (float(low)?.unwrap_or(-most), float(high)?.unwrap_or(most)),
            };
            map_floats(x.data(), &|x| {
                let x = if x < low { low } else { x };
                if x > high { high } else { x }
            })?
        };
        one_tensor(x.dims().to_vec(), data)
    }
}

fn float(bound: Option<&Tensor>) -> Result<Option<f64>> {
    let Some(bound) = bound else { return Ok(None) };
    Ok(doubles(bound.data())?.first().copied())
}

fn integer(bound: Option<&Tensor>) -> Result<Option<i128>> {
    let Some(bound) = bound else { return Ok(None) };
    Ok(match widen(bound.data())? {
        Wide::I64(values) => values.first().map(|value| (*value).into()),
        Wide::U64(values) => values.first().map(|value| (*value).into()),
        Wide::F32(_) | Wide::F64(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::ops::Attribute;
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::{Data, Tensor};

    fn floats(values: &[f32]) -> Tensor {
        tensor(&[values.len()], Data::F32(values.to_vec()))
    }

    fn scalar(value: f32) -> Tensor {
        tensor(&[], Data::F32(vec![value]))
    }

    /// onnxruntime 1.31.
    #[test]
    fn bounds_may_be_missing_crossed_or_nan() {
        let x = floats(&[1.0, f32::INFINITY, 5.0, -5.0]);
        let of = |low: f32, high: f32| {
            let inputs = [x.clone(), scalar(low), scalar(high)];
            run(&*kernel("Clip", 13, 3, vec![]), &inputs).unwrap()
        };
        assert_eq!(of(0.0, 3.0), floats(&[1.0, 3.0, 3.0, 0.0]));
        assert_eq!(of(3.0, 0.0), floats(&[0.0; 4]));
        assert_eq!(of(f32::NAN, 0.0), floats(&[0.0, 0.0, 0.0, -5.0]));
        let none = run(&*kernel("Clip", 13, 1, vec![]), std::slice::from_ref(&x)).unwrap();
        assert_eq!(none, floats(&[1.0, f32::MAX, 5.0, -5.0]));
        let nan = run(&*kernel("Clip", 13, 1, vec![]), &[floats(&[f32::NAN])]).unwrap();
        assert_ne!(nan, nan);
        let old = kernel("Clip", 9, 1, vec![("max", Attribute::Float(2.0))]);
        assert_eq!(run(&*old, &[x]).unwrap(), floats(&[1.0, 2.0, 2.0, -5.0]));
    }

    #[cfg(feature = "extra")]
    #[test]
    fn integers_are_clipped_exactly() {
        let of = |values: Vec<u64>| tensor(&[values.len()], Data::U64(values));
        let inputs = [of(vec![0, u64::MAX, 7]), of(vec![1]), of(vec![u64::MAX - 1])];
        let made = run(&*kernel("Clip", 12, 3, vec![]), &inputs).unwrap();
        assert_eq!(made, of(vec![1, u64::MAX - 1, 7]));
        let wide = [of(vec![1]), of(vec![1, 2])];
        assert!(run(&*kernel("Clip", 12, 2, vec![]), &wide).is_err());
    }
}
