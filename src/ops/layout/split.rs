//! `Split` (ai.onnx 2, 11, 13, 18; the lengths are an input since 13, their number an attribute
//! since 18).

use super::shared::{constant, in_run, optional_integers};
use crate::error::{Result, list};
use crate::ops::shape::{axis, elements};
use crate::ops::{Definition, Dim, Fact, Kernel, Operator, failed, invalid, required, types};
use crate::tensor::{Data, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Split",
    versions: &[2, 11, 13, 18],
    inputs: &[types::ANY, types::INT64],
    build,
}];

/// The most outputs a node may have.
const MAX_OUTPUTS: usize = 1 << 16;

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    let version = definition.version;
    let attributes = &mut definition.attributes;
    let axis = attributes.int("axis")?.unwrap_or(0);
    let lengths = if version < 13 { attributes.ints("split")? } else { None };
    let number = if version >= 18 { attributes.int("num_outputs")? } else { None };
    definition.expect_inputs(1..=if version < 13 { 1 } else { 2 })?;
    let outputs = definition.outputs.len();
    let number = match number {
        None => outputs,
        Some(number) => usize::try_from(number)
            .ok()
            .filter(|number| (outputs.max(1)..=MAX_OUTPUTS).contains(number))
            .ok_or_else(|| {
                invalid(format!("Split makes {number} outputs, and has {outputs} of them."))
            })?,
    };
    let input = definition.has_input(1);
    Ok(Box::new(Split { axis, lengths, input, number, uneven: version >= 18 }))
}

/// Parts one behind the other along an axis: of the lengths given, or as long as each other; the
/// last may be shorter where `uneven`.
#[derive(Debug)]
struct Split {
    axis: i64,
    lengths: Option<Vec<i64>>,
    /// Whether the second input holds the lengths.
    input: bool,
    number: usize,
    uneven: bool,
}

impl Split {
    /// The parts' lengths, as far as they follow from what is known.
    fn parts(&self, length: Dim, lengths: Option<&[i64]>) -> Result<Vec<Dim>> {
        if let Some(given) = lengths {
            let parts: Option<Vec<usize>> =
                given.iter().map(|part| usize::try_from(*part).ok()).collect();
            let sum = parts.iter().flatten().try_fold(0usize, |sum, part| sum.checked_add(*part));
            let fits = sum.is_some() && length.known().is_none_or(|length| sum == Some(length));
            return match parts {
                Some(parts) if fits && parts.len() == self.number => {
                    Ok(parts.into_iter().map(Dim::Known).collect())
                }
                _ => Err(invalid(format!(
                    "An axis cannot be split into {} parts of lengths {}.",
                    self.number,
                    list(given)
                ))),
            };
        }
        let (Dim::Known(length), false) = (length, self.input) else {
            return Ok(vec![Dim::Unknown; self.number]);
        };
        let part = length.div_ceil(self.number.max(1));
        let left = |index: usize| length.saturating_sub(part.saturating_mul(index)).min(part);
        if !self.uneven && left(self.number.saturating_sub(1)) != part {
            return Err(invalid(format!(
                "An axis of length {length} cannot be split evenly into {}.",
                self.number
            )));
        }
        Ok((0..self.number).map(|index| Dim::Known(left(index))).collect())
    }
}

impl Kernel for Split {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        let Some(shape) = &data.shape else {
            return Ok(vec![Fact::of(data.data_type); self.number]);
        };
        let axis = axis(self.axis, shape.len())?;
        let lengths = self.lengths.clone().or_else(|| constant(inputs, 1));
        let fact = |part| {
            let mut shape = shape.clone();
            shape[axis] = part;
            Fact::new(data.data_type, shape)
        };
        Ok(self.parts(shape[axis], lengths.as_deref())?.into_iter().map(fact).collect())
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        let axis = axis(self.axis, data.dims().len()).map_err(in_run)?;
        let given = optional_integers(inputs, 1)?;
        let lengths = self.lengths.as_deref().or(given.as_deref());
        let length = data.dims()[axis];
        let parts = self.parts(Dim::Known(length), lengths).map_err(in_run)?;
        let rows = elements(&data.dims()[..axis])?;
        let block = elements(&data.dims()[axis + 1..])?;
        let mut first = 0;
        let mut made = Vec::with_capacity(parts.len());
        for part in parts.iter().filter_map(|part| part.known()) {
            let mut dims = data.dims().to_vec();
            dims[axis] = part;
            let mut out = Data::with_capacity(data.data_type(), elements(&dims)?);
            for row in 0..rows {
                let start = (row * length + first) * block;
                if !out.extend_from(data.data(), start..start + part * block) {
                    return Err(failed("Split's parts lie outside its input."));
                }
            }
            first += part;
            made.push(Tensor::new(dims, out)?);
        }
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{build, check, counting, floats, ints};
    use super::*;
    use crate::ops::Attribute;

    fn lengths(made: Result<Vec<Tensor>>) -> Option<Vec<usize>> {
        made.ok().map(|made| made.iter().map(|tensor| tensor.dims()[0]).collect())
    }

    /// onnxruntime 1.31; uneven parts the specification: onnxruntime refuses those that are empty.
    #[test]
    fn parts_are_even_unless_told() {
        let even = |version, length, outputs| {
            lengths(check("Split", version, outputs, vec![], &[counting(&[length])]))
        };
        assert_eq!(even(11, 4, 2), Some(vec![2, 2]));
        assert_eq!(even(13, 3, 2), None);
        assert_eq!(even(18, 5, 2), Some(vec![3, 2]));
        assert_eq!(even(18, 6, 4), Some(vec![2, 2, 2, 0]));
        assert_eq!(even(13, 0, 2), Some(vec![0, 0]));
        let told = |length, given: &[i64]| {
            let made = check("Split", 13, 2, vec![], &[counting(&[length]), ints(given)]);
            let attribute = vec![("split", Attribute::Ints(given.to_vec()))];
            assert_eq!(made, check("Split", 11, 2, attribute, &[counting(&[length])]));
            lengths(made)
        };
        assert_eq!(told(4, &[4, 0]), Some(vec![4, 0]));
        assert_eq!(told(4, &[4, 1]), None);
        assert_eq!(told(4, &[5, -1]), None);
        assert_eq!(told(4, &[4]), None);
        assert_eq!(told(4, &[i64::MAX, i64::MAX]), None);
        let axis = vec![("axis", Attribute::Int(-1))];
        let made = check("Split", 13, 2, axis, &[counting(&[2, 2])]).unwrap();
        assert_eq!(made[1], floats(&[2, 1], &[1.0, 3.0]));
        let many = vec![("num_outputs", Attribute::Int(i64::MAX))];
        assert!(build("Split", 18, 1, 2, many).is_err());
    }
}
