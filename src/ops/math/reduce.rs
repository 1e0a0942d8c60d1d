//! `ReduceSum` (ai.onnx 1, 11, 13), `ReduceMean`, `ReduceProd`, `ReduceSumSquare`, `ReduceL1`,
//! `ReduceL2` (1, 11, 13, 18), `ReduceLogSum`, `ReduceLogSumExp` (1, 11, 13, 18, 28), `ReduceMax`,
//! `ReduceMin` (1, 11, 12, 13, 18, 20).
//!
//! Axes are an attribute before version 18 (13 for sums), an input from then on. Floating-point
//! numbers add up in doubles, integers wrap. Of an empty set the sum is 0, the product 1, the largest
//! the least number that there is, the mean NaN (0 for integers). A NaN among the elements is what
//! `ReduceMax` and `ReduceMin` give.

use std::borrow::Cow;

use super::axes;
use super::element::{Number, Wide, doubles, ordered, widen};
use super::loops::Loops;
use crate::error::Result;
use crate::ops::{Definition, Fact, Kernel, Operator, optional, required, shape, types};
use crate::tensor::{Data, DataType, Tensor};

const fn operator(name: &'static str, versions: &'static [i64]) -> Operator {
    Operator { domain: "", name, versions, inputs: &[types::NUMBER, types::INT64], build }
}

const fn compared(name: &'static str) -> Operator {
    Operator {
        domain: "",
        name,
        versions: &[1, 11, 12, 13, 18, 20],
        inputs: &[types::FIXED, types::INT64],
        build,
    }
}

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    operator("ReduceSum", &[1, 11, 13]),
    operator("ReduceMean", &[1, 11, 13, 18]),
    compared("ReduceMax"),
    compared("ReduceMin"),
    operator("ReduceProd", &[1, 11, 13, 18]),
    operator("ReduceSumSquare", &[1, 11, 13, 18]),
    operator("ReduceL1", &[1, 11, 13, 18]),
    operator("ReduceL2", &[1, 11, 13, 18]),
    operator("ReduceLogSum", &[1, 11, 13, 18, 28]),
    operator("ReduceLogSumExp", &[1, 11, 13, 18, 28]),
];

/// What is computed of the elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Sum,
    Mean,
    Max,
    Min,
    Product,
    SumSquare,
    L1,
    L2,
    LogSum,
    LogSumExp,
}

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    let measure = match definition.operator.name {
        "ReduceSum" => Measure::Sum,
        "ReduceMean" => Measure::Mean,
        "ReduceMax" => Measure::Max,
        "ReduceMin" => Measure::Min,
        "ReduceProd" => Measure::Product,
        "ReduceSumSquare" => Measure::SumSquare,
        "ReduceL1" => Measure::L1,
        "ReduceL2" => Measure::L2,
        "ReduceLogSum" => Measure::LogSum,
        _ => Measure::LogSumExp,
    };
    let keep = definition.attributes.flag("keepdims")?.unwrap_or(true);
    let from = if measure == Measure::Sum { 13 } else { 18 };
    if definition.version < from {
        definition.expect_inputs(1..=1)?;
        let axes = Some(definition.attributes.ints("axes")?.unwrap_or_default());
        return Ok(Box::new(Reduce { measure, keep, axes, keeps_all: false }));
    }
    definition.expect_inputs(1..=2)?;
    let keeps_all = definition.attributes.flag("noop_with_empty_axes")?.unwrap_or(false);
    let axes = if definition.has_input(1) { None } else { Some(vec![]) };
    Ok(Box::new(Reduce { measure, keep, axes, keeps_all }))
}

#[derive(Debug)]
struct Reduce {
    measure: Measure,
    keep: bool,
    /// `None` where they are the second input.
    axes: Option<Vec<i64>>,
    /// Whether no axes at all mean none, and not every one.
    keeps_all: bool,
}

