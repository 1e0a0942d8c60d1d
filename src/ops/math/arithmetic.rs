//! `Add`, `Sub`, `Mul`, `Div` (ai.onnx 7, 13, 14).
//!
//! Integers wrap. The division of integers truncates; by zero it is an error.

use super::binary::{self, Rows, called, row, short};
use super::element::{Wide, widen};
use crate::error::Result;
use crate::ops::sparse::Change;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, made, replaced, required, types,
};
use crate::tensor::{Data, Tensor};

macro_rules! operators {
    ($($name:literal),*) => {
        /// The family's operators.
        pub const OPERATORS: &[Operator] = &[$(Operator {
            domain: "",
            name: $name,
            versions: &[7, 13, 14],
            inputs: &[types::NUMBER],
            build,
        }),*];
    };
}
operators!("Add", "Sub", "Mul", "Div");

/// Addition.
pub const ADD: Rows = Rows {
    f32: Some(|a, b, out| row(a, b, out, |a, b| a + b)),
    f64: Some(|a, b, out| short(a, b, out, |a, b| a + b)),
    i64: Some(|a, b, out| called(a, b, out, i64::wrapping_add)),
    u64: binary::rare(|a, b, out| called(a, b, out, u64::wrapping_add)),
};
const SUB: Rows = Rows {
    f32: Some(|a, b, out| row(a, b, out, |a, b| a - b)),
    f64: Some(|a, b, out| short(a, b, out, |a, b| a - b)),
    i64: Some(|a, b, out| called(a, b, out, i64::wrapping_sub)),
    u64: binary::rare(|a, b, out| called(a, b, out, u64::wrapping_sub)),
};
const MUL: Rows = Rows {
    f32: Some(|a, b, out| row(a, b, out, |a, b| a * b)),
    f64: Some(|a, b, out| short(a, b, out, |a, b| a * b)),
    i64: Some(|a, b, out| called(a, b, out, i64::wrapping_mul)),
    u64: binary::rare(|a, b, out| called(a, b, out, u64::wrapping_mul)),
};
// Divisors are checked before; `max` keeps the functions total.
const DIV: Rows = Rows {
    f32: Some(|a, b, out| row(a, b, out, |a, b| a / b)),
    f64: Some(|a, b, out| short(a, b, out, |a, b| a / b)),
    i64: Some(|a, b, out| called(a, b, out, |a, b| if b == 0 { 0 } else { a.wrapping_div(b) })),
    u64: binary::rare(|a, b, out| called(a, b, out, |a, b| a / b.max(1))),
};

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    let rows = match definition.operator.name {
        "Add" => ADD,
        "Sub" => SUB,
        "Mul" => MUL,
        _ => return Ok(Box::new(Arithmetic { rows: DIV, divides: true, multiplies: false })),
    };
    let multiplies = definition.operator.name == "Mul";
    Ok(Box::new(Arithmetic { rows, divides: false, multiplies }))
}

#[derive(Debug)]
struct Arithmetic {
    rows: Rows,
    divides: bool,
    multiplies: bool,
}

impl Kernel for Arithmetic {
    fn change(&self, inputs: &[Option<&Fact>]) -> Option<Change> {
        let [Some(rows), Some(factors)] = inputs else { return None };
        let (shape, factors) = (rows.shape.as_deref()?, factors.value.as_deref()?);
        let (Data::F32(values), [count] | [1, count]) = (factors.data(), factors.dims()) else {
            return None;
        };
        let fits = self.multiplies
            && shape.last() == Some(&Dim::Known(*count))
            && shape.len() >= factors.dims().len()
            && values.iter().all(|value| value.is_finite());
        fits.then(|| Change::Times(values.clone()))
    }

    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        binary::infer(inputs, None)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (a, b) = (required(inputs, 0)?, required(inputs, 1)?);
        if self.divides && !a.data().is_empty() {
            refuse_zeros(b)?;
        }
        Ok(vec![binary::compute(&self.rows, a, b)?])
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let (a, b) = (required(inputs, 0)?, required(inputs, 1)?);
        if binary::compute_into(&self.rows, a, b, made(outputs, 0)?) {
            return Ok(());
        }
        replaced(self.run(inputs), outputs)
    }
}

/// Refuses whole numbers that nothing can be divided by.
///
/// # Errors
/// `ENGINE_FAILED`.
pub fn refuse_zeros(divisors: &Tensor) -> Result<()> {
    let zero = match widen(divisors.data())? {
        Wide::I64(values) => values.contains(&0),
        Wide::U64(values) => values.contains(&0),
        Wide::F32(_) | Wide::F64(_) => false,
    };
    if zero {
        return Err(failed("An integer is divided by zero."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::error::Code;
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::Data;

    fn compute(name: &str, a: (&[usize], Data), b: (&[usize], Data)) -> crate::Result<Data> {
        let kernel = kernel(name, 14, 2, vec![]);
        run(&*kernel, &[tensor(a.0, a.1), tensor(b.0, b.1)]).map(|made| made.data().clone())
    }

    /// onnxruntime 1.31.
    #[cfg(feature = "extra")]
    #[test]
    fn integers_wrap_and_truncate() {
        let of = |name, a: Vec<i8>, b: Vec<i8>| {
            compute(name, (&[a.len()], Data::I8(a)), (&[b.len()], Data::I8(b))).unwrap()
        };
        assert_eq!(of("Add", vec![127, -128], vec![1]), Data::I8(vec![-128, -127]));
        assert_eq!(of("Mul", vec![100, -128], vec![2, -1]), Data::I8(vec![-56, -128]));
        assert_eq!(of("Div", vec![7, -7, -128], vec![2, 2, -1]), Data::I8(vec![3, -3, -128]));
        let least = compute("Div", (&[], Data::I64(vec![i64::MIN])), (&[], Data::I64(vec![-1])));
        assert_eq!(least.unwrap(), Data::I64(vec![i64::MIN]));
    }

    #[test]
    fn integers_are_not_divided_by_zero() {
        let error = compute("Div", (&[2], Data::I32(vec![1, 2])), (&[], Data::I32(vec![0])));
        assert_eq!(error.unwrap_err().code(), Code::EngineFailed);
        let none = compute("Div", (&[0], Data::I32(vec![])), (&[], Data::I32(vec![0])));
        assert_eq!(none.unwrap(), Data::I32(vec![]));
        let floats = compute("Div", (&[], Data::F32(vec![1.0])), (&[], Data::F32(vec![0.0])));
        assert_eq!(floats.unwrap(), Data::F32(vec![f32::INFINITY]));
    }

    #[test]
    fn shapes_broadcast() {
        let made = compute(
            "Sub",
            (&[2, 1], Data::F64(vec![10.0, 20.0])),
            (&[3], Data::F64(vec![1.0, 2.0, 3.0])),
        );
        assert_eq!(made.unwrap(), Data::F64(vec![9.0, 8.0, 7.0, 19.0, 18.0, 17.0]));
        let empty = compute("Add", (&[0, 2], Data::F32(vec![])), (&[2], Data::F32(vec![1.0, 2.0])));
        assert_eq!(empty.unwrap(), Data::F32(vec![]));
        let wrong = compute(
            "Add",
            (&[2], Data::F32(vec![1.0, 2.0])),
            (&[3], Data::F32(vec![1.0, 2.0, 3.0])),
        );
        assert_eq!(wrong.unwrap_err().code(), Code::EngineFailed);
    }
}
