//! What the families of this room share: integers out of tensors, shapes, selections along axes.

use std::sync::Arc;

use crate::error::{Code, Error, Result, list};
use crate::ops::shape::{elements, strides};
use crate::ops::{Dim, Fact, Kernel, failed, optional, required};
use crate::tensor::{Data, Tensor};

/// The elements of a tensor of shapes, axes or indices.
///
/// # Errors
/// `ENGINE_FAILED` where they are no `int32` or `int64`.
pub fn integers(tensor: &Tensor) -> Result<Vec<i64>> {
    match tensor.data() {
        Data::I64(values) => Ok(values.clone()),
        Data::I32(values) => Ok(values.iter().map(|value| i64::from(*value)).collect()),
        other => Err(failed(format!(
            "Indices are {}, and should be int32 or int64.",
            other.data_type().name()
        ))),
    }
}

/// The single element of a tensor that stands for a number.
///
/// # Errors
/// `ENGINE_FAILED` where it is something else.
pub fn integer(tensor: &Tensor) -> Result<i64> {
    match *integers(tensor)? {
        [value] => Ok(value),
        ref values => {
            Err(failed(format!("One number is expected, and there are {}.", values.len())))
        }
    }
}

/// The integers of the input at `index`, if it is connected.
///
/// # Errors
/// As [`integers`].
pub fn optional_integers(inputs: &[Option<&Tensor>], index: usize) -> Result<Option<Vec<i64>>> {
    optional(inputs, index).map(integers).transpose()
}

/// The integers of the input at `index`, where it is a constant.
pub fn constant(inputs: &[Option<&Fact>], index: usize) -> Option<Vec<i64>> {
    integers(optional(inputs, index)?.value.as_deref()?).ok()
}

/// How many elements a vector has, where that is known.
pub fn length(fact: &Fact) -> Option<usize> {
    match fact.shape.as_deref()? {
        [dim] => dim.known(),
        _ => None,
    }
}

/// A tensor's shape as [`Kernel::infer`](crate::ops::Kernel::infer) has it.
pub fn dims(tensor: &Tensor) -> Vec<Dim> {
    tensor.dims().iter().map(|dim| Dim::Known(*dim)).collect()
}

/// The shape of an output that is about to be made, out of the rule that also infers it.
///
/// # Errors
/// What the rule says, as `ENGINE_FAILED`; `LIMIT_EXCEEDED`.
pub fn fixed(shape: Result<Vec<Dim>>) -> Result<Vec<usize>> {
    let dims: Option<Vec<usize>> = shape.map_err(in_run)?.iter().map(|dim| dim.known()).collect();
    let dims = dims.ok_or_else(|| failed("The output's shape does not follow from the inputs."))?;
    bounded(&dims)?;
    Ok(dims)
}

/// Refuses shapes with dimensions that are too long, even where there are no elements.
///
/// # Errors
/// `LIMIT_EXCEEDED`.
pub fn bounded(dims: &[usize]) -> Result<()> {
    elements(dims).map(drop)
}

/// The error of a rule on shapes, met in a run.
pub fn in_run(error: Error) -> Error {
    match error.code() {
        Code::ModelInvalid => failed(error.message()),
        _ => error,
    }
}

/// The product of some dimensions.
pub fn product(dims: &[Dim]) -> Dim {
    if dims.contains(&Dim::Known(0)) {
        return Dim::Known(0);
    }
    dims.iter().fold(Dim::Known(1), |product, dim| match (product, *dim) {
        (Dim::Known(a), Dim::Known(b)) => a.checked_mul(b).map_or(Dim::Unknown, Dim::Known),
        (Dim::Known(1), other) | (other, Dim::Known(1)) => other,
        _ => Dim::Unknown,
    })
}

/// The same elements under another shape.
///
/// # Errors
/// `ENGINE_FAILED` where the shape has another number of elements.
pub fn reshaped(tensor: &Tensor, dims: Vec<usize>) -> Result<Tensor> {
    if elements(&dims)? != tensor.data().len() {
        return Err(failed(format!(
            "A tensor of shape {} cannot be reshaped to {}.",
            list(tensor.dims()),
            list(&dims)
        )));
    }
    Tensor::new(dims, tensor.data().clone())
}

/// The elements of the first input under the shape that the kernel infers for them.
///
/// # Errors
/// As [`Kernel::run`].
pub fn as_inferred(kernel: &dyn Kernel, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
    let data = required(inputs, 0)?;
    let fact = |(index, input): (usize, &Option<&Tensor>)| {
        input.map(|tensor| match index {
            0 => Fact::fixed(tensor.data_type(), tensor.dims()),
            _ => Fact::constant(Arc::new(tensor.clone())),
        })
    };
    let facts: Vec<Option<Fact>> = inputs.iter().enumerate().map(fact).collect();
    let facts: Vec<Option<&Fact>> = facts.iter().map(Option::as_ref).collect();
    let made = kernel.infer(&facts).map_err(in_run)?.into_iter().next();
    let shape = made.and_then(|fact| fact.shape).unwrap_or_else(|| vec![Dim::Unknown]);
    Ok(vec![reshaped(data, fixed(Ok(shape))?)?])
}

