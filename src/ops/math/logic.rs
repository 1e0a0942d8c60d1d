//! `And`, `Or`, `Xor` (ai.onnx 7) and `Not` (1).

use super::binary::{self, Binary, Rows, called};
use crate::error::Result;
use crate::ops::{
    Definition, Fact, Kernel, Operator, one_tensor, required, types, unsupported_type,
};
use crate::tensor::{Data, Tensor};

const fn operator(name: &'static str, versions: &'static [i64]) -> Operator {
    Operator { domain: "", name, versions, inputs: &[types::BOOL], build }
}

/// The family's operators.
pub const OPERATORS: &[Operator] =
    &[operator("And", &[7]), operator("Or", &[7]), operator("Xor", &[7]), operator("Not", &[1])];

const fn rows(row: binary::Row<i64>) -> Rows {
    Rows { f32: None, f64: None, i64: Some(row), u64: None }
}

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    let rows = match definition.operator.name {
        "And" => rows(|a, b, out| called(a, b, out, |a, b| a & b)),
        "Or" => rows(|a, b, out| called(a, b, out, |a, b| a | b)),
        "Xor" => rows(|a, b, out| called(a, b, out, |a, b| a ^ b)),
        _ => {
            definition.expect_inputs(1..=1)?;
            return Ok(Box::new(Not));
        }
    };
    definition.expect_inputs(2..=2)?;
    Ok(Box::new(Binary { rows }))
}

#[derive(Debug)]
struct Not;

impl Kernel for Not {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        Ok(vec![x.with_type(x.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let Data::Bool(values) = x.data() else { return Err(unsupported_type(x.data_type())) };
        let data = Data::Bool(values.iter().map(|value| !value).collect());
        one_tensor(x.dims().to_vec(), data)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::Data;

    #[test]
    fn truth_tables() {
        let a = tensor(&[2, 1], Data::Bool(vec![false, true]));
        let b = tensor(&[2], Data::Bool(vec![false, true]));
        for (name, wanted) in [
            ("And", [false, false, false, true]),
            ("Or", [false, true, true, true]),
            ("Xor", [false, true, true, false]),
        ] {
            let made = run(&*kernel(name, 9, 2, vec![]), &[a.clone(), b.clone()]).unwrap();
            assert_eq!(made, tensor(&[2, 2], Data::Bool(wanted.to_vec())), "{name}");
        }
        let not = run(&*kernel("Not", 9, 1, vec![]), &[b]).unwrap();
        assert_eq!(not.data(), &Data::Bool(vec![true, false]));
    }
}
