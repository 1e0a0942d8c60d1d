//! `Compress` (ai.onnx 9, 11, 28) and `NonZero` (ai.onnx 9, 13).

use super::shared::{in_run, offsets, outside};
use crate::each_data;
use crate::error::Result;
use crate::ops::shape::{axis, elements, strides};
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, one_fact, one_tensor, required, types,
};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "",
        name: "Compress",
        versions: &[9, 11, 28],
        inputs: &[types::ANY, types::BOOL],
        build: build_compress,
    },
    Operator {
        domain: "",
        name: "NonZero",
        versions: &[9, 13],
        inputs: &[types::ANY],
        build: |definition| {
            definition.expect_inputs(1..=1)?;
            Ok(Box::new(NonZero))
        },
    },
];

fn build_compress(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    Ok(Box::new(Compress { axis: definition.attributes.int("axis")? }))
}

/// Keeps what a condition holds for, along an axis or of all elements as a vector. A condition
/// that is too short does not hold for the rest.
#[derive(Debug)]
struct Compress {
    axis: Option<i64>,
}

impl Kernel for Compress {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        let shape = match (&data.shape, self.axis) {
            (_, None) => Some(vec![Dim::Unknown]),
            (None, _) => None,
            (Some(shape), Some(given)) => {
                let mut shape = shape.clone();
                let axis = axis(given, shape.len())?;
                shape[axis] = Dim::Unknown;
                Some(shape)
            }
        };
        one_fact(data.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (data, condition) = (required(inputs, 0)?, required(inputs, 1)?);
        let Data::Bool(condition) = condition.data() else {
            return Err(failed("A condition is true or false."));
        };
        let (mut dims, axis) = match self.axis {
            None => (vec![data.data().len()], 0),
            Some(given) => (data.dims().to_vec(), axis(given, data.dims().len()).map_err(in_run)?),
        };
        let inner = elements(&dims[axis + 1..])?;
        let mut axes = offsets(&[elements(&dims[..axis])?, dims[axis], inner])?;
        let mut holds = condition.iter();
        axes[1].retain(|_| holds.next().copied().unwrap_or(false));
        dims[axis] = axes[1].len();
        one_tensor(dims, data.data().select(&axes).ok_or_else(outside)?)
    }
}

/// The indices of all elements that are not 0, an axis a row. A scalar counts as a vector.
#[derive(Debug)]
struct NonZero;

impl Kernel for NonZero {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let rank = required(inputs, 0)?.rank();
        let rows = rank.map_or(Dim::Unknown, |rank| Dim::Known(rank.max(1)));
        one_fact(DataType::Int64, vec![rows, Dim::Unknown])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        let found: Vec<usize> = match data.data() {
            // Without the sign of zero.
            Data::F16(values) => {
                (0..values.len()).filter(|index| values[*index] & 0x7fff != 0).collect()
            }
            other => each_data!(other, values => nonzero(values)),
        };
        let dims = if data.dims().is_empty() { &[1] } else { data.dims() };
        let mut out = Vec::with_capacity(elements(&[dims.len(), found.len()])?);
        for (dim, stride) in dims.iter().zip(strides(dims)) {
            out.extend(found.iter().map(|position| (position / stride % dim) as i64));
        }
        one_tensor(vec![dims.len(), found.len()], Data::I64(out))
    }
}

fn nonzero<T: Default + PartialEq>(values: &[T]) -> Vec<usize> {
    let zero = T::default();
    values.iter().enumerate().filter(|(_, value)| **value != zero).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{check, counting, floats};
    use super::*;
    use crate::ops::Attribute;

    /// onnxruntime 1.31.
    #[test]
    fn what_the_condition_holds_for_is_kept() {
        let compress = |axis: Option<i64>, condition: &[bool]| {
            let axis = axis.map(|axis| ("axis", Attribute::Int(axis))).into_iter().collect();
            let condition =
                Tensor::new(vec![condition.len()], Data::Bool(condition.to_vec())).unwrap();
            check("Compress", 11, 1, axis, &[counting(&[2, 3]), condition])
                .map(|mut made| made.remove(0))
        };
        let made = compress(None, &[false, true, false, false, true, false, true]).unwrap();
        assert_eq!(made, floats(&[2], &[1.0, 4.0]));
        let made = compress(Some(-1), &[false, true]).unwrap();
        assert_eq!(made, floats(&[2, 1], &[1.0, 4.0]));
        assert_eq!(compress(Some(0), &[]).unwrap().dims(), [0, 3]);
        assert!(compress(Some(2), &[]).is_err());
    }

    /// onnxruntime 1.31.
    #[cfg(feature = "extra")]
    #[test]
    fn indices_of_what_is_not_zero() {
        let indices = |data: Tensor| {
            let made = check("NonZero", 13, 1, vec![], &[data]).unwrap().remove(0);
            match made.into_parts() {
                (dims, Data::I64(values)) => (dims, values),
                _ => panic!("indices are integers"),
            }
        };
        assert_eq!(
            indices(floats(&[2, 2], &[1.0, 0.0, f32::NAN, -0.0])),
            (vec![2, 2], vec![0, 1, 0, 0])
        );
        assert_eq!(indices(floats(&[], &[5.0])), (vec![1, 1], vec![0]));
        assert_eq!(indices(floats(&[0, 2], &[])), (vec![2, 0], vec![]));
        let halves = Tensor::new(vec![2], Data::F16(vec![0x8000, 1])).unwrap();
        assert_eq!(indices(halves), (vec![1, 1], vec![1]));
    }
}
