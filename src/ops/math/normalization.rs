//! Normalization of what lies together in memory: `LayerNormalization` (ai.onnx 17),
//! `RMSNormalization` (23), `InstanceNormalization` (6, 22), `GroupNormalization` (18, 21) and
//! `LpNormalization` (1, 22).
//!
//! All are computed in doubles and rounded once, whatever `stash_type` says.

use super::element::{Number, doubles};
use super::lanes::Lanes;
use super::loops::Loops;
use crate::error::{Result, list};
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, invalid, one_tensor, optional, required,
    shape, types, unsupported,
};
use crate::tensor::{DataType, Tensor};

const fn operator(
    name: &'static str,
    versions: &'static [i64],
    build: fn(&mut Definition) -> Result<Box<dyn Kernel>>,
) -> Operator {
    Operator { domain: "", name, versions, inputs: &[types::FLOAT], build }
}

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    operator("LayerNormalization", &[17], build_layer),
    operator("RMSNormalization", &[23], build_layer),
    operator("InstanceNormalization", &[6, 22], build_group),
    operator("GroupNormalization", &[18, 21], build_group),
    operator("LpNormalization", &[1, 22], build_lp),
];

/// The attribute `epsilon`.
///
/// # Errors
/// `MODEL_INVALID` where it has another type.
pub fn epsilon(definition: &mut Definition) -> Result<f64> {
    Ok(f64::from(definition.attributes.float("epsilon")?.unwrap_or(1e-5)))
}

/// The attribute `stash_type`, which has no effect here but on the type of statistics.
fn stash(definition: &mut Definition) -> Result<()> {
    match definition.attributes.int("stash_type")?.unwrap_or(1) {
        1 => Ok(()),
        other => Err(unsupported(format!(
            "{} with the `stash_type` {} is not implemented; float is.",
            definition.operator.name,
            DataType::onnx_name(other)
        ))),
    }
}

/// Moves a lane to a mean of 0, if it is `centred`, and scales it to a mean square of 1. Answers
/// the mean, and what it was scaled by.
pub fn standardise(lane: &mut [f64], centred: bool, epsilon: f64) -> (f64, f64) {
    let count = lane.len() as f64;
    let mean = if centred { lane.iter().sum::<f64>() / count } else { 0.0 };
    lane.iter_mut().for_each(|x| *x -= mean);
    let square = lane.iter().map(|x| *x * *x).sum::<f64>() / count;
    let factor = 1.0 / (square + epsilon).sqrt();
    lane.iter_mut().for_each(|x| *x *= factor);
    (mean, factor)
}

fn build_layer(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    let centred = definition.operator.name == "LayerNormalization";
    definition.expect_inputs(2..=if centred { 3 } else { 2 })?;
    stash(definition)?;
    Ok(Box::new(Layer {
        axis: definition.attributes.int("axis")?.unwrap_or(-1),
        epsilon: epsilon(definition)?,
        centred,
    }))
}

/// Over all axes from one on.
#[derive(Debug)]
struct Layer {
    axis: i64,
    epsilon: f64,
    centred: bool,
}

impl Layer {
    /// The shape of the statistics.
    fn lanes<T: Copy>(&self, dims: &[T], one: T) -> Result<Vec<T>> {
        let axis = shape::axis(self.axis, dims.len())?;
        Ok(dims.iter().enumerate().map(|(at, dim)| if at < axis { *dim } else { one }).collect())
    }
}

