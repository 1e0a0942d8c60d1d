//! `Max`, `Min` (ai.onnx 8, 12, 13), `Sum`, `Mean` (8, 13): any number of tensors that broadcast.
//!
//! A NaN among the elements that `Max` and `Min` compare is what they give.

use super::arithmetic::ADD;
use super::binary::{self, Rows, called};
use super::element::map_floats;
use crate::error::Result;
use crate::ops::{Definition, Fact, Kernel, Operator, invalid, made, replaced, required, types};
use crate::tensor::Tensor;

const fn operator(
    name: &'static str,
    versions: &'static [i64],
    inputs: &'static [&'static [crate::tensor::DataType]],
) -> Operator {
    Operator { domain: "", name, versions, inputs, build }
}

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    operator("Max", &[8, 12, 13], &[types::NUMBER]),
    operator("Min", &[8, 12, 13], &[types::NUMBER]),
    operator("Sum", &[8, 13], &[types::FLOAT]),
    operator("Mean", &[8, 13], &[types::FLOAT]),
];

macro_rules! larger {
    ($compare:tt) => {
        |a, b, out| called(a, b, out, |a, b| if a $compare b || a.is_nan() { a } else { b })
    };
}
const MAX: Rows = Rows {
    f32: Some(larger!(>)),
    f64: Some(larger!(>)),
    i64: Some(|a, b, out| called(a, b, out, i64::max)),
    u64: binary::rare(|a, b, out| called(a, b, out, u64::max)),
};
const MIN: Rows = Rows {
    f32: Some(larger!(<)),
    f64: Some(larger!(<)),
    i64: Some(|a, b, out| called(a, b, out, i64::min)),
    u64: binary::rare(|a, b, out| called(a, b, out, u64::min)),
};
fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    if definition.inputs.is_empty() || definition.inputs.contains(&false) {
        return Err(invalid(format!(
            "{} takes one input or more, all of them connected.",
            definition.operator.name
        )));
    }
    let rows = match definition.operator.name {
        "Max" => MAX,
        "Min" => MIN,
        _ => ADD,
    };
    Ok(Box::new(Variadic { rows, mean: definition.operator.name == "Mean" }))
}

#[derive(Debug)]
struct Variadic {
    rows: Rows,
    mean: bool,
}

impl Kernel for Variadic {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        binary::infer(inputs, None)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let mut made = required(inputs, 0)?.clone();
        for other in inputs.iter().skip(1).flatten() {
            made = binary::compute(&self.rows, &made, other)?;
        }
        if self.mean {
            let (dims, data) = made.into_parts();
            let count = inputs.len() as f64;
            made = Tensor::new(dims, map_floats(&data, &|sum| sum / count)?)?;
        }
        Ok(vec![made])
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        if let ([Some(a), Some(b)], false) = (inputs, self.mean)
            && binary::compute_into(&self.rows, a, b, made(outputs, 0)?)
        {
            return Ok(());
        }
        replaced(self.run(inputs), outputs)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::Data;

    /// onnxruntime 1.31: NaN on either side, on one side only, and infinities.
    #[test]
    fn nan_wins() {
        let a = tensor(&[4], Data::F32(vec![1.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY]));
        let b = tensor(&[4], Data::F32(vec![f32::NAN, 2.0, 3.0, 1.0]));
        for (name, wanted) in [("Max", [f32::INFINITY, 1.0]), ("Min", [3.0, f32::NEG_INFINITY])] {
            let made = run(&*kernel(name, 13, 2, vec![]), &[a.clone(), b.clone()]).unwrap();
            let Data::F32(values) = made.data() else { panic!("{made:?}") };
            assert!(values[0].is_nan() && values[1].is_nan());
            assert_eq!(values[2..], wanted);
        }
    }

    /// onnxruntime 1.31.
    #[test]
    fn all_inputs_broadcast() {
        let inputs = [
            tensor(&[2], Data::F32(vec![1.0, 2.0])),
            tensor(&[2, 1], Data::F32(vec![3.0, 4.0])),
            tensor(&[], Data::F32(vec![1.0])),
        ];
        let mean = run(&*kernel("Mean", 13, 3, vec![]), &inputs).unwrap();
        assert_eq!(mean.data(), &Data::F32(vec![1.666_666_6, 2.0, 2.0, 2.333_333_3]));
        let sum = run(&*kernel("Sum", 13, 3, vec![]), &inputs).unwrap();
        assert_eq!((sum.dims(), sum.data()), (&[2, 2][..], &Data::F32(vec![5.0, 6.0, 6.0, 7.0])));
        let one = run(&*kernel("Max", 8, 1, vec![]), &inputs[..1]).unwrap();
        assert_eq!(one, inputs[0]);
    }
}
