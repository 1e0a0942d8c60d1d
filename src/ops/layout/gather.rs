//! `Gather` (ai.onnx 1, 11, 13), `GatherElements` (ai.onnx 11, 13) and `GatherND` (ai.onnx 11,
//! 12, 13; batch dimensions since 12).

use super::shared::{fixed, in_run, index, integers, offsets, outside};
use crate::error::{Result, list};
use crate::ops::shape::{axis, elements, strides, walk};
use crate::ops::{Definition, Dim, Fact, Kernel, Operator, failed, invalid, required, types};
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
    Operator {
        domain: "",
        name: "GatherND",
        versions: &[11, 12, 13],
        inputs: &[types::ANY, types::INT64],
        build: build_nd,
    },
];

fn axis_attribute(definition: &mut Definition) -> Result<i64> {
    definition.expect_inputs(2..=2)?;
    Ok(definition.attributes.int("axis")?.unwrap_or(0))
}

fn build_nd(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    let batch = match definition.version {
        11 => 0,
        _ => definition.attributes.int("batch_dims")?.unwrap_or(0),
    };
    let batch = usize::try_from(batch)
        .map_err(|_| invalid(format!("The attribute `batch_dims` is {batch}.")))?;
    Ok(Box::new(GatherNd { batch }))
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
        Ok(vec![Fact::new(data.data_type, shape)])
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
        Ok(vec![Tensor::new(dims, data.data().select(&axes).ok_or_else(outside)?)?])
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
        Ok(vec![Fact::new(data.data_type, indices.shape.clone())])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (data, indices) = (required(inputs, 0)?, required(inputs, 1)?);
        let positions = element_positions(self.axis, data.dims(), indices)?;
        let picked = data.data().pick(&positions).ok_or_else(outside)?;
        Ok(vec![Tensor::new(indices.dims().to_vec(), picked)?])
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

/// Takes slices: the last axis of the indices holds the leading indices of each, behind those
/// dimensions that data and indices share.
#[derive(Debug)]
struct GatherNd {
    batch: usize,
}

impl GatherNd {
    fn shape(&self, data: &[Dim], indices: &[Dim]) -> Result<Option<Vec<Dim>>> {
        let [outer @ .., last] = indices else {
            return Err(invalid("GatherND's indices are a scalar."));
        };
        let Dim::Known(depth) = *last else { return Ok(None) };
        if outer.len() < self.batch || data.len() < self.batch.saturating_add(depth) {
            return Err(invalid(format!(
                "Indices of {depth} numbers behind {} batch dimensions do not fit data of {} dimensions.",
                self.batch,
                data.len()
            )));
        }
        Ok(Some([outer, &data[self.batch + depth..]].concat()))
    }
}

impl Kernel for GatherNd {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (data, indices) = (required(inputs, 0)?, required(inputs, 1)?);
        let shape = match (&data.shape, &indices.shape) {
            (Some(data), Some(indices)) => self.shape(data, indices)?,
            _ => None,
        };
        Ok(vec![Fact::new(data.data_type, shape)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (data, indices) = (required(inputs, 0)?, required(inputs, 1)?);
        let shape = self.shape(&super::shared::dims(data), &super::shared::dims(indices));
        let dims = fixed(shape.map(Option::unwrap_or_default))?;
        let (starts, block) = slice_starts(self.batch, data.dims(), indices)?;
        Ok(vec![Tensor::new(dims, data.data().pick_blocks(&starts, block).ok_or_else(outside)?)?])
    }
}

/// Where the slices begin to which the last axis of `indices` points, and how long they are.
/// `indices` has at least `batch` dimensions and one, and its last axis fits.
pub fn slice_starts(batch: usize, data: &[usize], indices: &Tensor) -> Result<(Vec<usize>, usize)> {
    let (Some((&depth, outer)), strides) = (indices.dims().split_last(), strides(data)) else {
        return Err(failed("The indices are a scalar."));
    };
    if outer.get(..batch) != data.get(..batch) || data.len() < batch.saturating_add(depth) {
        return Err(failed(format!(
            "Indices of shape {} do not fit data of shape {}.",
            list(indices.dims()),
            list(data)
        )));
    }
    let block: usize = data[batch + depth..].iter().product();
    let batch_stride: usize = data[batch..].iter().product();
    let batches: usize = data[..batch].iter().product();
    let slices: usize = outer[batch..].iter().product();
    let given = integers(indices)?;
    let mut starts = Vec::with_capacity(elements(outer)?);
    for item in 0..batches {
        for slice in 0..slices {
            let first = (item * slices + slice) * depth;
            let mut start = item * batch_stride;
            for (axis, given) in (batch..).zip(&given[first..first + depth]) {
                start += index(*given, data[axis])? * strides[axis];
            }
            starts.push(start);
        }
    }
    Ok((starts, block))
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

    /// onnxruntime 1.31.
    #[test]
    fn slices_are_gathered() {
        let gather = |batch, data, indices| gather("GatherND", "batch_dims", batch, data, indices);
        let made = gather(0, counting(&[2, 2]), indices(&[2, 2], &[0, 0, -1, 1])).unwrap();
        assert_eq!(made, floats(&[2], &[0.0, 3.0]));
        let made = gather(1, counting(&[2, 2, 2]), indices(&[2, 1], &[1, 0])).unwrap();
        assert_eq!(made, floats(&[2, 2], &[2.0, 3.0, 4.0, 5.0]));
        assert!(gather(0, counting(&[2]), indices(&[1, 2], &[0, 0])).is_err());
        assert!(gather(1, counting(&[2, 2]), indices(&[3, 1], &[0, 0, 0])).is_err());
        assert!(gather(0, counting(&[2]), indices(&[], &[0])).is_err());
        assert!(gather(9, counting(&[2]), indices(&[1], &[0])).is_err());
    }
}