impl Kernel for Layer {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (x, scale) = (required(inputs, 0)?, required(inputs, 1)?);
        let statistics = match &x.shape {
            Some(dims) => Some(self.lanes(dims, Dim::Known(1))?),
            None => None,
        };
        let statistics = Fact::new(DataType::Float32, statistics);
        if self.centred {
            return Ok(vec![x.with_type(x.data_type), statistics.clone(), statistics]);
        }
        Ok(vec![x.with_type(scale.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (x, scale) = (required(inputs, 0)?, required(inputs, 1)?);
        let dims = self.lanes(x.dims(), 1)?;
        let mut means = Vec::with_capacity(shape::elements(&dims)?);
        let mut factors = Vec::with_capacity(means.capacity());
        let mut values = doubles(x.data())?.into_owned();
        Lanes::from(x.dims(), self.axis)?.rewrite(&mut values, |lane| {
            let (mean, factor) = standardise(lane, self.centred, self.epsilon);
            means.push(mean as f32);
            factors.push(factor as f32);
        });
        combine(&mut values, x.dims(), scale, |x, scale| x * scale)?;
        if let Some(bias) = optional(inputs, 2) {
            combine(&mut values, x.dims(), bias, |x, bias| x + bias)?;
        }
        let kind = if self.centred { x.data_type() } else { scale.data_type() };
        let mut made = vec![Tensor::new(x.dims().to_vec(), Number::narrow(values, kind))?];
        if self.centred {
            for statistics in [means, factors] {
                // Lanes without elements have none.
                let mut statistics = statistics;
                statistics.resize(shape::elements(&dims)?, f32::NAN);
                made.push(Tensor::new(
                    dims.clone(),
                    Number::narrow(statistics, DataType::Float32),
                )?);
            }
        }
        Ok(made)
    }
}

/// Each value with its element of a tensor that broadcasts to the values' shape.
fn combine(
    values: &mut [f64],
    dims: &[usize],
    other: &Tensor,
    function: fn(f64, f64) -> f64,
) -> Result<()> {
    if shape::broadcast(&[dims, other.dims()])? != dims {
        return Err(failed(format!(
            "A scale or bias of shape {} does not broadcast to {}.",
            list(other.dims()),
            list(dims)
        )));
    }
    let factors = doubles(other.data())?;
    let strides = [shape::strides(dims), shape::broadcast_strides(other.dims(), dims)];
    let loops = Loops::new(dims, &strides);
    loops.each(&mut |offsets| {
        for (index, value) in values[offsets[0]..][..loops.length].iter_mut().enumerate() {
            *value = function(*value, factors[offsets[1] + index * loops.steps[1]]);
        }
    });
    Ok(())
}

fn build_group(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(3..=3)?;
    let mut groups = None;
    if definition.operator.name == "GroupNormalization" {
        let number = definition.attributes.int("num_groups")?;
        groups = match number.and_then(|number| usize::try_from(number).ok()) {
            Some(number @ 1..) => Some(number),
            _ => return Err(invalid("GroupNormalization needs `num_groups`, one or more.")),
        };
        if definition.version >= 21 {
            stash(definition)?;
        }
    }
    Ok(Box::new(Group { groups, epsilon: epsilon(definition)? }))
}

/// Over the channels of one group in one row.
#[derive(Debug)]
struct Group {
    /// `None` for a group a channel.
    groups: Option<usize>,
    epsilon: f64,
}

impl Kernel for Group {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        Ok(vec![x.with_type(x.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (x, scale, bias) = (required(inputs, 0)?, required(inputs, 1)?, required(inputs, 2)?);
        let channels = channels(x)?;
        let groups = self.groups.unwrap_or(channels);
        if groups == 0 || channels % groups != 0 {
            return Err(failed(format!("{channels} channels are not {groups} equal groups.")));
        }
        let mut values = doubles(x.data())?.into_owned();
        let rows = x.dims()[0];
        if let Some(length @ 1..) = values.len().checked_div(rows * groups) {
            for lane in values.chunks_exact_mut(length) {
                standardise(lane, true, self.epsilon);
            }
        }
        // Scales are given a channel, or a group.
        let given = scale.data().len();
        if given != bias.data().len() || given != channels && given != groups {
            return Err(failed(format!(
                "{channels} channels in {groups} groups have {given} scales and {} biases.",
                bias.data().len()
            )));
        }
        let (scale, bias) = (doubles(scale.data())?, doubles(bias.data())?);
        if let Some(length @ 1..) = values.len().checked_div(rows * given) {
            for (index, lane) in values.chunks_exact_mut(length).enumerate() {
                let (scale, bias) = (scale[index % given], bias[index % given]);
                lane.iter_mut().for_each(|x| *x = *x * scale + bias);
            }
        }
        one_tensor(x.dims().to_vec(), Number::narrow(values, x.data_type()))
    }
}

/// The length of the second axis.
///
/// # Errors
/// `ENGINE_FAILED` where there is none.
pub fn channels(x: &Tensor) -> Result<usize> {
    x.dims().get(1).copied().ok_or_else(|| {
        failed(format!("A tensor of shape {} has no channels to normalize.", list(x.dims())))
    })
}

fn build_lp(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let squares = match definition.attributes.int("p")?.unwrap_or(2) {
        1 => false,
        2 => true,
        other => {
            return Err(invalid(format!("The `p` of LpNormalization is 1 or 2, not {other}.")));
        }
    };
    Ok(Box::new(Lp { axis: definition.attributes.int("axis")?.unwrap_or(-1), squares }))
}

/// Along one axis, to a norm of 1.
#[derive(Debug)]
struct Lp {
    axis: i64,
    squares: bool,
}

impl Kernel for Lp {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        if let Some(rank) = x.rank() {
            shape::axis(self.axis, rank)?;
        }
        Ok(vec![x.with_type(x.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let mut values = doubles(x.data())?.into_owned();
        Lanes::along(x.dims(), self.axis)?.rewrite(&mut values, |lane| {
            let norm = match self.squares {
                true => lane.iter().map(|x| *x * *x).sum::<f64>().sqrt(),
                false => lane.iter().map(|x| x.abs()).sum(),
            };
            if norm != 0.0 {
                lane.iter_mut().for_each(|x| *x /= norm);
            }
        });
        one_tensor(x.dims().to_vec(), Number::narrow(values, x.data_type()))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::Attribute;
    use crate::ops::math::testing::{build, kernel, run, tensor};
    use crate::tensor::{Data, Tensor};

    fn close(got: &Tensor, wanted: &[f64]) {
        let Data::F64(values) = got.data() else { panic!("{got:?}") };
        assert_eq!(values.len(), wanted.len());
        for (a, b) in values.iter().zip(wanted) {
            assert!((a - b).abs() < 1e-6, "{values:?} instead of {wanted:?}");
        }
    }

    fn x() -> Tensor {
        tensor(&[2, 3], Data::F64(vec![1.0, 2.0, 4.0, 0.0, 0.0, 0.0]))
    }

    /// numpy 2.4.
    #[test]
    fn lanes_are_standardised() {
        let scale = tensor(&[3], Data::F64(vec![1.0, 2.0, 1.0]));
        let bias = tensor(&[3], Data::F64(vec![0.0, 0.0, 10.0]));
        let layer = kernel("LayerNormalization", 17, 3, vec![]);
        let made = run(&*layer, &[x(), scale.clone(), bias.clone()]).unwrap();
        close(&made, &[-1.069_041_5, -0.534_520_8, 11.336_301_9, 0.0, 0.0, 10.0]);
        let all = layer.run(&[Some(&x()), Some(&scale), Some(&bias)]).unwrap();
        assert_eq!(all[1], tensor(&[2, 1], Data::F32(vec![2.333_333_3, 0.0])));
        let rms = kernel("RMSNormalization", 23, 2, vec![]);
        let made = run(&*rms, &[x(), scale]).unwrap();
        close(&made, &[0.377_964_2, 1.511_856_8, 1.511_856_8, 0.0, 0.0, 0.0]);
        let wide = tensor(&[2, 2, 3], Data::F64(vec![1.0; 12]));
        assert!(layer.run(&[Some(&x()), Some(&wide), None]).is_err());
    }

    /// numpy 2.4.
    #[test]
    fn a_norm_of_zero_leaves_zeros() {
        let lp = |p| kernel("LpNormalization", 22, 1, vec![("p", Attribute::Int(p))]);
        close(&run(&*lp(1), &[x()]).unwrap(), &[1.0 / 7.0, 2.0 / 7.0, 4.0 / 7.0, 0.0, 0.0, 0.0]);
        let wanted = [0.218_217_9, 0.436_435_8, 0.872_871_6, 0.0, 0.0, 0.0];
        close(&run(&*lp(2), &[x()]).unwrap(), &wanted);
        assert!(build("LpNormalization", 22, 1, vec![("p", Attribute::Int(3))]).is_err());
    }

    /// numpy 2.4.
    #[test]
    fn groups_of_channels() {
        let x = tensor(&[1, 4, 1], Data::F64(vec![1.0, 3.0, 5.0, 9.0]));
        let four = tensor(&[4], Data::F64(vec![1.0, 1.0, 2.0, 2.0]));
        let groups = vec![("num_groups", Attribute::Int(2)), ("epsilon", Attribute::Float(0.0))];
        let group = kernel("GroupNormalization", 21, 3, groups);
        close(
            &run(&*group, &[x.clone(), four.clone(), four.clone()]).unwrap(),
            &[0.0, 2.0, 0.0, 4.0],
        );
        let instance = kernel("InstanceNormalization", 9, 3, vec![]);
        close(&run(&*instance, &[x, four.clone(), four.clone()]).unwrap(), &[1.0, 1.0, 2.0, 2.0]);
        for dims in [vec![0, 4, 2], vec![2, 4, 0]] {
            let empty = tensor(&dims, Data::F64(vec![]));
            let made = run(&*instance, &[empty.clone(), four.clone(), four.clone()]).unwrap();
            assert_eq!(made, empty);
        }
        let odd = tensor(&[1, 3], Data::F64(vec![1.0; 3]));
        assert!(group.run(&[Some(&odd), Some(&four), Some(&four)]).is_err());
    }
}