impl Kernel for Reduce {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        let given = optional(inputs, 1).and_then(|fact| fact.value.as_deref());
        let axes = match (&self.axes, given) {
            (Some(axes), _) => Some(axes.clone()),
            (None, Some(tensor)) => Some(axes::integers(tensor)?),
            (None, None) => None,
        };
        let shape = axes::infer(x, axes.as_deref(), self.keep, self.keeps_all)?;
        Ok(vec![Fact::new(x.data_type, shape)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let axes = match &self.axes {
            Some(axes) => axes.clone(),
            None => axes::integers(required(inputs, 1)?)?,
        };
        let reduced = axes::reduced(&axes, x.dims().len(), self.keeps_all)?;
        let plan = Plan::new(x.dims(), &reduced)?;
        let kind = x.data_type();
        let rooted = matches!(self.measure, Measure::L2 | Measure::LogSum | Measure::LogSumExp);
        let data = if kind.is_float() || rooted {
            let made = floats(self.measure, &plan, doubles(x.data())?);
            match kind {
                _ if kind.is_float() => Number::narrow(made, kind),
                DataType::Uint64 => Data::U64(made.into_iter().map(|x| x as u64).collect()),
                _ => Number::narrow(made.into_iter().map(|x| x as i64).collect(), kind),
            }
        } else {
            integers(self.measure, &plan, x.data())?
        };
        let dims = axes::remaining(x.dims(), &reduced, self.keep, 1);
        Ok(vec![Tensor::new(dims, data)?])
    }
}

/// The loops over all elements and the results that they go into.
struct Plan {
    loops: Loops,
    /// How many results there are.
    results: usize,
    /// How many elements go into each.
    elements: usize,
}

impl Plan {
    fn new(dims: &[usize], reduced: &[bool]) -> Result<Self> {
        let kept = axes::remaining(dims, reduced, true, 1);
        let results = shape::elements(&kept)?;
        let strides = shape::broadcast_strides(&kept, dims);
        let gone = dims.iter().zip(reduced).filter(|(_, reduced)| **reduced);
        Ok(Plan {
            loops: Loops::new(dims, &[shape::strides(dims), strides]),
            results,
            elements: gone.fold(1, |product, (dim, _)| product.saturating_mul(*dim)),
        })
    }

    /// Calls `visit` for each element, in their order, with its position and its result's.
    fn each(&self, mut visit: impl FnMut(usize, usize)) {
        let (length, step) = (self.loops.length, self.loops.steps[1]);
        self.loops.each(&mut |offsets| {
            for index in 0..length {
                visit(offsets[0] + index, offsets[1] + index * step);
            }
        });
    }

    /// Adds up each result's elements, in their order.
    fn sum(&self, values: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.results];
        let (length, step) = (self.loops.length, self.loops.steps[1]);
        self.loops.each(&mut |offsets| {
            let (values, sums) = (&values[offsets[0]..][..length], &mut sums[offsets[1]..]);
            match (step, sums) {
                (0, [sum, ..]) => *sum = values.iter().fold(*sum, |sum, x| sum + x),
                (_, sums) => sums.iter_mut().zip(values).for_each(|(sum, x)| *sum += x),
            }
        });
        sums
    }

    /// Folds each result's elements, in their order.
    fn fold<T: Copy>(&self, values: &[T], first: T, function: impl Fn(T, T) -> T) -> Vec<T> {
        let mut results = vec![first; self.results];
        self.each(|from, to| results[to] = function(results[to], values[from]));
        results
    }
}

/// Numbers through a function.
fn each<T: Copy>(values: &mut [T], function: fn(T) -> T) {
    values.iter_mut().for_each(|x| *x = function(*x));
}

fn floats(measure: Measure, plan: &Plan, mut values: Cow<[f64]>) -> Vec<f64> {
    let fold =
        |values: &[f64], first, function: fn(f64, f64) -> f64| plan.fold(values, first, function);
    let mut most = vec![];
    match measure {
        Measure::Product => return fold(&values, 1.0, |a, x| a * x),
        Measure::Max => {
            return fold(
                &values,
                f64::NEG_INFINITY,
                |a, x| if x > a || x.is_nan() { x } else { a },
            );
        }
        Measure::Min => {
            return fold(&values, f64::INFINITY, |a, x| if x < a || x.is_nan() { x } else { a });
        }
        Measure::SumSquare | Measure::L2 => values.to_mut().iter_mut().for_each(|x| *x *= *x),
        Measure::L1 => each(values.to_mut(), f64::abs),
        Measure::LogSumExp => {
            // Exponents are taken relative to the largest; there is none to take if it is infinite.
            most = fold(&values, f64::NEG_INFINITY, f64::max);
            each(&mut most, |most| if most.is_finite() { most } else { 0.0 });
            let values = values.to_mut();
            plan.each(|from, to| values[from] = (values[from] - most[to]).exp());
        }
        Measure::Sum | Measure::Mean | Measure::LogSum => {}
    }
    let mut made = plan.sum(&values);
    match measure {
        Measure::Mean => made.iter_mut().for_each(|sum| *sum /= plan.elements as f64),
        Measure::L2 => each(&mut made, f64::sqrt),
        Measure::LogSum | Measure::LogSumExp => each(&mut made, f64::ln),
        _ => {}
    }
    made.iter_mut().zip(most).for_each(|(log, most)| *log += most);
    made
}

