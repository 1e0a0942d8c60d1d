//! `Slice` (ai.onnx 1, 10, 11, 13; starts, ends, axes and steps are inputs since 10).

use super::shared::{constant, in_run, offsets, optional_integers, select};
use crate::error::Result;
use crate::ops::shape::axis;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, invalid, one_fact, optional, required, types,
};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Slice",
    versions: &[1, 10, 11, 13],
    inputs: &[types::ANY, types::INDEX],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    if definition.version >= 10 {
        definition.expect_inputs(3..=5)?;
        return Ok(Box::new(Slice { attributes: None }));
    }
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let (starts, ends) = (attributes.ints("starts")?, attributes.ints("ends")?);
    let (Some(starts), Some(ends)) = (starts, ends) else {
        return Err(invalid("Slice needs the attributes `starts` and `ends`."));
    };
    let axes = attributes.ints("axes")?;
    Ok(Box::new(Slice { attributes: Some(Ranges { starts, ends, axes, steps: None }) }))
}

/// A part of some axes, in steps.
#[derive(Debug)]
struct Slice {
    attributes: Option<Ranges>,
}

#[derive(Debug, Clone)]
struct Ranges {
    starts: Vec<i64>,
    ends: Vec<i64>,
    axes: Option<Vec<i64>>,
    steps: Option<Vec<i64>>,
}

/// What is taken of one axis.
#[derive(Debug, Clone, Copy)]
struct Range {
    start: i64,
    end: i64,
    step: i64,
}

impl Range {
    /// The first index and the number of indices in an axis of that length; ends that lie
    /// outside are the nearest that do not.
    fn within(self, length: usize) -> (usize, usize) {
        let length = length as i64;
        let counted = |index: i64| if index < 0 { index.saturating_add(length) } else { index };
        let (low, high) = if self.step > 0 { (0, length) } else { (-1, length - 1) };
        let start = counted(self.start).clamp(low.max(0).min(high.max(0)), high.max(0));
        let end = counted(self.end).clamp(low, high);
        let (distance, step) = match self.step > 0 {
            true => (end - start, self.step.unsigned_abs()),
            false => (start - end, self.step.unsigned_abs()),
        };
        let count = if length == 0 { 0 } else { (distance.max(0) as u64).div_ceil(step) };
        (start as usize, count as usize)
    }

    /// Whether it takes the whole axis, however long.
    fn is_whole(self) -> bool {
        self.start == 0 && self.end >= i64::from(i32::MAX) && self.step == 1
    }
}

impl Ranges {
    /// What is taken of each axis; `None` for those that are kept whole.
    fn of_axes(&self, rank: usize) -> Result<Vec<Option<Range>>> {
        let Ranges { starts, ends, axes, steps } = self;
        let count = starts.len();
        let lengths = [Some(ends.len()), axes.as_ref().map(Vec::len), steps.as_ref().map(Vec::len)];
        if lengths.into_iter().flatten().any(|length| length != count) || count > rank {
            return Err(invalid(format!(
                "Slice has {count} starts for {rank} dimensions, and another number of ends, axes or steps."
            )));
        }
        let mut ranges = vec![None; rank];
        for (index, (start, end)) in starts.iter().zip(ends).enumerate() {
            let axis = match axes {
                Some(axes) => axis(axes[index], rank)?,
                None => index,
            };
            let step = steps.as_ref().map_or(1, |steps| steps[index]);
            if step == 0 {
                return Err(invalid("Slice has a step of 0."));
            }
            let range = Range { start: *start, end: *end, step };
            if ranges[axis].replace(range).is_some() {
                return Err(invalid(format!("Slice names axis {axis} twice.")));
            }
        }
        Ok(ranges)
    }
}

impl Slice {
    /// The ranges, where they are constant.
    fn constant(&self, inputs: &[Option<&Fact>]) -> Option<Ranges> {
        if let Some(ranges) = &self.attributes {
            return Some(ranges.clone());
        }
        let read = |index| match optional(inputs, index) {
            None => Some(None),
            Some(_) => constant(inputs, index).map(Some),
        };
        let (starts, ends) = (constant(inputs, 1)?, constant(inputs, 2)?);
        Some(Ranges { starts, ends, axes: read(3)?, steps: read(4)? })
    }
}