/// For each axis the offsets of all its indices: what [`select`] takes to copy a tensor whole.
///
/// # Errors
/// `LIMIT_EXCEEDED` for dimensions that are too long, even where there are no elements.
pub fn offsets(dims: &[usize]) -> Result<Vec<Vec<usize>>> {
    bounded(dims)?;
    let axis = |(dim, stride): (&usize, usize)| (0..*dim).map(|index| index * stride).collect();
    Ok(dims.iter().zip(strides(dims)).map(axis).collect())
}

/// Elements at all sums of one offset an axis, in the shape that these lists span.
///
/// # Errors
/// `LIMIT_EXCEEDED`, or `ENGINE_FAILED` where an offset lies outside.
pub fn select(source: &Data, axes: &[Vec<usize>]) -> Result<Tensor> {
    let dims: Vec<usize> = axes.iter().map(Vec::len).collect();
    elements(&dims)?;
    Tensor::new(dims, source.select(axes).ok_or_else(outside)?)
}

/// The index that may count from the back.
///
/// # Errors
/// `ENGINE_FAILED` where the axis has no such index.
pub fn index(index: i64, length: usize) -> Result<usize> {
    let counted = if index < 0 { index.wrapping_add(length as i64) } else { index };
    usize::try_from(counted)
        .ok()
        .filter(|counted| *counted < length)
        .ok_or_else(|| failed(format!("Index {index} lies outside an axis of length {length}.")))
}

/// The error for an element that does not exist.
pub fn outside() -> Error {
    failed("An index lies outside its tensor.")
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::ops::{self, Attribute, Attributes, Definition};

    /// A node's kernel, with all inputs and as many outputs connected.
    pub fn build(
        name: &str,
        version: i64,
        inputs: usize,
        outputs: usize,
        attributes: Vec<(&str, Attribute)>,
    ) -> Result<Box<dyn Kernel>> {
        let operator = ops::find("", name).unwrap();
        ops::build(Definition {
            operator,
            version: ops::version(operator, version)?,
            inputs: vec![true; inputs],
            outputs: vec![true; outputs],
            attributes: Attributes::new(
                attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            ),
        })
    }

    /// Infers from constants, from shapes and from types alone, and runs: what was inferred must
    /// be what comes out.
    pub fn check(
        name: &str,
        version: i64,
        outputs: usize,
        attributes: Vec<(&str, Attribute)>,
        inputs: &[Tensor],
    ) -> Result<Vec<Tensor>> {
        let kernel = build(name, version, inputs.len(), outputs, attributes)?;
        let read: Vec<Option<&Tensor>> = inputs.iter().map(Some).collect();
        let made = kernel.run(&read);
        for known in 0..4 {
            let fact = |(index, tensor): (usize, &Tensor)| match (known, index) {
                (3, _) => Fact::constant(tensor.clone().into()),
                (2, 1..) => Fact::constant(tensor.clone().into()),
                (1.., _) => Fact::fixed(tensor.data_type(), tensor.dims()),
                _ => Fact::of(tensor.data_type()),
            };
            let facts: Vec<Fact> = inputs.iter().enumerate().map(fact).collect();
            let read: Vec<Option<&Fact>> = facts.iter().map(Some).collect();
            let inferred = match (kernel.infer(&read), &made) {
                (Ok(inferred), Ok(_)) => inferred,
                (Err(error), Ok(_)) => panic!("{name} runs and does not infer: {error}"),
                (_, Err(_)) => continue,
            };
            for (fact, tensor) in inferred.iter().zip(made.as_ref().unwrap()) {
                assert_eq!(fact.data_type, tensor.data_type(), "{name}");
                if let Some(shape) = &fact.shape {
                    assert_eq!(shape.len(), tensor.dims().len(), "{name}");
                    for (dim, length) in shape.iter().zip(tensor.dims()) {
                        assert!(dim.known().is_none_or(|dim| dim == *length), "{name} {shape:?}");
                    }
                }
                if let Some(value) = &fact.value {
                    assert_eq!(**value, *tensor, "{name}");
                }
            }
        }
        made
    }

    /// A tensor of floats.
    pub fn floats(dims: &[usize], values: &[f32]) -> Tensor {
        Tensor::new(dims.to_vec(), Data::F32(values.to_vec())).unwrap()
    }

    /// A tensor of 0, 1, 2…
    pub fn counting(dims: &[usize]) -> Tensor {
        let count = dims.iter().product::<usize>();
        floats(dims, &(0..count).map(|value| value as f32).collect::<Vec<_>>())
    }

    /// A vector of integers.
    pub fn ints(values: &[i64]) -> Tensor {
        Tensor::new(vec![values.len()], Data::I64(values.to_vec())).unwrap()
    }

    #[test]
    fn indices_count_from_either_end() {
        assert_eq!(index(-1, 3).unwrap(), 2);
        assert!(index(3, 3).is_err());
        assert!(index(-4, 3).is_err());
        assert!(index(i64::MIN, 3).is_err());
        assert_eq!(product(&[Dim::Symbol(1), Dim::Known(1)]), Dim::Symbol(1));
        assert_eq!(product(&[Dim::Symbol(1), Dim::Known(0)]), Dim::Known(0));
        assert_eq!(product(&[Dim::Symbol(1), Dim::Known(2)]), Dim::Unknown);
    }
}