fn integers(measure: Measure, plan: &Plan, data: &Data) -> Result<Data> {
    let kind = data.data_type();
    let unsigned = kind == DataType::Uint64 && kind.is_present();
    // Sums and products modulo 2^64 have the same bits, signed or not.
    let mut values = match widen(data)? {
        Wide::I64(values) => values.into_owned(),
        Wide::U64(values) => values.iter().map(|value| *value as i64).collect(),
        Wide::F32(_) | Wide::F64(_) => vec![],
    };
    let compares = matches!(measure, Measure::Max | Measure::Min);
    let order = |values: &mut Vec<i64>| {
        if unsigned && compares {
            each(values, |bits| ordered(bits as u64));
        }
    };
    order(&mut values);
    match measure {
        Measure::SumSquare => each(&mut values, |x| x.wrapping_mul(x)),
        Measure::L1 if !unsigned => each(&mut values, i64::wrapping_abs),
        _ => {}
    }
    let (least, most) = bounds(kind);
    let (first, function): (i64, fn(i64, i64) -> i64) = match measure {
        Measure::Product => (1, i64::wrapping_mul),
        Measure::Max => (least, i64::max),
        Measure::Min => (most, i64::min),
        _ => (0, i64::wrapping_add),
    };
    let mut made = plan.fold(&values, first, function);
    order(&mut made);
    if let (Measure::Mean, count @ 1..) = (measure, plan.elements as i64) {
        made.iter_mut().for_each(|sum| {
            *sum = if unsigned { (*sum as u64 / count as u64) as i64 } else { *sum / count };
        });
    }
    Ok(Number::narrow(made, kind))
}

