//! `Pad` (ai.onnx 2, 11, 13, 18, 19, 21, 23, 24, 25; pads and value are inputs since 11, axes since
//! 18, wrapping since 19).

use super::shared::{constant, in_run, offsets, optional_integers, outside, select};
use crate::error::{Result, list};
use crate::ops::shape::{axis, elements, strides, walk};
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, invalid, one_fact, one_tensor, optional,
    required, types,
};
use crate::tensor::{Data, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Pad",
    versions: &[2, 11, 13, 18, 19, 21, 23, 24, 25],
    inputs: &[types::ANY, types::INT64, types::ANY, types::INDEX],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    let version = definition.version;
    let attributes = &mut definition.attributes;
    let mode = match (attributes.string("mode")?.as_deref(), version) {
        (None | Some("constant"), _) => Mode::Constant,
        (Some("edge"), _) => Mode::Edge,
        (Some("reflect"), _) => Mode::Reflect,
        (Some("wrap"), 19..) => Mode::Wrap,
        (Some(other), _) => {
            return Err(invalid(format!("Pad version {version} has no mode `{other}`.")));
        }
    };
    let (mut pads, mut value) = (None, 0.0);
    if version < 11 {
        let given = attributes.ints("pads")?;
        pads = Some(given.ok_or_else(|| invalid("Pad needs the attribute `pads`."))?);
        value = attributes.float("value")?.unwrap_or(0.0);
        definition.expect_inputs(1..=1)?;
    } else {
        definition.expect_inputs(2..=if version < 18 { 3 } else { 4 })?;
    }
    Ok(Box::new(Pad { mode, pads, value }))
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    Constant,
    Edge,
    Reflect,
    Wrap,
}

/// Adds elements before and behind each axis, or takes away where a number is negative.
#[derive(Debug)]
struct Pad {
    mode: Mode,
    pads: Option<Vec<i64>>,
    /// Of versions that have it as an attribute.
    value: f32,
}

/// What is added before and behind each axis.
fn of_axes(rank: usize, pads: &[i64], axes: Option<&[i64]>) -> Result<Vec<(i64, i64)>> {
    let all: Vec<i64>;
    let axes = match axes {
        Some(axes) => axes,
        None => {
            all = (0..rank as i64).collect();
            &all
        }
    };
    if pads.len() != 2 * axes.len() {
        return Err(invalid(format!("{} axes are padded with {}.", axes.len(), list(pads))));
    }
    let (before, behind) = pads.split_at(axes.len());
    let mut out = vec![(0, 0); rank];
    for ((given, before), behind) in axes.iter().zip(before).zip(behind) {
        out[axis(*given, rank)?] = (*before, *behind);
    }
    Ok(out)
}

/// An axis of that length when it is padded.
fn padded(length: usize, (before, behind): (i64, i64)) -> Result<usize> {
    let sum = (length as i64).checked_add(before).and_then(|sum| sum.checked_add(behind));
    sum.and_then(|sum| usize::try_from(sum).ok()).ok_or_else(|| {
        invalid(format!("An axis of length {length} cannot be padded by {before} and {behind}."))
    })
}

/// All axes when they are padded.
fn shape(dims: &[usize], pads: &[(i64, i64)]) -> Result<Vec<usize>> {
    dims.iter().zip(pads).map(|(length, pads)| padded(*length, *pads)).collect()
}

impl Pad {
    /// Where in the axis the elements of the padded one come from, in any mode but constant.
    fn sources(&self, length: usize, (before, behind): (i64, i64)) -> Result<Vec<usize>> {
        let out = padded(length, (before, behind))?;
        elements(&[out])?;
        // What is taken away is gone before the rest is repeated.
        let first = before.min(0).unsigned_abs();
        let kept = length as i64 + before.min(0) + behind.min(0);
        if kept <= 0 && out > 0 {
            return Err(failed("There is nothing to pad an axis with."));
        }
        let source = |index: i64| match self.mode {
            Mode::Constant | Mode::Edge => index.clamp(0, kept - 1),
            Mode::Wrap => index.rem_euclid(kept),
            Mode::Reflect => {
                let period = (2 * (kept - 1)).max(1);
                let index = index.rem_euclid(period);
                index.min(period - index).min(kept - 1)
            }
        };
        let start = -before.max(0);
        Ok((0..out as i64).map(|index| source(start + index) as usize + first as usize).collect())
    }

