//! `Squeeze` and `Unsqueeze` (ai.onnx 1, 11, 13, 21, 23, 24, 25; axes are an input since 13).

use super::shared::{as_inferred, constant, length};
use crate::error::{Result, list};
use crate::ops::shape::axis;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, invalid, one_fact, optional, required, types,
};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "",
        name: "Squeeze",
        versions: &[1, 11, 13, 21, 23, 24, 25],
        inputs: &[types::ANY, types::INT64],
        build: |definition| {
            let axes = axes(definition, 1)?;
            Ok(Box::new(Squeeze { axes }))
        },
    },
    Operator {
        domain: "",
        name: "Unsqueeze",
        versions: &[1, 11, 13, 21, 23, 24, 25],
        inputs: &[types::ANY, types::INT64],
        build: |definition| {
            let axes = axes(definition, 2)?;
            if definition.version < 13 && axes.is_none() {
                return Err(invalid("Unsqueeze needs the attribute `axes`."));
            }
            Ok(Box::new(Unsqueeze { axes }))
        },
    },
];

/// The attribute `axes` of the versions that have it.
fn axes(definition: &mut Definition, required: usize) -> Result<Option<Vec<i64>>> {
    if definition.version >= 13 {
        definition.expect_inputs(required..=2)?;
        return Ok(None);
    }
    definition.expect_inputs(1..=1)?;
    definition.attributes.ints("axes")
}

/// Drops axes of length 1: those named, or all where none is.
#[derive(Debug)]
struct Squeeze {
    axes: Option<Vec<i64>>,
}

/// The shape without `axes`; `None` where it depends on dimensions that are not known.
fn squeezed(input: &[Dim], axes: Option<&[i64]>) -> Result<Option<Vec<Dim>>> {
    let rank = input.len();
    let Some(axes) = axes.filter(|axes| !axes.is_empty()) else {
        if input.iter().any(|dim| dim.known().is_none()) {
            return Ok(None);
        }
        return Ok(Some(input.iter().copied().filter(|dim| *dim != Dim::Known(1)).collect()));
    };
    let mut dropped = vec![false; rank];
    for given in axes {
        let axis = axis(*given, rank)?;
        if input[axis].known().is_some_and(|length| length != 1) {
            return Err(invalid(format!("Axis {given} is not of length 1.")));
        }
        dropped[axis] = true;
    }
    let kept = input.iter().zip(dropped).filter(|(_, dropped)| !dropped).map(|(dim, _)| *dim);
    Ok(Some(kept.collect()))
}

impl Kernel for Squeeze {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        let axes = self.axes.clone().or_else(|| constant(inputs, 1));
        let shape = match &data.shape {
            Some(shape) if axes.is_some() || optional(inputs, 1).is_none() => {
                squeezed(shape, axes.as_deref())?
            }
            _ => None,
        };
        one_fact(data.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        as_inferred(self, inputs)
    }
}

/// Adds axes of length 1, counted in the result.
#[derive(Debug)]
struct Unsqueeze {
    axes: Option<Vec<i64>>,
}

fn unsqueezed(input: &[Dim], axes: &[i64]) -> Result<Vec<Dim>> {
    let rank = input.len() + axes.len();
    let mut added = vec![false; rank];
    for given in axes {
        if std::mem::replace(&mut added[axis(*given, rank)?], true) {
            return Err(invalid(format!("The axes {} name one twice.", list(axes))));
        }
    }
    let mut old = input.iter();
    let dim = |added| if added { None } else { old.next() };
    Ok(added.into_iter().map(dim).map(|dim| dim.copied().unwrap_or(Dim::Known(1))).collect())
}

impl Kernel for Unsqueeze {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        let axes = self.axes.clone().or_else(|| constant(inputs, 1));
        let shape = match (&data.shape, axes) {
            (Some(shape), Some(axes)) => Some(unsqueezed(shape, &axes)?),
            (Some(shape), None) => optional(inputs, 1)
                .and_then(length)
                .map(|added| vec![Dim::Unknown; shape.len().saturating_add(added)]),
            (None, _) => None,
        };
        one_fact(data.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        as_inferred(self, inputs)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{build, check, counting, ints};
    use crate::ops::Attribute;

    /// onnxruntime 1.31.
    #[test]
    fn axes_come_and_go() {
        let dims = |name: &str, from: &[usize], axes: &[i64]| {
            let attribute = vec![("axes", Attribute::Ints(axes.to_vec()))];
            let old = check(name, 11, 1, attribute, &[counting(from)]);
            let new = check(name, 13, 1, vec![], &[counting(from), ints(axes)]);
            assert_eq!(old, new);
            new.map(|made| made[0].dims().to_vec())
        };
        assert_eq!(dims("Squeeze", &[1, 3, 1], &[-1]).unwrap(), [1, 3]);
        assert_eq!(dims("Squeeze", &[1, 3, 1], &[0, 2]).unwrap(), [3]);
        assert_eq!(dims("Squeeze", &[1, 3, 1], &[]).unwrap(), [3]);
        assert!(dims("Squeeze", &[1, 3], &[1]).is_err());
        assert!(dims("Squeeze", &[1, 3], &[2]).is_err());
        assert_eq!(dims("Unsqueeze", &[3], &[0, -1]).unwrap(), [1, 3, 1]);
        assert_eq!(dims("Unsqueeze", &[], &[0]).unwrap(), [1]);
        assert!(dims("Unsqueeze", &[3], &[0, 0]).is_err());
        assert!(dims("Unsqueeze", &[3], &[2]).is_err());
        let made = check("Squeeze", 13, 1, vec![], &[counting(&[1, 3, 1])]).unwrap();
        assert_eq!(made[0].dims(), [3]);
        assert!(build("Unsqueeze", 11, 1, 1, vec![]).is_err());
        assert!(build("Unsqueeze", 13, 1, 1, vec![]).is_err());
    }
}