impl Kernel for Slice {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        let Some(shape) = &data.shape else { return Ok(vec![Fact::of(data.data_type)]) };
        let shape = match self.constant(inputs) {
            None => vec![Dim::Unknown; shape.len()],
            Some(ranges) => ranges
                .of_axes(shape.len())?
                .into_iter()
                .zip(shape)
                .map(|(range, dim)| match (range, dim) {
                    (None, dim) => *dim,
                    (Some(range), Dim::Known(length)) => Dim::Known(range.within(*length).1),
                    (Some(range), dim) if range.is_whole() => *dim,
                    _ => Dim::Unknown,
                })
                .collect(),
        };
        one_fact(data.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        let held;
        let ranges = match &self.attributes {
            Some(ranges) => ranges,
            None => {
                held = Ranges {
                    starts: optional_integers(inputs, 1)?.unwrap_or_default(),
                    ends: optional_integers(inputs, 2)?.unwrap_or_default(),
                    axes: optional_integers(inputs, 3)?,
                    steps: optional_integers(inputs, 4)?,
                };
                &held
            }
        };
        let mut axes = offsets(data.dims())?;
        for (offsets, range) in
            axes.iter_mut().zip(ranges.of_axes(data.dims().len()).map_err(in_run)?)
        {
            let Some(range) = range else { continue };
            let (start, count) = range.within(offsets.len());
            let step = usize::try_from(range.step.unsigned_abs()).unwrap_or(usize::MAX);
            *offsets = match range.step > 0 {
                true => offsets.iter().skip(start).step_by(step).take(count).copied().collect(),
                false => {
                    let skipped = offsets.len().saturating_sub(start.saturating_add(1));
                    offsets.iter().rev().skip(skipped).step_by(step).take(count).copied().collect()
                }
            };
        }
        Ok(vec![select(data.data(), &axes)?])
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{build, check, counting, ints};
    use super::*;
    use crate::ops::Attribute;

    /// numpy 2.4 and onnxruntime 1.31.
    #[test]
    fn ranges_are_clamped() {
        let slice = |start, end, step| {
            let inputs = [counting(&[5]), ints(&[start]), ints(&[end]), ints(&[0]), ints(&[step])];
            let made = check("Slice", 13, 1, vec![], &inputs)?.remove(0);
            Ok::<_, crate::Error>(match made.data() {
                crate::tensor::Data::F32(values) => values.iter().map(|v| *v as i32).collect(),
                _ => vec![],
            })
        };
        assert_eq!(slice(1, 3, 1).unwrap(), [1, 2]);
        assert_eq!(slice(0, i64::MAX, 2).unwrap(), [0, 2, 4]);
        assert_eq!(slice(-2, 99, 1).unwrap(), [3, 4]);
        assert_eq!(slice(-99, 2, 1).unwrap(), [0, 1]);
        assert_eq!(slice(4, 1, 1).unwrap(), [0; 0]);
        assert_eq!(slice(9, 9, 1).unwrap(), [0; 0]);
        assert_eq!(slice(-1, i64::MIN, -1).unwrap(), [4, 3, 2, 1, 0]);
        assert_eq!(slice(i64::MAX, -6, -2).unwrap(), [4, 2, 0]);
        assert_eq!(slice(3, 0, -2).unwrap(), [3, 1]);
        assert_eq!(slice(-9, i64::MIN, -1).unwrap(), [0]);
        assert_eq!(slice(0, i64::MAX, i64::MAX).unwrap(), [0]);
        assert_eq!(slice(4, i64::MIN, i64::MIN).unwrap(), [4]);
        assert!(slice(0, 1, 0).is_err());
        let empty = [counting(&[0]), ints(&[-1]), ints(&[i64::MIN]), ints(&[0]), ints(&[-1])];
        assert_eq!(check("Slice", 13, 1, vec![], &empty).unwrap()[0].dims(), [0]);
    }

    #[test]
    fn axes_are_named_once() {
        let slice = |starts: &[i64], axes: &[i64]| {
            let ends = vec![1; starts.len()];
            let inputs = [counting(&[2, 3]), ints(starts), ints(&ends), ints(axes)];
            let new = check("Slice", 13, 1, vec![], &inputs);
            let attributes = vec![
                ("starts", Attribute::Ints(starts.to_vec())),
                ("ends", Attribute::Ints(ends)),
                ("axes", Attribute::Ints(axes.to_vec())),
            ];
            assert_eq!(new, check("Slice", 9, 1, attributes, &inputs[..1]));
            new.map(|made| made[0].dims().to_vec())
        };
        assert_eq!(slice(&[0], &[-1]).unwrap(), [2, 1]);
        assert_eq!(slice(&[0, 0], &[1, 0]).unwrap(), [1, 1]);
        assert!(slice(&[0, 0], &[1, -1]).is_err());
        assert!(slice(&[0], &[2]).is_err());
        assert!(slice(&[0], &[]).is_err());
        assert!(build("Slice", 9, 1, 1, vec![]).is_err());
    }

    #[test]
    fn a_free_axis_that_is_kept_whole_stays_free() {
        let shape = vec![Dim::Symbol(0), Dim::Known(3)];
        let fact = Fact::new(crate::tensor::DataType::Float32, shape.clone());
        let range = |start: i64, end: i64| Slice {
            attributes: Some(Ranges {
                starts: vec![start],
                ends: vec![end],
                axes: None,
                steps: None,
            }),
        };
        let infer = |slice: Slice| slice.infer(&[Some(&fact)]).unwrap().remove(0).shape.unwrap();
        assert_eq!(infer(range(0, i64::MAX)), shape);
        assert_eq!(infer(range(1, i64::MAX)), [Dim::Unknown, Dim::Known(3)]);
    }
}
