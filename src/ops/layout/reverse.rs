//! `ReverseSequence` (ai.onnx 10, 28).

use super::shared::{in_run, integers, outside};
use crate::error::Result;
use crate::ops::shape::{axis, strides};
use crate::ops::{
    Definition, Fact, Kernel, Operator, failed, invalid, one_tensor, required, types,
};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "ReverseSequence",
    versions: &[10, 28],
    inputs: &[types::ANY, types::INT64],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    let batch = definition.attributes.int("batch_axis")?.unwrap_or(1);
    let time = definition.attributes.int("time_axis")?.unwrap_or(0);
    if batch == time {
        return Err(invalid("ReverseSequence's two axes are the same."));
    }
    Ok(Box::new(ReverseSequence { batch, time }))
}

/// Reverses the first steps of each sequence of a batch, as many as its length says.
#[derive(Debug)]
struct ReverseSequence {
    batch: i64,
    time: i64,
}

impl Kernel for ReverseSequence {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        if let Some(rank) = data.rank() {
            axis(self.batch, rank)?;
            axis(self.time, rank)?;
        }
        Ok(vec![data.with_type(data.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        let dims = data.dims();
        let batch = axis(self.batch, dims.len()).map_err(in_run)?;
        let time = axis(self.time, dims.len()).map_err(in_run)?;
        let lengths = integers(required(inputs, 1)?)?;
        if lengths.len() != dims[batch] {
            return Err(failed(format!(
                "There are {} lengths for a batch of {}.",
                lengths.len(),
                dims[batch]
            )));
        }
        let lengths: Vec<usize> = lengths
            .iter()
            .map(|length| {
                let fits = usize::try_from(*length).ok().filter(|length| *length <= dims[time]);
                fits.ok_or_else(|| failed(format!("A sequence of {length} steps does not fit.")))
            })
            .collect::<Result<_>>()?;
        let strides = strides(dims);
        // Behind both axes everything moves together.
        let last = batch.max(time);
        let block: usize = dims[last + 1..].iter().product();
        let source = |start: usize| {
            let length = lengths[start / strides[batch] % dims[batch]];
            let step = start / strides[time] % dims[time];
            match step < length {
                true => start - step * strides[time] + (length - 1 - step) * strides[time],
                false => start,
            }
        };
        let starts: Vec<usize> = (0..data.data().len()).step_by(block.max(1)).map(source).collect();
        let made = data.data().pick_blocks(&starts, block).ok_or_else(outside)?;
        one_tensor(dims.to_vec(), made)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{check, counting, floats, ints};
    use crate::ops::Attribute;

    /// onnxruntime 1.31.
    #[test]
    fn sequences_are_reversed() {
        let reverse = |time, batch, dims: &[usize], lengths: &[i64]| {
            let axes =
                vec![("time_axis", Attribute::Int(time)), ("batch_axis", Attribute::Int(batch))];
            check("ReverseSequence", 10, 1, axes, &[counting(dims), ints(lengths)])
                .map(|mut made| made.remove(0))
        };
        let made = reverse(1, 0, &[2, 3], &[0, 2]).unwrap();
        assert_eq!(made, floats(&[2, 3], &[0.0, 1.0, 2.0, 4.0, 3.0, 5.0]));
        let made = reverse(0, 1, &[2, 2, 2], &[2, 1]).unwrap();
        assert_eq!(made, floats(&[2, 2, 2], &[4.0, 5.0, 2.0, 3.0, 0.0, 1.0, 6.0, 7.0]));
        assert!(reverse(1, 0, &[2, 3], &[4, 1]).is_err());
        assert!(reverse(1, 0, &[2, 3], &[-1, 1]).is_err());
        assert!(reverse(1, 0, &[2, 3], &[i64::MIN, 1]).is_err());
        assert!(reverse(1, 0, &[2, 3], &[1]).is_err());
        assert_eq!(reverse(1, 0, &[0, 3], &[]).unwrap().dims(), [0, 3]);
    }
}
