//! `Range` (ai.onnx 11, 27) and `EyeLike` (ai.onnx 9, 22).

use super::shared::outside;
use crate::error::Result;
use crate::ops::math::element::{Number, Wide, widen};
use crate::ops::shape::elements;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, invalid, one_fact, one_tensor, required,
    types, unsupported, unsupported_type,
};
use crate::tensor::{DataType, Tensor};

const RANGED: &[DataType] = &[
    DataType::Float16,
    DataType::Float32,
    DataType::Float64,
    DataType::Int16,
    DataType::Int32,
    DataType::Int64,
];

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "",
        name: "Range",
        versions: &[11, 27],
        inputs: &[RANGED],
        build: build_range,
    },
    Operator {
        domain: "",
        name: "EyeLike",
        versions: &[9, 22],
        inputs: &[types::FIXED],
        build: build_eye,
    },
];

fn build_range(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(3..=3)?;
    if definition.version >= 27 {
        // Halves are computed in single precision, whatever is asked for.
        definition.attributes.int("stash_type")?;
    }
    Ok(Box::new(Range))
}

fn build_eye(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let data_type = match attributes.int("dtype")? {
        None => None,
        Some(number) => {
            Some(DataType::from_onnx(number).filter(|kind| *kind != DataType::String).ok_or_else(
                || unsupported(format!("EyeLike makes no {}.", DataType::onnx_name(number))),
            )?)
        }
    };
    Ok(Box::new(EyeLike { data_type, diagonal: attributes.int("k")?.unwrap_or(0) }))
}

/// From a start in equal steps to before a limit.
#[derive(Debug)]
struct Range;

impl Range {
    fn compute(inputs: &[&Tensor; 3]) -> Result<Tensor> {
        let kind = inputs[0].data_type();
        let single = |tensor: &&Tensor| tensor.data().len() == 1 && tensor.data_type() == kind;
        if !inputs.iter().all(single) {
            return Err(failed("Range takes three numbers of one type."));
        }
        let [start, limit, delta] = inputs.map(Tensor::data);
        let wide = (widen(start)?, widen(limit)?, widen(delta)?);
        // As many as the limit leaves room for, in double precision.
        let count = |distance: f64, delta: f64| {
            let count = (distance / delta).ceil();
            if delta == 0.0 || count.is_nan() {
                return Err(failed("Range has a step of 0 or an end that is no number."));
            }
            elements(&[count.max(0.0) as usize])
        };
        let data = match wide {
            (Wide::F32(start), Wide::F32(limit), Wide::F32(delta)) => {
                let (start, limit, delta) = (start[0], limit[0], delta[0]);
                let count = count(f64::from(limit - start), f64::from(delta))?;
                f32::narrow((0..count).map(|n| start + n as f32 * delta).collect(), kind)
            }
            (Wide::F64(start), Wide::F64(limit), Wide::F64(delta)) => {
                let (start, limit, delta) = (start[0], limit[0], delta[0]);
                let count = count(limit - start, delta)?;
                f64::narrow((0..count).map(|n| start + n as f64 * delta).collect(), kind)
            }
            (Wide::I64(start), Wide::I64(limit), Wide::I64(delta)) => {
                let (start, delta) = (start[0], i128::from(delta[0]));
                let distance = i128::from(limit[0]) - i128::from(start);
                let steps = distance.checked_div(delta).map(|steps| {
                    steps + i128::from(distance % delta != 0 && (distance < 0) == (delta < 0))
                });
                let steps = steps.ok_or_else(|| failed("Range has a step of 0."))?.max(0);
                let count = elements(&[usize::try_from(steps).unwrap_or(usize::MAX)])?;
                let value = |n: usize| start.wrapping_add((n as i64).wrapping_mul(delta as i64));
                i64::narrow((0..count).map(value).collect(), kind)
            }
            _ => return Err(unsupported_type(kind)),
        };
        Tensor::new(vec![data.len()], data)
    }
}

impl Kernel for Range {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let [start, limit, delta] = [0, 1, 2].map(|index| required(inputs, index));
        let (start, limit, delta) = (start?, limit?, delta?);
        if let (Some(a), Some(b), Some(c)) = (&start.value, &limit.value, &delta.value)
            && let Ok(made) = Self::compute(&[a, b, c])
        {
            return Ok(vec![Fact::fixed(start.data_type, made.dims())]);
        }
        one_fact(start.data_type, vec![Dim::Unknown])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (start, limit, delta) =
            (required(inputs, 0)?, required(inputs, 1)?, required(inputs, 2)?);
        Ok(vec![Self::compute(&[start, limit, delta])?])
    }
}

