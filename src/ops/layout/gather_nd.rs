//! `GatherND` (ai.onnx 11, 12, 13; batch dimensions since 12).

use super::shared::{fixed, index, integers, outside};
use crate::error::{Result, list};
use crate::ops::shape::{elements, strides};
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, invalid, one_fact, one_tensor, required, types,
};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "GatherND",
    versions: &[11, 12, 13],
    inputs: &[types::ANY, types::INT64],
    build: build_nd,
}];

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
        one_fact(data.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (data, indices) = (required(inputs, 0)?, required(inputs, 1)?);
        let shape = self.shape(&super::shared::dims(data), &super::shared::dims(indices));
        let dims = fixed(shape.map(Option::unwrap_or_default))?;
        let (starts, block) = slice_starts(self.batch, data.dims(), indices)?;
        one_tensor(dims, data.data().pick_blocks(&starts, block).ok_or_else(outside)?)
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
    use super::super::shared::tests::{check, counting, floats};
    use super::*;
    use crate::ops::Attribute;
    use crate::tensor::Data;

    fn indices(dims: &[usize], values: &[i64]) -> Tensor {
        Tensor::new(dims.to_vec(), Data::I64(values.to_vec())).unwrap()
    }

    /// onnxruntime 1.31.
    #[test]
    fn slices_are_gathered() {
        let gather = |batch, data, indices| {
            let attribute = vec![("batch_dims", Attribute::Int(batch))];
            check("GatherND", 13, 1, attribute, &[data, indices]).map(|mut made| made.remove(0))
        };
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
