//! `Where` (ai.onnx 9, 16).

use super::loops::Loops;
use crate::error::Result;
use crate::ops::{
    Definition, Fact, Kernel, Operator, failed, invalid, one_fact, one_tensor, required, shape,
    types, unsupported_type,
};
use crate::tensor::{Data, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Where",
    versions: &[9, 16],
    inputs: &[types::BOOL, types::ANY, types::ANY],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(3..=3)?;
    Ok(Box::new(Where))
}

#[derive(Debug)]
struct Where;

impl Kernel for Where {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (condition, x, y) = (required(inputs, 0)?, required(inputs, 1)?, required(inputs, 2)?);
        if x.data_type != y.data_type {
            return Err(invalid(format!(
                "Where selects from one type, and is given {} and {}. Cast one of them.",
                x.data_type.name(),
                y.data_type.name()
            )));
        }
        let shapes = [condition, x, y].map(|fact| fact.shape.as_deref());
        one_fact(x.data_type, shape::broadcast_dims(&shapes)?)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (condition, x, y) = (required(inputs, 0)?, required(inputs, 1)?, required(inputs, 2)?);
        let Data::Bool(holds) = condition.data() else {
            return Err(unsupported_type(condition.data_type()));
        };
        let operands = [condition.dims(), x.dims(), y.dims()];
        let dims = shape::broadcast(&operands)?;
        // What is selected are positions in x with y behind it.
        let mut positions = Vec::with_capacity(shape::elements(&dims)?);
        let loops = Loops::new(&dims, &operands.map(|own| shape::broadcast_strides(own, &dims)));
        loops.each(&mut |offsets| {
            for index in 0..loops.length {
                let at = |operand: usize| offsets[operand] + index * loops.steps[operand];
                positions.push(if holds[at(0)] { at(1) } else { x.data().len() + at(2) });
            }
        });
        let mut both = x.data().clone();
        if !both.extend_from(y.data(), 0..y.data().len()) {
            return Err(unsupported_type(y.data_type()));
        }
        let data = both.pick(&positions).ok_or_else(|| failed("Where reads beyond its inputs."))?;
        one_tensor(dims, data)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::Data;

    /// numpy 2.4 `where`.
    #[test]
    fn three_operands_broadcast() {
        let condition = tensor(&[2, 1], Data::Bool(vec![true, false]));
        let x = tensor(&[3], Data::I32(vec![1, 2, 3]));
        let y = tensor(&[], Data::I32(vec![9]));
        let made = run(&*kernel("Where", 16, 3, vec![]), &[condition, x, y]).unwrap();
        assert_eq!(made, tensor(&[2, 3], Data::I32(vec![1, 2, 3, 9, 9, 9])));
    }

    #[test]
    fn texts_are_selected() {
        let text = |all: &[&str]| {
            tensor(&[all.len()], Data::Str(all.iter().map(ToString::to_string).collect()))
        };
        let condition = tensor(&[2], Data::Bool(vec![true, false]));
        let inputs = [condition, text(&["a", "b"]), text(&["c"])];
        let made = run(&*kernel("Where", 9, 3, vec![]), &inputs).unwrap();
        assert_eq!(made, text(&["a", "c"]));
    }
}
