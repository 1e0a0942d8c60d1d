//! `Unique` (ai.onnx 11, 28).

use super::keys::keys;
use super::shared::{in_run, offsets, outside};
use crate::error::Result;
use crate::ops::shape::{axis, elements};
use crate::ops::{Definition, Dim, Fact, Kernel, Operator, required, types};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] =
    &[Operator { domain: "", name: "Unique", versions: &[11, 28], inputs: &[types::ANY], build }];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let sorted = attributes.flag("sorted")?.unwrap_or(true);
    Ok(Box::new(Unique { axis: attributes.int("axis")?, sorted }))
}

/// Each different slice along an axis once, or each different element: sorted, or in the order in
/// which they first appear. Besides: where each first appears, which of them each slice is, and
/// how often it appears. NaNs are all the same and sort last.
#[derive(Debug)]
struct Unique {
    axis: Option<i64>,
    sorted: bool,
}

impl Kernel for Unique {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        let mut length = data
            .dims()
            .and_then(|dims| dims.iter().try_fold(1usize, |count, dim| count.checked_mul(*dim)))
            .map_or(Dim::Unknown, Dim::Known);
        let shape = match (&data.shape, self.axis) {
            (_, None) => Some(vec![Dim::Unknown]),
            (None, _) => {
                length = Dim::Unknown;
                None
            }
            (Some(shape), Some(given)) => {
                let mut shape = shape.clone();
                let axis = axis(given, shape.len())?;
                length = std::mem::replace(&mut shape[axis], Dim::Unknown);
                Some(shape)
            }
        };
        let indices = |length| Fact::new(DataType::Int64, vec![length]);
        Ok(vec![
            Fact::new(data.data_type, shape),
            indices(Dim::Unknown),
            indices(length),
            indices(Dim::Unknown),
        ])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        let (mut dims, axis) = match self.axis {
            None => (vec![data.data().len()], 0),
            Some(given) => (data.dims().to_vec(), axis(given, data.dims().len()).map_err(in_run)?),
        };
        let length = dims[axis];
        let (outer, inner) = (elements(&dims[..axis])?, elements(&dims[axis + 1..])?);
        let mut axes = offsets(&[outer, length, inner])?;
        // One row of keys for each slice.
        let keys = keys(data.data());
        let width = outer * inner;
        let mut rows = Vec::with_capacity(keys.len());
        for start in &axes[1] {
            for outside in &axes[0] {
                rows.extend_from_slice(
                    keys.get(outside + start..outside + start + inner).unwrap_or_default(),
                );
            }
        }
        let row = |index: usize| &rows[index * width..(index + 1) * width];
        let mut order: Vec<usize> = (0..length).collect();
        order.sort_by(|a, b| row(*a).cmp(row(*b)));
        // Equal slices side by side, the first to appear in front.
        let mut groups: Vec<(usize, usize)> = vec![];
        let mut inverse = vec![0; length];
        for (place, index) in order.iter().enumerate() {
            match groups.last_mut() {
                Some((first, count)) if row(*first) == row(*index) => *count += 1,
                _ => groups.push((*index, 1)),
            }
            inverse[order[place]] = groups.len() - 1;
        }
        if !self.sorted {
            let mut order: Vec<usize> = (0..groups.len()).collect();
            order.sort_unstable_by_key(|group| groups[*group].0);
            let mut places = vec![0; groups.len()];
            order.iter().enumerate().for_each(|(place, group)| places[*group] = place);
            inverse.iter_mut().for_each(|group| *group = places[*group]);
            groups.sort_unstable();
        }
        axes[1] = groups.iter().map(|(first, _)| first * inner).collect();
        dims[axis] = groups.len();
        let vector = |values: Vec<usize>| {
            let values: Vec<i64> = values.into_iter().map(|value| value as i64).collect();
            Tensor::new(vec![values.len()], Data::I64(values))
        };
        let (first, counts) = groups.into_iter().unzip();
        Ok(vec![
            Tensor::new(dims, data.data().select(&axes).ok_or_else(outside)?)?,
            vector(first)?,
            vector(inverse)?,
            vector(counts)?,
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{check, floats, ints};
    use super::*;
    use crate::ops::Attribute;

    fn unique(axis: Option<i64>, sorted: i64, data: Tensor) -> Vec<Tensor> {
        let axis = axis.map(|axis| ("axis", Attribute::Int(axis)));
        let sorted = ("sorted", Attribute::Int(sorted));
        check("Unique", 11, 4, axis.into_iter().chain([sorted]).collect(), &[data]).unwrap()
    }

    /// onnxruntime 1.31; NaN numpy 2.4.
    #[test]
    fn each_element_once() {
        let made = unique(None, 1, floats(&[2, 3], &[f32::NAN, 2.0, f32::NAN, 1.0, -0.0, 0.0]));
        assert!(
            matches!(made[0].data(), Data::F32(v) if v[..3] == [0.0, 1.0, 2.0] && v[3].is_nan())
        );
        assert_eq!(
            made[1..],
            [ints(&[4, 3, 1, 0]), ints(&[3, 2, 3, 1, 0, 0]), ints(&[2, 1, 1, 2])]
        );
        let made = unique(None, 0, floats(&[6], &[2.0, 1.0, 1.0, 3.0, 4.0, 3.0]));
        assert_eq!(made[0], floats(&[4], &[2.0, 1.0, 3.0, 4.0]));
        assert_eq!(
            made[1..],
            [ints(&[0, 1, 3, 4]), ints(&[0, 1, 1, 2, 3, 2]), ints(&[1, 2, 2, 1])]
        );
        let texts = |texts: &[&str]| Data::Str(texts.iter().map(|text| text.to_string()).collect());
        let made = unique(None, 1, Tensor::new(vec![3], texts(&["b", "a", "b"])).unwrap());
        assert_eq!(made[0].data(), &texts(&["a", "b"]));
        assert_eq!(unique(None, 1, floats(&[0], &[]))[0].dims(), [0]);
        assert_eq!(unique(None, 1, floats(&[], &[5.0]))[0], floats(&[1], &[5.0]));
    }

    /// onnxruntime 1.31.
    #[test]
    fn each_slice_once() {
        let data = floats(&[3, 3], &[1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 3.0, 4.0]);
        let made = unique(Some(0), 1, data);
        assert_eq!(made[0], floats(&[2, 3], &[1.0, 0.0, 0.0, 2.0, 3.0, 4.0]));
        assert_eq!(made[1..], [ints(&[0, 2]), ints(&[0, 0, 1]), ints(&[2, 1])]);
        let data = floats(&[3, 3], &[1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 3.0, 3.0]);
        let made = unique(Some(-1), 1, data);
        assert_eq!(made[0], floats(&[3, 2], &[0.0, 1.0, 0.0, 1.0, 3.0, 2.0]));
        assert_eq!(made[1..], [ints(&[1, 0]), ints(&[1, 0, 0]), ints(&[2, 1])]);
        assert_eq!(unique(Some(0), 1, floats(&[2, 0], &[]))[0].dims(), [1, 0]);
    }
}
