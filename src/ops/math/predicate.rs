//! `IsNaN` (ai.onnx 9, 13, 20) and `IsInf` (10, 20).

use super::element::doubles;
use crate::error::Result;
use crate::ops::{Definition, Fact, Kernel, Operator, one_tensor, required, types};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator { domain: "", name: "IsNaN", versions: &[9, 13, 20], inputs: &[types::FLOAT], build },
    #[cfg(feature = "extra")]
    Operator { domain: "", name: "IsInf", versions: &[10, 20], inputs: &[types::FLOAT], build },
];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let nan = !cfg!(feature = "extra") || definition.operator.name == "IsNaN";
    let mut detects = |name| Ok(!nan && definition.attributes.flag(name)?.unwrap_or(true));
    let (positive, negative) = (detects("detect_positive")?, detects("detect_negative")?);
    Ok(Box::new(Predicate { nan, positive, negative }))
}

/// Whether an element is one of these.
#[derive(Debug)]
struct Predicate {
    nan: bool,
    positive: bool,
    negative: bool,
}

impl Kernel for Predicate {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        Ok(vec![required(inputs, 0)?.with_type(DataType::Bool)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let holds = |x: &f64| {
            (self.nan && x.is_nan())
                || (self.positive && *x == f64::INFINITY)
                || (self.negative && *x == f64::NEG_INFINITY)
        };
        let found = doubles(x.data())?.iter().map(holds).collect();
        one_tensor(x.dims().to_vec(), Data::Bool(found))
    }
}

#[cfg(all(test, feature = "extra"))]
mod tests {
    use crate::ops::Attribute;
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::Data;

    /// onnxruntime 1.31.
    #[test]
    fn nan_and_infinities_are_told_apart() {
        let x = tensor(&[4], Data::F32(vec![f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1.0]));
        let of = |name, attributes| {
            let made = run(&*kernel(name, 20, 1, attributes), std::slice::from_ref(&x)).unwrap();
            made.data().clone()
        };
        assert_eq!(of("IsNaN", vec![]), Data::Bool(vec![false, false, true, false]));
        assert_eq!(of("IsInf", vec![]), Data::Bool(vec![true, true, false, false]));
        let positive = vec![("detect_negative", Attribute::Int(0))];
        assert_eq!(of("IsInf", positive), Data::Bool(vec![true, false, false, false]));
    }
}
