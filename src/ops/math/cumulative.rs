//! `CumSum` (ai.onnx 11, 14) and `CumProd` (26).

use super::axes::integers;
use super::element::{Number, doubles};
use super::lanes::Lanes;
use crate::error::Result;
use crate::ops::math::element::{Wide, widen};
use crate::ops::{Definition, Fact, Kernel, Operator, failed, one_tensor, required, types};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "",
        name: "CumSum",
        versions: &[11, 14],
        inputs: &[types::NUMBER, types::INDEX],
        build,
    },
    #[cfg(feature = "extra")]
    Operator {
        domain: "",
        name: "CumProd",
        versions: &[26],
        inputs: &[types::NUMBER, types::INDEX],
        build,
    },
];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    Ok(Box::new(Cumulative {
        product: cfg!(feature = "extra") && definition.operator.name == "CumProd",
        exclusive: definition.attributes.flag("exclusive")?.unwrap_or(false),
        reverse: definition.attributes.flag("reverse")?.unwrap_or(false),
    }))
}

#[derive(Debug)]
struct Cumulative {
    product: bool,
    exclusive: bool,
    reverse: bool,
}

impl Cumulative {
    fn rewrite<T: Copy>(
        &self,
        values: &mut [T],
        lanes: Lanes,
        neutral: T,
        function: fn(T, T) -> T,
    ) {
        lanes.rewrite(values, |lane| {
            if self.reverse {
                lane.reverse();
            }
            let mut total = neutral;
            for x in &mut *lane {
                let next = function(total, *x);
                *x = if self.exclusive { total } else { next };
                total = next;
            }
            if self.reverse {
                lane.reverse();
            }
        });
    }
}

impl Kernel for Cumulative {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        Ok(vec![x.with_type(x.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let [axis] = integers(required(inputs, 1)?)?[..] else {
            return Err(failed("The axis to accumulate along is a single number."));
        };
        let lanes = Lanes::along(x.dims(), axis).map_err(|error| failed(error.message()))?;
        let kind = x.data_type();
        let data = if kind.is_float() {
            let mut values = doubles(x.data())?.into_owned();
            match self.product {
                true => self.rewrite(&mut values, lanes, 1.0, |a, b| a * b),
                false => self.rewrite(&mut values, lanes, 0.0, |a, b| a + b),
            }
            Number::narrow(values, kind)
        } else {
            // Sums and products modulo 2^64 have the same bits, signed or not.
            let mut values = match widen(x.data())? {
                Wide::I64(values) => values.into_owned(),
                Wide::U64(values) => values.iter().map(|value| *value as i64).collect(),
                Wide::F32(_) | Wide::F64(_) => vec![],
            };
            match self.product {
                true => self.rewrite(&mut values, lanes, 1, i64::wrapping_mul),
                false => self.rewrite(&mut values, lanes, 0, i64::wrapping_add),
            }
            Number::narrow(values, kind)
        };
        one_tensor(x.dims().to_vec(), data)
    }
}

#[cfg(all(test, feature = "extra"))]
mod tests {
    use crate::ops::Attribute;
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::{Data, Tensor};

    fn of(name: &str, x: &Tensor, axis: i32, exclusive: i64, reverse: i64) -> Data {
        let attributes =
            vec![("exclusive", Attribute::Int(exclusive)), ("reverse", Attribute::Int(reverse))];
        let inputs = [x.clone(), tensor(&[], Data::I32(vec![axis]))];
        run(&*kernel(name, 26, 2, attributes), &inputs).unwrap().data().clone()
    }

    /// onnxruntime 1.31; products as the specification has them.
    #[test]
    fn directions_and_exclusion() {
        let x = tensor(&[3], Data::F32(vec![1.0, 2.0, 3.0]));
        assert_eq!(of("CumSum", &x, 0, 0, 0), Data::F32(vec![1.0, 3.0, 6.0]));
        assert_eq!(of("CumSum", &x, 0, 1, 1), Data::F32(vec![5.0, 3.0, 0.0]));
        assert_eq!(of("CumProd", &x, -1, 1, 0), Data::F32(vec![1.0, 1.0, 2.0]));
        assert_eq!(of("CumProd", &x, -1, 0, 1), Data::F32(vec![6.0, 6.0, 3.0]));
        let x = tensor(&[2, 2], Data::U64(vec![1, 2, u64::MAX, 4]));
        assert_eq!(of("CumSum", &x, 0, 0, 0), Data::U64(vec![1, 2, 0, 6]));
        let scalar = [tensor(&[], Data::F32(vec![1.0])), tensor(&[], Data::I64(vec![0]))];
        assert!(
            kernel("CumSum", 14, 2, vec![]).run(&[Some(&scalar[0]), Some(&scalar[1])]).is_err()
        );
    }
}
