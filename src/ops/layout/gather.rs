//! `Gather` (ai.onnx 1, 11, 13) and `GatherElements` (ai.onnx 11, 13).

use super::shared::{in_run, index, integers, offsets, outside};
use crate::error::{Result, list};
use crate::ops::shape::{axis, elements, strides, walk};
use crate::ops::{
    Definition, Fact, Kernel, Operator, failed, invalid, one_fact, one_tensor, required, types,
};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "",
        name: "Gather",
        versions: &[1, 11, 13],
        inputs: &[types::ANY, types::INDEX],
        build: |definition| Ok(Box::new(Gather { axis: axis_attribute(definition)? })),
    },
    Operator {
        domain: "",
        name: "GatherElements",
        versions: &[11, 13],
        inputs: &[types::ANY, types::INDEX],
        build: |definition| Ok(Box::new(GatherElements { axis: axis_attribute(definition)? })),
    },
];

fn axis_attribute(definition: &mut Definition) -> Result<i64> {
    definition.expect_inputs(2..=2)?;
    Ok(definition.attributes.int("axis")?.unwrap_or(0))
}

/// Takes indices of an axis, in the shape of the indices, which replaces that axis.
#[derive(Debug)]
struct Gather {
    axis: i64,
}

impl Kernel for Gather {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (data, indices) = (required(inputs, 0)?, required(inputs, 1)?);
        let shape = match (&data.shape, &indices.shape) {
            (Some(data), Some(indices)) => {
                let axis = axis(self.axis, data.len())?;
                Some([&data[..axis], indices, &data[axis + 1..]].concat())
            }
            _ => None,
        };
        one_fact(data.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (data, indices) = (required(inputs, 0)?, required(inputs, 1)?);
        let axis = axis(self.axis, data.dims().len()).map_err(in_run)?;
        let (before, length, after) =
            (&data.dims()[..axis], data.dims()[axis], &data.dims()[axis + 1..]);
        let dims = [before, indices.dims(), after].concat();
        elements(&dims)?;
        let block: usize = after.iter().product();
        let mut axes = offsets(&[before.iter().product(), length, block])?;
        axes[1] = integers(indices)?
            .iter()
            .map(|given| Ok(index(*given, length)? * block))
            .collect::<Result<_>>()?;
        one_tensor(dims, data.data().select(&axes).ok_or_else(outside)?)
    }
}

/// For each element of the indices, the element at its place, but for its index along the axis.
#[derive(Debug)]
struct GatherElements {
    axis: i64,
}

impl Kernel for GatherElements {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (data, indices) = (required(inputs, 0)?, required(inputs, 1)?);
        if let Some(rank) = data.rank() {
            axis(self.axis, rank)?;
            if indices.rank().is_some_and(|other| other != rank) {
                return Err(invalid("Data and indices have different numbers of dimensions."));
            }
        }
        one_fact(data.data_type, indices.shape.clone())
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (data, indices) = (required(inputs, 0)?, required(inputs, 1)?);
        let positions = element_positions(self.axis, data.dims(), indices)?;
        let picked = data.data().pick(&positions).ok_or_else(outside)?;
        one_tensor(indices.dims().to_vec(), picked)
    }
}

/// Where in a tensor of shape `data` each index points that replaces its own place along an axis.
pub fn element_positions(given: i64, data: &[usize], indices: &Tensor) -> Result<Vec<usize>> {
    let axis = axis(given, data.len()).map_err(in_run)?;
    let (dims, length) = (indices.dims(), data[axis]);
    let fits = |other: usize| other == axis || dims[other] <= data[other];
    if dims.len() != data.len() || !(0..dims.len()).all(fits) {
        return Err(failed(format!(
            "Indices of shape {} do not fit data of shape {} along axis {axis}.",
            list(dims),
            list(data)
        )));
    }
    let mut strides = strides(data);
    let stride = std::mem::replace(&mut strides[axis], 0);
    let mut positions = Vec::with_capacity(indices.data().len());
    walk(dims, &[&strides], &mut |offsets| positions.push(offsets[0]));
    for (position, given) in positions.iter_mut().zip(integers(indices)?) {
        *position += index(given, length)? * stride;
    }
    Ok(positions)
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{check, counting, floats, ints};
    use super::*;
    use crate::ops::Attribute;
    use crate::tensor::Data;

    fn gather(
        name: &str,
        attribute: &str,
        value: i64,
        data: Tensor,
        indices: Tensor,
    ) -> Result<Tensor> {
        let attribute = vec![(attribute, Attribute::Int(value))];
        check(name, 13, 1, attribute, &[data, indices]).map(|mut made| made.remove(0))
    }

    fn indices(dims: &[usize], values: &[i64]) -> Tensor {
        Tensor::new(dims.to_vec(), Data::I64(values.to_vec())).unwrap()
    }

    /// onnxruntime 1.31.
    #[test]
    fn an_axis_is_gathered() {
        let gather = |axis, data, indices| gather("Gather", "axis", axis, data, indices);
        let made = gather(1, counting(&[2, 3]), ints(&[2, -3])).unwrap();
        assert_eq!(made, floats(&[2, 2], &[2.0, 0.0, 5.0, 3.0]));
        let made = gather(0, counting(&[3, 2]), indices(&[], &[1])).unwrap();
        assert_eq!(made, floats(&[2], &[2.0, 3.0]));
        let made = gather(-1, counting(&[1, 2]), indices(&[1, 3], &[1, 1, 0])).unwrap();
        assert_eq!(made, floats(&[1, 1, 3], &[1.0, 1.0, 0.0]));
        assert_eq!(gather(0, counting(&[0, 2]), ints(&[])).unwrap().dims(), [0, 2]);
        assert!(gather(0, counting(&[2]), ints(&[2])).is_err());
        assert!(gather(0, counting(&[2]), ints(&[i64::MIN])).is_err());
        assert!(gather(1, counting(&[2]), ints(&[0])).is_err());
        let big = Tensor::new(vec![1 << 14], Data::I64(vec![0; 1 << 14])).unwrap();
        assert!(gather(0, counting(&[1, 1 << 14]), big).is_err());
    }

    /// onnxruntime 1.31.
    #[test]
    fn elements_are_gathered() {
        let gather = |axis, data, indices| gather("GatherElements", "axis", axis, data, indices);
        let made = gather(1, counting(&[2, 3]), indices(&[2, 2], &[2, 0, -1, -2])).unwrap();
        assert_eq!(made, floats(&[2, 2], &[2.0, 0.0, 5.0, 4.0]));
        let made = gather(0, counting(&[3, 2]), indices(&[1, 2], &[1, 2])).unwrap();
        assert_eq!(made, floats(&[1, 2], &[2.0, 5.0]));
        assert!(gather(0, counting(&[3, 2]), indices(&[1, 3], &[0, 0, 0])).is_err());
        assert!(gather(0, counting(&[3, 2]), indices(&[1, 1], &[3])).is_err());
        assert!(gather(0, counting(&[3, 2]), ints(&[0])).is_err());
    }
}
