//! `ArgMax`, `ArgMin` (ai.onnx 1, 11, 12, 13).
//!
//! As in onnxruntime, the first NaN counts as the largest and as the smallest number where the first
//! of several equals is asked for; where the last is, numbers are compared as they are.

use super::axes::remaining;
use super::element::{Wide, doubles, ordered, widen};
use super::lanes::Lanes;
use crate::error::Result;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, one_fact, one_tensor, required, shape, types,
};
use crate::tensor::{Data, DataType, Tensor};

const fn operator(name: &'static str) -> Operator {
    Operator { domain: "", name, versions: &[1, 11, 12, 13], inputs: &[types::NUMBER], build }
}

/// The family's operators.
pub const OPERATORS: &[Operator] = &[operator("ArgMax"), operator("ArgMin")];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let last = definition.version >= 12
        && definition.attributes.flag("select_last_index")?.unwrap_or(false);
    Ok(Box::new(Extreme {
        axis: definition.attributes.int("axis")?.unwrap_or(0),
        keep: definition.attributes.flag("keepdims")?.unwrap_or(true),
        last,
        smallest: definition.operator.name == "ArgMin",
    }))
}

#[derive(Debug)]
struct Extreme {
    axis: i64,
    keep: bool,
    last: bool,
    smallest: bool,
}

impl Extreme {
    fn reduced(&self, rank: usize) -> Result<Vec<bool>> {
        let mut reduced = vec![false; rank];
        reduced[shape::axis(self.axis, rank)?] = true;
        Ok(reduced)
    }

    fn positions<T: Copy + PartialOrd>(&self, values: &[T], lanes: Lanes) -> Vec<i64> {
        let is_nan = |x: T| x.partial_cmp(&x).is_none();
        lanes
            .starts()
            .map(|start| {
                let mut lane = lanes.read(values, start).enumerate();
                let Some((mut found, mut best)) = lane.next() else { return 0 };
                for (index, x) in lane {
                    let further = if self.smallest { x < best } else { x > best };
                    let counts = match self.last {
                        true => x == best,
                        false => is_nan(x) && !is_nan(best),
                    };
                    if further || counts {
                        (found, best) = (index, x);
                    }
                }
                found as i64
            })
            .collect()
    }
}

impl Kernel for Extreme {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let shape = match &required(inputs, 0)?.shape {
            Some(dims) => {
                Some(remaining(dims, &self.reduced(dims.len())?, self.keep, Dim::Known(1)))
            }
            None => None,
        };
        one_fact(DataType::Int64, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let dims = remaining(x.dims(), &self.reduced(x.dims().len())?, self.keep, 1);
        let lanes = Lanes::along(x.dims(), self.axis)?;
        let count = shape::elements(&dims)?;
        if lanes.length == 0 && count > 0 {
            return Err(failed("An empty axis has no largest or smallest element."));
        }
        let found = match widen(x.data())? {
            Wide::F32(_) | Wide::F64(_) => self.positions(&doubles(x.data())?, lanes),
            Wide::I64(values) => self.positions(&values, lanes),
            Wide::U64(values) => {
                let values: Vec<i64> = values.iter().map(|bits| ordered(*bits)).collect();
                self.positions(&values, lanes)
            }
        };
        one_tensor(dims, Data::I64(found))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::Attribute;
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::Data;

    fn of(name: &str, last: i64, values: &[f32]) -> i64 {
        let attributes = vec![("select_last_index", Attribute::Int(last))];
        let x = tensor(&[values.len()], Data::F32(values.to_vec()));
        let made = run(&*kernel(name, 13, 1, attributes), &[x]).unwrap();
        let Data::I64(found) = made.data() else { panic!("{made:?}") };
        found[0]
    }

    /// onnxruntime 1.31.
    #[test]
    fn nan_and_equals() {
        let nan = f32::NAN;
        let cases: [&[f32]; 8] = [
            &[1.0, nan, 3.0],
            &[nan, 1.0, 3.0],
            &[3.0, 1.0, nan],
            &[nan, nan],
            &[1.0, 3.0, 3.0, 1.0],
            &[f32::INFINITY, nan],
            &[nan, 5.0, 7.0, 1.0],
            &[2.0, nan, 1.0, 5.0],
        ];
        for (name, last, wanted) in [
            ("ArgMax", 0, [1, 0, 2, 0, 1, 1, 0, 1]),
            ("ArgMax", 1, [2, 0, 0, 0, 2, 0, 0, 3]),
            ("ArgMin", 0, [1, 0, 2, 0, 0, 1, 0, 1]),
            ("ArgMin", 1, [0, 0, 1, 0, 3, 0, 0, 2]),
        ] {
            for (values, wanted) in cases.iter().zip(wanted) {
                assert_eq!(of(name, last, values), wanted, "{name} {last} {values:?}");
            }
        }
    }

    #[cfg(feature = "extra")]
    #[test]
    fn axes_are_kept_or_dropped() {
        let x = tensor(&[2, 3], Data::U64(vec![1, u64::MAX, 2, 5, 4, 6]));
        let default = run(&*kernel("ArgMax", 9, 1, vec![]), std::slice::from_ref(&x)).unwrap();
        assert_eq!(default, tensor(&[1, 3], Data::I64(vec![1, 0, 1])));
        let attributes = vec![("axis", Attribute::Int(-1)), ("keepdims", Attribute::Int(0))];
        let rows = run(&*kernel("ArgMax", 9, 1, attributes), &[x]).unwrap();
        assert_eq!(rows, tensor(&[2], Data::I64(vec![1, 2])));
        let none = tensor(&[0, 3], Data::F32(vec![]));
        assert!(run(&*kernel("ArgMax", 9, 1, vec![]), std::slice::from_ref(&none)).is_err());
        let kernel = kernel("ArgMax", 9, 1, vec![("axis", Attribute::Int(1))]);
        assert_eq!(run(&*kernel, &[none]).unwrap(), tensor(&[0, 1], Data::I64(vec![])));
    }
}