/// The least and the largest number of an integer type, or of booleans, as 64 bits; those of uint64 in
/// the order of signed ones.
fn bounds(kind: DataType) -> (i64, i64) {
    match kind {
        DataType::Int8 => (i8::MIN.into(), i8::MAX.into()),
        DataType::Int16 => (i16::MIN.into(), i16::MAX.into()),
        DataType::Int32 => (i32::MIN.into(), i32::MAX.into()),
        DataType::Uint8 => (0, u8::MAX.into()),
        DataType::Uint16 => (0, u16::MAX.into()),
        DataType::Uint32 => (0, u32::MAX.into()),
        DataType::Bool => (0, 1),
        _ => (i64::MIN, i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::math::testing::{build, kernel, run, tensor};
    use crate::ops::{Attribute, Dim, Fact};
    use crate::tensor::{Data, DataType, Tensor};

    fn flat(name: &str, data: Data) -> Data {
        let x = tensor(&[data.len()], data);
        run(&*kernel(name, 13, 1, vec![]), &[x]).unwrap().data().clone()
    }

    fn single(name: &str, values: &[f32]) -> f32 {
        let Data::F32(made) = flat(name, Data::F32(values.to_vec())) else { panic!("{name}") };
        made[0]
    }

    /// numpy 2.4, in doubles.
    #[test]
    fn measures() {
        let x = [1.5f32, -2.0, 3.0];
        for (name, wanted) in [
            ("ReduceSum", 2.5),
            ("ReduceMean", 0.833_333_3),
            ("ReduceMax", 3.0),
            ("ReduceMin", -2.0),
            ("ReduceProd", -9.0),
            ("ReduceSumSquare", 15.25),
            ("ReduceL1", 6.5),
            ("ReduceL2", 3.905_125),
            ("ReduceLogSum", 0.916_290_76),
            ("ReduceLogSumExp", 3.206_907),
        ] {
            assert_eq!(single(name, &x), wanted, "{name}");
        }
        assert_eq!(single("ReduceSum", &[1e8, 1.0, -1e8]), 1.0);
    }

    /// onnxruntime 1.31, and numpy 2.4 for NaN among the elements.
    #[test]
    fn infinities_and_nan() {
        let infinite = f32::INFINITY;
        assert_eq!(single("ReduceLogSumExp", &[1000.0, 1000.5]), 1_000.974_06);
        assert_eq!(single("ReduceLogSumExp", &[-infinite, -infinite]), -infinite);
        assert_eq!(single("ReduceLogSumExp", &[infinite, 1.0]), infinite);
        for name in ["ReduceMax", "ReduceMin", "ReduceSum", "ReduceLogSumExp"] {
            assert!(single(name, &[1.0, f32::NAN, 3.0]).is_nan(), "{name}");
        }
    }

    /// onnxruntime 1.31.
    #[cfg(feature = "extra")]
    #[test]
    fn integers_keep_their_type() {
        let x = || Data::I64(vec![7, -3, 2]);
        for (name, wanted) in [
            ("ReduceMean", 2),
            ("ReduceSumSquare", 62),
            ("ReduceL1", 12),
            ("ReduceL2", 7),
            ("ReduceLogSum", 1),
            ("ReduceLogSumExp", 7),
        ] {
            assert_eq!(flat(name, x()), Data::I64(vec![wanted]), "{name}");
        }
        assert_eq!(flat("ReduceMax", Data::U64(vec![3, u64::MAX])), Data::U64(vec![u64::MAX]));
        assert_eq!(flat("ReduceMean", Data::U64(vec![1 << 63])), Data::U64(vec![1 << 63]));
        assert_eq!(flat("ReduceMin", Data::Bool(vec![true, false])), Data::Bool(vec![false]));
    }

    /// onnxruntime 1.31 but for the mean, which is 0 there.
    #[cfg(feature = "extra")]
    #[test]
    fn empty_sets() {
        for (name, wanted) in [
            ("ReduceSum", 0.0),
            ("ReduceProd", 1.0),
            ("ReduceMax", f32::NEG_INFINITY),
            ("ReduceMin", f32::INFINITY),
            ("ReduceLogSum", f32::NEG_INFINITY),
            ("ReduceLogSumExp", f32::NEG_INFINITY),
        ] {
            assert_eq!(single(name, &[]), wanted, "{name}");
        }
        assert!(single("ReduceMean", &[]).is_nan());
        assert_eq!(flat("ReduceMax", Data::I8(vec![])), Data::I8(vec![i8::MIN]));
        assert_eq!(flat("ReduceMin", Data::U64(vec![])), Data::U64(vec![u64::MAX]));
        assert_eq!(flat("ReduceMean", Data::I32(vec![])), Data::I32(vec![0]));
    }

    #[test]
    fn axes_are_attributes_or_inputs() {
        let x = tensor(&[2, 3], Data::F64(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
        let attributes = vec![("axes", Attribute::Ints(vec![-1])), ("keepdims", Attribute::Int(0))];
        let made = run(&*kernel("ReduceSum", 11, 1, attributes), std::slice::from_ref(&x)).unwrap();
        assert_eq!(made, tensor(&[2], Data::F64(vec![6.0, 15.0])));
        let axes = |axes: &[i64]| tensor(&[axes.len()], Data::I64(axes.to_vec()));
        let by = |axes_given: &Tensor, keeps_all: i64| {
            let attributes = vec![("noop_with_empty_axes", Attribute::Int(keeps_all))];
            run(&*kernel("ReduceSumSquare", 18, 2, attributes), &[x.clone(), axes_given.clone()])
        };
        let columns = by(&axes(&[0]), 0).unwrap();
        assert_eq!(columns, tensor(&[1, 3], Data::F64(vec![17.0, 29.0, 45.0])));
        assert_eq!(by(&axes(&[]), 0).unwrap().dims(), [1, 1]);
        let squares = Data::F64(vec![1.0, 4.0, 9.0, 16.0, 25.0, 36.0]);
        assert_eq!(by(&axes(&[]), 1).unwrap(), tensor(&[2, 3], squares));
        assert!(by(&axes(&[2]), 0).is_err() && by(&axes(&[i64::MIN]), 0).is_err());
        let scalar = tensor(&[], Data::F32(vec![4.0]));
        let made = run(&*kernel("ReduceMax", 18, 2, vec![]), &[scalar.clone(), axes(&[0])]);
        assert_eq!(made.unwrap(), scalar);
        assert!(build("ReduceMean", 18, 1, vec![("axes", Attribute::Ints(vec![1]))]).is_err());
    }

    #[test]
    fn a_free_batch_stays_free() {
        let x = Fact::new(DataType::Float32, vec![Dim::Symbol(0), Dim::Known(4)]);
        let kernel = kernel("ReduceSum", 11, 1, vec![("axes", Attribute::Ints(vec![1]))]);
        let shape = kernel.infer(&[Some(&x)]).unwrap().swap_remove(0).shape;
        assert_eq!(shape, Some(vec![Dim::Symbol(0), Dim::Known(1)]));
    }
}
