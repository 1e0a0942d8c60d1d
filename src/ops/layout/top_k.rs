//! `TopK` (ai.onnx 1, 10, 11, 24; k is an input since 10, the smallest may be asked for since 11).

use predikt_kernels::neighbours::best;
use predikt_kernels::rows::any_nan;

use super::keys;
use super::shared::{constant, in_run, integer, outside};
use crate::error::Result;
use crate::ops::shape::{axis, elements};
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, invalid, replaced, required, types,
};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "TopK",
    versions: &[1, 10, 11, 24],
    inputs: &[types::NUMBER, types::INT64],
    build,
}];

/// Up to so many are kept in order as a row is gone through.
const FEW: usize = 32;

/// Up to so many are kept in order for elements of any type.
const MANY: usize = 256;

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    let attributes = &mut definition.attributes;
    let axis = attributes.int("axis")?.unwrap_or(-1);
    let (mut largest, mut count) = (true, None);
    if definition.version >= 11 {
        largest = attributes.flag("largest")?.unwrap_or(true);
        // Sorted elements are an answer to a request for unsorted ones.
        attributes.flag("sorted")?;
    }
    if definition.version < 10 {
        let k = attributes.int("k")?.and_then(|k| usize::try_from(k).ok());
        count = Some(k.ok_or_else(|| invalid("TopK's attribute `k` is missing or negative."))?);
        definition.expect_inputs(1..=1)?;
    } else {
        definition.expect_inputs(2..=2)?;
    }
    Ok(Box::new(TopK { axis, largest, count }))
}

/// The k largest or smallest elements along an axis, best first, and where they are. Of equal
/// ones the first counts as better; NaN counts as the worst.
#[derive(Debug)]
struct TopK {
    axis: i64,
    largest: bool,
    count: Option<usize>,
}

impl Kernel for TopK {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        let given = constant(inputs, 1).and_then(|k| usize::try_from(*k.first()?).ok());
        let shape = match &data.shape {
            None => None,
            Some(shape) => {
                let mut shape = shape.clone();
                let axis = axis(self.axis, shape.len())?;
                shape[axis] = self.count.or(given).map_or(Dim::Unknown, Dim::Known);
                Some(shape)
            }
        };
        Ok(vec![Fact::new(data.data_type, shape.clone()), Fact::new(DataType::Int64, shape)])
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        if self.few(inputs, outputs)? { Ok(()) } else { replaced(self.run(inputs), outputs) }
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        let axis = axis(self.axis, data.dims().len()).map_err(in_run)?;
        let length = data.dims()[axis];
        let count = match self.count {
            Some(count) => count,
            None => {
                let given = integer(required(inputs, 1)?)?;
                usize::try_from(given).map_err(|_| failed(format!("TopK's k is {given}.")))?
            }
        };
        if count > length {
            return Err(failed(format!(
                "The best {count} are asked for along an axis of length {length}."
            )));
        }
        let mut dims = data.dims().to_vec();
        dims[axis] = count;
        let total = elements(&dims)?;
        let mut positions = vec![0; total];
        let mut indices = vec![0i64; total];
        if total > 0 {
            let mut keys = keys::keys(data.data());
            if self.largest {
                keys::reverse(data.data(), &mut keys);
            }
            let inner: usize = dims[axis + 1..].iter().product();
            let mut row: Vec<(u64, usize)> = Vec::with_capacity(length);
            for lane in 0..total / count {
                let (outer, inside) = (lane / inner, lane % inner);
                let first = outer * length * inner + inside;
                row.clear();
                for index in 0..length {
                    let entry = (keys[first + index * inner], index);
                    if count > MANY {
                        row.push(entry);
                        continue;
                    }
                    if row.len() == count {
                        match row.last() {
                            Some(worst) if entry < *worst => row.pop(),
                            _ => continue,
                        };
                    }
                    row.insert(row.partition_point(|held| *held < entry), entry);
                }
                if count > MANY {
                    row.sort_unstable();
                }
                for (place, (_, index)) in row.iter().take(count).enumerate() {
                    let target = (outer * count + place) * inner + inside;
                    positions[target] = first + index * inner;
                    indices[target] = *index as i64;
                }
            }
        }
        let values = data.data().pick(&positions).ok_or_else(outside)?;
        Ok(vec![Tensor::new(dims.clone(), values)?, Tensor::new(dims, Data::I64(indices))?])
    }
}

impl TopK {
    /// A few along the last axis, where nothing is NaN: false where that is not so.
    fn few(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<bool> {
        let ([Some(data), Some(k)], [values, indices]) = (inputs, outputs) else {
            return Ok(false);
        };
        let (Data::F32(rows), [_, length], -1 | 1) = (data.data(), data.dims(), self.axis) else {
            return Ok(false);
        };
        let count = usize::try_from(integer(k)?).unwrap_or_default();
        if !(1..=FEW.min(*length)).contains(&count) || any_nan(rows) {
            return Ok(false);
        }
        let dims = [data.dims()[0], count];
        let values = values.reuse_f32(&dims).chunks_mut(count);
        let indices = indices.reuse_i64(&dims).chunks_mut(count);
        for (row, (values, indices)) in rows.chunks(*length).zip(values.zip(indices)) {
            best(row, self.largest, values, indices);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{build, check, floats, ints};
    use super::*;
    use crate::ops::Attribute;

    fn top(data: &Tensor, k: i64, axis: i64, largest: i64) -> Result<Vec<i64>> {
        let attributes = vec![("axis", Attribute::Int(axis)), ("largest", Attribute::Int(largest))];
        let made = check("TopK", 11, 2, attributes, &[data.clone(), ints(&[k])])?;
        Ok(match made[1].data() {
            Data::I64(values) => values.clone(),
            _ => vec![],
        })
    }

    /// onnxruntime 1.31, but for NaN in rows of more than one: what it does there depends on k.
    #[test]
    fn the_best_come_first_and_ties_in_order() {
        let data = floats(&[2, 4], &[1.0, 3.0, 3.0, 2.0, 5.0, 5.0, -1.0, 5.0]);
        assert_eq!(top(&data, 2, 1, 1).unwrap(), [1, 2, 0, 1]);
        assert_eq!(top(&data, 3, -1, 0).unwrap(), [0, 3, 1, 2, 0, 1]);
        assert_eq!(top(&data, 1, 0, 1).unwrap(), [1, 1, 0, 1]);
        assert_eq!(top(&data, 4, 1, 1).unwrap(), [1, 2, 3, 0, 0, 1, 3, 2]);
        assert_eq!(top(&data, 0, 1, 1).unwrap(), [0i64; 0]);
        assert!(top(&data, 5, 1, 1).is_err());
        assert!(top(&data, -1, 1, 1).is_err());
        assert!(top(&data, 1, 2, 1).is_err());
        assert_eq!(top(&floats(&[0, 3], &[]), 2, 1, 1).unwrap(), [0i64; 0]);
        let nan = floats(&[4], &[1.0, f32::NAN, 3.0, 2.0]);
        let attributes = vec![("largest", Attribute::Int(0))];
        let kernel = build("TopK", 11, 2, 2, attributes).unwrap();
        let made = kernel.run(&[Some(&nan), Some(&ints(&[4]))]).unwrap();
        assert_eq!(made[1], ints(&[0, 3, 2, 1]));
    }
}
