//! `Equal` (ai.onnx 7, 11, 13, 19), `Less`, `Greater` (9, 13), `LessOrEqual`, `GreaterOrEqual`
//! (12, 16). Nothing compares with NaN.

use super::binary::{self, Row, called, short, simple, zip};
use super::element::{Wide, ordered, widen};
use crate::error::Result;
use crate::ops::{
    Definition, Fact, Kernel, Operator, made, replaced, required, shape, types, unsupported_type,
};
use crate::tensor::{Data, DataType, Tensor};

const fn operator(
    name: &'static str,
    versions: &'static [i64],
    inputs: &'static [&'static [DataType]],
) -> Operator {
    Operator { domain: "", name, versions, inputs, build }
}

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    operator("Equal", &[7, 11, 13, 19], &[types::ANY]),
    operator("Less", &[9, 13], &[types::NUMBER]),
    operator("LessOrEqual", &[12, 16], &[types::NUMBER]),
    operator("Greater", &[9, 13], &[types::NUMBER]),
    operator("GreaterOrEqual", &[12, 16], &[types::NUMBER]),
];

/// One comparison in each type that is computed in.
#[derive(Debug)]
struct Compare {
    /// Whether the second operand is the first of the comparison.
    swaps: bool,
    f32: Row<f32, bool>,
    f64: Row<f64, bool>,
    i64: Row<i64, bool>,
}

macro_rules! compare {
    ($operator:tt, $swaps:expr) => {
        Compare {
            swaps: $swaps,
            f32: |a, b, out| short(a, b, out, |a, b| a $operator b),
            f64: |a, b, out| short(a, b, out, |a, b| a $operator b),
            i64: |a, b, out| called(a, b, out, |a, b| a $operator b),
        }
    };
}

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    Ok(Box::new(match definition.operator.name {
        name @ ("Less" | "Greater") => compare!(<, name == "Greater"),
        name @ ("LessOrEqual" | "GreaterOrEqual") => compare!(<=, name == "GreaterOrEqual"),
        _ => compare!(==, false),
    }))
}

impl Compare {
    /// The operands in the comparison's order.
    fn operands<'t>(&self, inputs: &[Option<&'t Tensor>]) -> Result<(&'t Tensor, &'t Tensor)> {
        let (a, b) = (required(inputs, 0)?, required(inputs, 1)?);
        Ok(if self.swaps { (b, a) } else { (a, b) })
    }
}

impl Kernel for Compare {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        binary::infer(inputs, Some(DataType::Bool))
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (a, b) = self.operands(inputs)?;
        let dims = shape::broadcast(&[a.dims(), b.dims()])?;
        if let (Data::Str(x), Data::Str(y)) = (a.data(), b.data()) {
            // Texts are only told apart.
            let x: Vec<&str> = x.iter().map(|text| &**text).collect();
            let y: Vec<&str> = y.iter().map(|text| &**text).collect();
            let equal =
                |a: &[&str], b: &[&str], out: &mut Vec<bool>| short(a, b, out, |a, b| a == b);
            let found = zip(&dims, (a.dims(), &x), (b.dims(), &y), equal)?;
            return Ok(vec![Tensor::new(dims, Data::Bool(found))?]);
        }
        let found = match (widen(a.data())?, widen(b.data())?) {
            (Wide::F32(x), Wide::F32(y)) => zip(&dims, (a.dims(), &x), (b.dims(), &y), self.f32)?,
            (Wide::F64(x), Wide::F64(y)) => zip(&dims, (a.dims(), &x), (b.dims(), &y), self.f64)?,
            (Wide::I64(x), Wide::I64(y)) => zip(&dims, (a.dims(), &x), (b.dims(), &y), self.i64)?,
            (Wide::U64(x), Wide::U64(y)) => {
                let x: Vec<i64> = x.iter().map(|bits| ordered(*bits)).collect();
                let y: Vec<i64> = y.iter().map(|bits| ordered(*bits)).collect();
                zip(&dims, (a.dims(), &x), (b.dims(), &y), self.i64)?
            }
            _ => return Err(unsupported_type(b.data_type())),
        };
        Ok(vec![Tensor::new(dims, Data::Bool(found))?])
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let (a, b) = self.operands(inputs)?;
        let numbers = matches!(
            (a.data(), b.data()),
            (Data::F32(_), Data::F32(_))
                | (Data::F64(_), Data::F64(_))
                | (Data::I64(_), Data::I64(_))
        );
        let Some(dims) = simple(a, b).filter(|_| numbers) else {
            return replaced(self.run(inputs), outputs);
        };
        if let Data::Bool(out) = made(outputs, 0)?.reuse(DataType::Bool, dims) {
            out.clear();
            match (a.data(), b.data()) {
                (Data::F32(x), Data::F32(y)) => (self.f32)(x, y, out),
                (Data::F64(x), Data::F64(y)) => (self.f64)(x, y, out),
                (Data::I64(x), Data::I64(y)) => (self.i64)(x, y, out),
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::Data;

    fn compare(name: &str, a: Data, b: Data) -> Data {
        let inputs = [tensor(&[a.len()], a), tensor(&[b.len()], b)];
        run(&*kernel(name, 19, 2, vec![]), &inputs).unwrap().data().clone()
    }

    /// onnxruntime 1.31.
    #[test]
    fn nan_compares_with_nothing() {
        let x = || Data::F32(vec![f32::NAN, 1.0, 2.0]);
        for (name, wanted) in [
            ("Equal", [false, true, true]),
            ("LessOrEqual", [false, true, true]),
            ("Less", [false, false, false]),
            ("GreaterOrEqual", [false, true, true]),
        ] {
            assert_eq!(compare(name, x(), x()), Data::Bool(wanted.to_vec()), "{name}");
        }
    }

    #[cfg(feature = "extra")]
    #[test]
    fn large_integers_and_texts_compare() {
        let big = || Data::U64(vec![u64::MAX, 1 << 63, 0]);
        let made = compare("Greater", big(), Data::U64(vec![5]));
        assert_eq!(made, Data::Bool(vec![true, true, false]));
        let text = |all: &[&str]| Data::Str(all.iter().map(ToString::to_string).collect());
        let made = compare("Equal", text(&["a", "b"]), text(&["b"]));
        assert_eq!(made, Data::Bool(vec![false, true]));
        let made = compare("Equal", Data::Bool(vec![true, false]), Data::Bool(vec![false]));
        assert_eq!(made, Data::Bool(vec![false, true]));
    }
}