    fn fill(&self, data: &Tensor, pads: &[(i64, i64)], value: &Data) -> Result<Tensor> {
        let dims = shape(data.dims(), pads)?;
        let count = elements(&dims)?;
        if let Data::Str(texts) = value {
            let length = texts.iter().map(String::len).max().unwrap_or(0);
            crate::ops::shape::texts(length.saturating_mul(count))?;
        }
        let mut out = value.filled(count);
        let mut axes = offsets(data.dims())?;
        for (axis, (before, behind)) in axes.iter_mut().zip(pads) {
            let cut = |pad: i64| usize::try_from(pad.min(0).unsigned_abs()).unwrap_or(usize::MAX);
            axis.truncate(axis.len().saturating_sub(cut(*behind)));
            axis.drain(..cut(*before).min(axis.len()));
        }
        let kept = select(data.data(), &axes)?;
        let strides = strides(&dims);
        let mut base = 0usize;
        for ((before, _), stride) in pads.iter().zip(&strides) {
            base = base
                .saturating_add((before.max(&0).unsigned_abs() as usize).saturating_mul(*stride));
        }
        // Along the last axis elements lie side by side.
        let (outer, block) = match kept.dims() {
            [outer @ .., last] => (outer, *last),
            [] => (&[][..], 1),
        };
        let mut starts = vec![];
        if !kept.data().is_empty() {
            walk(outer, &[&strides[..outer.len()]], &mut |offset| starts.push(base + offset[0]));
        }
        if !out.put_blocks(&starts, block, kept.data()) {
            return Err(outside());
        }
        Tensor::new(dims, out)
    }
}

impl Kernel for Pad {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        let Some(shape) = &data.shape else { return Ok(vec![Fact::of(data.data_type)]) };
        let pads = self.pads.clone().or_else(|| constant(inputs, 1));
        let axes = constant(inputs, 3);
        let dims = match pads {
            Some(pads) if axes.is_some() || optional(inputs, 3).is_none() => {
                let pads = of_axes(shape.len(), &pads, axes.as_deref())?;
                let dim = |(dim, pads): (&Dim, (i64, i64))| match *dim {
                    dim if pads == (0, 0) => Ok(dim),
                    Dim::Known(length) => padded(length, pads).map(Dim::Known),
                    _ => Ok(Dim::Unknown),
                };
                shape.iter().zip(pads).map(dim).collect::<Result<_>>()?
            }
            _ => vec![Dim::Unknown; shape.len()],
        };
        one_fact(data.data_type, dims)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        let (given, axes) = (optional_integers(inputs, 1)?, optional_integers(inputs, 3)?);
        let pads = self.pads.as_deref().or(given.as_deref()).unwrap_or_default();
        let pads = of_axes(data.dims().len(), pads, axes.as_deref()).map_err(in_run)?;
        if self.mode == Mode::Constant {
            let value = match optional(inputs, 2) {
                Some(value) if value.data_type() != data.data_type() => {
                    return Err(failed("Pad's value has another type than its data."));
                }
                Some(value) => value.data().slice(0..1),
                None => attribute(self.value, data),
            };
            let value = value.ok_or_else(|| failed("Pad's value has no elements."))?;
            return Ok(vec![self.fill(data, &pads, &value).map_err(in_run)?]);
        }
        let dims = shape(data.dims(), &pads).map_err(in_run)?;
        if elements(&dims)? == 0 {
            return one_tensor(dims, Data::zeros(data.data_type(), 0));
        }
        let mut axes = offsets(data.dims())?;
        for (offsets, pads) in axes.iter_mut().zip(pads) {
            let sources = self.sources(offsets.len(), pads).map_err(in_run)?;
            *offsets =
                sources.into_iter().filter_map(|index| offsets.get(index).copied()).collect();
        }
        Ok(vec![select(data.data(), &axes)?])
    }
}

