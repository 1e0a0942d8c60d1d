//! `Shape` (ai.onnx 1, 13, 15, 19, 21, 23, 24, 25; a part of it since 15).

use std::sync::Arc;

use crate::error::Result;
use crate::ops::{Definition, Dim, Fact, Kernel, Operator, one_fact, required, types};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Shape",
    versions: &[1, 13, 15, 19, 21, 23, 24, 25],
    inputs: &[types::ANY],
    build: build_shape,
}];

fn build_shape(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let (mut start, mut end) = (0, i64::MAX);
    if definition.version >= 15 {
        start = definition.attributes.int("start")?.unwrap_or(start);
        end = definition.attributes.int("end")?.unwrap_or(end);
    }
    Ok(Box::new(Shape { start, end }))
}

/// The dimensions from `start` to before `end`; negative ones count from the back, and what lies
/// outside is the nearest end.
#[derive(Debug)]
struct Shape {
    start: i64,
    end: i64,
}

impl Shape {
    fn part<'d, T>(&self, dims: &'d [T]) -> &'d [T] {
        let rank = dims.len() as i64;
        let clamp = |index: i64| {
            let index = if index < 0 { index.saturating_add(rank) } else { index };
            index.clamp(0, rank) as usize
        };
        dims.get(clamp(self.start)..clamp(self.end)).unwrap_or_default()
    }
}

/// A vector of lengths.
fn vector(dims: &[usize]) -> Result<Tensor> {
    Tensor::new(vec![dims.len()], Data::I64(dims.iter().map(|dim| *dim as i64).collect()))
}

impl Kernel for Shape {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let Some(shape) = &required(inputs, 0)?.shape else {
            return one_fact(DataType::Int64, vec![Dim::Unknown]);
        };
        let part = self.part(shape);
        let known: Option<Vec<usize>> = part.iter().map(|dim| dim.known()).collect();
        Ok(vec![match known {
            Some(known) => Fact::constant(Arc::new(vector(&known)?)),
            None => Fact::fixed(DataType::Int64, &[part.len()]),
        }])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        Ok(vec![vector(self.part(required(inputs, 0)?.dims()))?])
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{check, counting, ints};
    use super::*;
    use crate::ops::Attribute;

    /// onnxruntime 1.31.
    #[test]
    fn a_part_of_the_shape() {
        for (start, end, wanted) in [
            (0, i64::MAX, &[2, 3, 4][..]),
            (1, -1, &[3]),
            (-9, 2, &[2, 3]),
            (2, 1, &[]),
            (9, 9, &[]),
            (i64::MIN, i64::MIN, &[]),
        ] {
            let attributes = vec![("start", Attribute::Int(start)), ("end", Attribute::Int(end))];
            let made = check("Shape", 15, 1, attributes, &[counting(&[2, 3, 4])]).unwrap();
            assert_eq!(made[0], ints(wanted));
        }
    }

    #[test]
    fn a_free_batch_is_no_constant_and_the_rest_is() {
        let fact = Fact::new(DataType::Float32, vec![Dim::Symbol(0), Dim::Known(4)]);
        let made = Shape { start: 0, end: i64::MAX }.infer(&[Some(&fact)]).unwrap();
        assert_eq!(made, [Fact::fixed(DataType::Int64, &[2])]);
        let made = Shape { start: 1, end: i64::MAX }.infer(&[Some(&fact)]).unwrap();
        assert_eq!(made[0].value.as_deref(), Some(&ints(&[4])));
    }
}