/// A matrix of the input's shape with ones on a diagonal.
#[derive(Debug)]
struct EyeLike {
    data_type: Option<DataType>,
    diagonal: i64,
}

impl Kernel for EyeLike {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let like = required(inputs, 0)?;
        if like.rank().is_some_and(|rank| rank != 2) {
            return Err(invalid("EyeLike takes a matrix."));
        }
        Ok(vec![like.with_type(self.data_type.unwrap_or(like.data_type))])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let like = required(inputs, 0)?;
        let &[rows, columns] = like.dims() else {
            return Err(failed("EyeLike takes a matrix."));
        };
        let kind = self.data_type.unwrap_or(like.data_type());
        let one = crate::tensor::Data::zero_and_one(kind).ok_or_else(|| unsupported_type(kind))?;
        let mut positions = vec![0; elements(&[rows, columns])?];
        for row in 0..if columns == 0 { 0 } else { rows } {
            let column = usize::try_from((row as i64).saturating_add(self.diagonal));
            if let Ok(column) = column
                && column < columns
            {
                positions[row * columns + column] = 1;
            }
        }
        let data = one.pick(&positions).ok_or_else(outside)?;
        one_tensor(vec![rows, columns], data)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{check, floats};
    use super::*;
    use crate::ops::Attribute;
    use crate::tensor::Data;

    fn range(data: [Data; 3]) -> Result<Data> {
        let inputs = data.map(|data| Tensor::new(vec![], data).unwrap());
        check("Range", 11, 1, vec![], &inputs).map(|made| made[0].data().clone())
    }

    /// onnxruntime 1.31.
    #[test]
    fn steps_end_before_the_limit() {
        let ints = |values: [i64; 3]| match range(values.map(|value| Data::I64(vec![value]))) {
            Ok(Data::I64(values)) => Some(values),
            _ => None,
        };
        assert_eq!(ints([3, 9, 3]).unwrap(), [3, 6]);
        assert_eq!(ints([10, 4, -2]).unwrap(), [10, 8, 6]);
        assert_eq!(ints([10, 3, -2]).unwrap(), [10, 8, 6, 4]);
        assert_eq!(ints([0, 5, 2]).unwrap(), [0, 2, 4]);
        assert_eq!(ints([0, 5, -2]).unwrap(), [0; 0]);
        assert_eq!(ints([0, 1, 0]), None);
        assert_eq!(ints([i64::MIN, i64::MAX, 1]), None);
        assert_eq!(ints([i64::MIN, i64::MAX, i64::MAX]).unwrap().len(), 3);
        let floats = |values: [f32; 3]| match range(values.map(|value| Data::F32(vec![value]))) {
            Ok(Data::F32(values)) => Some(values),
            _ => None,
        };
        assert_eq!(floats([0.0, 1.0, 0.25]).unwrap(), [0.0, 0.25, 0.5, 0.75]);
        assert_eq!(floats([0.0, f32::INFINITY, 1.0]), None);
        assert_eq!(floats([0.0, f32::NAN, 1.0]), None);
        assert_eq!(floats([0.0, 1.0, 0.0]), None);
        assert_eq!(floats([0.0, -1.0, 1.0]).unwrap(), [0.0; 0]);
        assert!(range([Data::F32(vec![0.0]), Data::I64(vec![1]), Data::F32(vec![0.0])]).is_err());
    }

    /// onnxruntime 1.31.
    #[test]
    fn ones_on_a_diagonal() {
        let eye = |diagonal, dims: &[usize]| {
            let like =
                Tensor::new(dims.to_vec(), Data::zeros(DataType::Int32, dims.iter().product()));
            let attributes = vec![("k", Attribute::Int(diagonal)), ("dtype", Attribute::Int(1))];
            check("EyeLike", 9, 1, attributes, &[like.unwrap()]).map(|mut made| made.remove(0))
        };
        assert_eq!(eye(1, &[2, 3]).unwrap(), floats(&[2, 3], &[0.0, 1.0, 0.0, 0.0, 0.0, 1.0]));
        assert_eq!(eye(-1, &[2, 2]).unwrap(), floats(&[2, 2], &[0.0, 0.0, 1.0, 0.0]));
        assert_eq!(eye(i64::MIN, &[1, 1]).unwrap(), floats(&[1, 1], &[0.0]));
        assert_eq!(eye(i64::MAX, &[1, 1]).unwrap(), floats(&[1, 1], &[0.0]));
        assert_eq!(eye(0, &[2, 0]).unwrap().dims(), [2, 0]);
        assert!(eye(0, &[2]).is_err());
    }
}