/// The value of versions that have it as an attribute, which take floating-point numbers only.
fn attribute(value: f32, data: &Tensor) -> Option<Data> {
    match data.data() {
        Data::F32(_) => Some(Data::F32(vec![value])),
        Data::F64(_) => Some(Data::F64(vec![value.into()])),
        Data::F16(_) => Some(Data::F16(vec![crate::half::f32_to_f16(value)])),
        _ => Some(Data::zeros(data.data_type(), 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{check, counting, floats, ints};
    use super::*;
    use crate::ops::Attribute;

    fn pad(mode: &str, length: usize, before: i64, behind: i64) -> Option<Vec<i32>> {
        let mode = vec![("mode", Attribute::String(mode.into()))];
        let inputs = [counting(&[length]), ints(&[before, behind])];
        match check("Pad", 19, 1, mode, &inputs).ok()?[0].data() {
            Data::F32(values) => Some(values.iter().map(|value| *value as i32).collect()),
            _ => None,
        }
    }

    /// onnxruntime 1.31; where it refuses to reflect more than once, numpy 2.4.
    #[test]
    fn axes_grow_and_shrink() {
        assert_eq!(pad("constant", 3, 1, 2).unwrap(), [0, 0, 1, 2, 0, 0]);
        assert_eq!(pad("constant", 3, -1, 2).unwrap(), [1, 2, 0, 0]);
        assert_eq!(pad("constant", 4, -4, 1).unwrap(), [0]);
        assert_eq!(pad("constant", 4, -5, 2).unwrap(), [0]);
        assert_eq!(pad("constant", 4, -2, -2).unwrap(), [0; 0]);
        assert_eq!(pad("constant", 4, -5, 0), None);
        assert_eq!(pad("constant", 0, 1, 1).unwrap(), [0, 0]);
        assert_eq!(pad("constant", 1, i64::MAX, 1), None);
        assert_eq!(pad("constant", 1, i64::MAX / 2, 1), None);
        assert_eq!(pad("constant", 1, i64::MIN, i64::MAX).unwrap(), [0; 0]);
        assert_eq!(pad("edge", 3, 2, 1).unwrap(), [0, 0, 0, 1, 2, 2]);
        assert_eq!(pad("edge", 3, -1, 1).unwrap(), [1, 2, 2]);
        assert_eq!(pad("edge", 0, 1, 1), None);
        assert_eq!(pad("edge", 4, -4, 1), None);
        assert_eq!(pad("reflect", 4, 3, 3).unwrap(), [3, 2, 1, 0, 1, 2, 3, 2, 1, 0]);
        assert_eq!(pad("reflect", 4, -1, 2).unwrap(), [1, 2, 3, 2, 1]);
        assert_eq!(pad("reflect", 3, 5, 0).unwrap(), [1, 0, 1, 2, 1, 0, 1, 2]);
        assert_eq!(pad("reflect", 1, 1, 1).unwrap(), [0, 0, 0]);
        assert_eq!(pad("wrap", 3, 4, 1).unwrap(), [2, 0, 1, 2, 0, 1, 2, 0]);
        assert_eq!(pad("wrap", 4, 2, -1).unwrap(), [1, 2, 0, 1, 2]);
        assert_eq!(pad("wrap", 3, i64::MAX, 1), None);
        assert_eq!(pad("wrap", 3, i64::MAX / 2, 1), None);
        assert_eq!(pad("wrap", 3, i64::MIN, i64::MAX), None);
    }

    #[test]
    fn only_the_axes_named_with_the_value_given() {
        let inputs = [counting(&[2, 2]), ints(&[1, 0]), floats(&[], &[7.0]), ints(&[-1])];
        let made = check("Pad", 18, 1, vec![], &inputs).unwrap();
        assert_eq!(made[0], floats(&[2, 3], &[7.0, 0.0, 1.0, 7.0, 2.0, 3.0]));
        let attributes =
            vec![("pads", Attribute::Ints(vec![1, 0, 0, 0])), ("value", Attribute::Float(5.0))];
        let made = check("Pad", 2, 1, attributes, &[counting(&[1, 2])]).unwrap();
        assert_eq!(made[0], floats(&[2, 2], &[5.0, 5.0, 0.0, 1.0]));
        let wrong = [counting(&[2, 2]), ints(&[1, 0])];
        assert!(check("Pad", 18, 1, vec![], &wrong).is_err());
    }
}
