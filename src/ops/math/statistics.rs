//! Normalization by statistics over whole tensors: `BatchNormalization` (ai.onnx 9, 14, 15; training
//! mode since 14) and `MeanVarianceNormalization` (9, 13).

use super::axes::{reduced, remaining};
use super::element::{Number, doubles};
use super::loops::Loops;
use super::normalization::epsilon;
use crate::error::{Result, list};
use crate::ops::{
    Definition, Fact, Kernel, Operator, failed, one_tensor, required, shape, types, unsupported,
};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "",
        name: "BatchNormalization",
        versions: &[9, 14, 15],
        inputs: &[types::FLOAT],
        build: build_batch,
    },
    Operator {
        domain: "",
        name: "MeanVarianceNormalization",
        versions: &[9, 13],
        inputs: &[types::FLOAT],
        build: build_mean_variance,
    },
];

/// Elements, the results that they count for, and the means over each result's elements.
struct Groups {
    loops: Loops,
    results: usize,
    count: f64,
}

impl Groups {
    /// One result for each position along the axes that are not reduced.
    fn new(dims: &[usize], reduced: &[bool]) -> Result<Self> {
        let kept = remaining(dims, reduced, true, 1);
        let results = shape::elements(&kept)?;
        let elements = shape::elements(dims)?;
        Ok(Groups {
            loops: Loops::new(dims, &[shape::strides(dims), shape::broadcast_strides(&kept, dims)]),
            results,
            count: elements as f64 / results as f64,
        })
    }

    /// The mean of a function of element and position of its result.
    fn mean(&self, values: &[f64], function: impl Fn(f64, usize) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.results];
        self.each(values, |value, at| sums[at] += function(value, at));
        sums.iter_mut().for_each(|sum| *sum /= self.count);
        sums
    }

    fn variance(&self, values: &[f64], means: &[f64]) -> Vec<f64> {
        self.mean(values, |x, at| (x - means[at]) * (x - means[at]))
    }

    fn each(&self, values: &[f64], mut function: impl FnMut(f64, usize)) {
        self.loops.each(&mut |offsets| {
            for (index, value) in values[offsets[0]..][..self.loops.length].iter().enumerate() {
                function(*value, offsets[1] + index * self.loops.steps[1]);
            }
        });
    }

    /// All elements through a function of element and position of its result, in order.
    fn map(&self, values: &[f64], function: impl Fn(f64, usize) -> f64) -> Vec<f64> {
        let mut made = Vec::with_capacity(values.len());
        self.each(values, |value, at| made.push(function(value, at)));
        made
    }
}

fn build_batch(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(5..=5)?;
    let trains =
        definition.version >= 14 && definition.attributes.flag("training_mode")?.unwrap_or(false);
    if !trains && (1..5).any(|index| definition.has_output(index)) {
        return Err(unsupported(
            "BatchNormalization gives out statistics in training only. Export the model for inference.",
        ));
    }
    let momentum = f64::from(definition.attributes.float("momentum")?.unwrap_or(0.9));
    Ok(Box::new(Batch { epsilon: epsilon(definition)?, training: trains.then_some(momentum) }))
}

#[derive(Debug)]
struct Batch {
    epsilon: f64,
    /// The momentum, in training mode.
    training: Option<f64>,
}

impl Kernel for Batch {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (x, mean, variance) =
            (required(inputs, 0)?, required(inputs, 3)?, required(inputs, 4)?);
        let mut made = vec![x.with_type(x.data_type)];
        if self.training.is_some() {
            made.extend([mean, variance].map(|fact| fact.with_type(fact.data_type)));
        }
        Ok(made)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        // A tensor of one dimension has one channel.
        let reduced: Vec<bool> = (0..x.dims().len()).map(|axis| axis != 1).collect();
        let groups = Groups::new(x.dims(), &reduced)?;
        let parameter = |index: usize| {
            let tensor = required(inputs, index)?;
            match tensor.data().len() == groups.results {
                true => doubles(tensor.data()),
                false => Err(failed(format!(
                    "{} channels are normalized with a tensor of shape {}.",
                    groups.results,
                    list(tensor.dims())
                ))),
            }
        };
        let (scale, bias) = (parameter(1)?, parameter(2)?);
        let (mut mean, mut variance) = (parameter(3)?.into_owned(), parameter(4)?.into_owned());
        let values = doubles(x.data())?;
        let mut running = vec![];
        if let Some(momentum) = self.training {
            let means = groups.mean(&values, |x, _| x);
            let variances = groups.variance(&values, &means);
            for (index, held, now) in [(3, &mut mean, means), (4, &mut variance, variances)] {
                let mixed = held.iter().zip(&now).map(|(a, b)| a * momentum + b * (1.0 - momentum));
                let given = required(inputs, index)?;
                let data = Number::narrow(mixed.collect(), given.data_type());
                running.push(Tensor::new(given.dims().to_vec(), data)?);
                *held = now;
            }
        }
        let factors: Vec<f64> = variance
            .iter()
            .zip(&*scale)
            .map(|(variance, scale)| scale / (variance + self.epsilon).sqrt())
            .collect();
        let made = groups.map(&values, |x, at| (x - mean[at]) * factors[at] + bias[at]);
        let y = Tensor::new(x.dims().to_vec(), Number::narrow(made, x.data_type()))?;
        Ok([y].into_iter().chain(running).collect())
    }
}

fn build_mean_variance(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let axes = definition.attributes.ints("axes")?.unwrap_or_else(|| vec![0, 2, 3]);
    Ok(Box::new(MeanVariance { axes }))
}

#[derive(Debug)]
struct MeanVariance {
    axes: Vec<i64>,
}

impl Kernel for MeanVariance {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        Ok(vec![x.with_type(x.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        /// What the specification's function adds to the deviation.
        const EPSILON: f64 = 1e-9;
        let x = required(inputs, 0)?;
        let groups = Groups::new(x.dims(), &reduced(&self.axes, x.dims().len(), false)?)?;
        let values = doubles(x.data())?;
        let means = groups.mean(&values, |x, _| x);
        let deviations: Vec<f64> = groups
            .variance(&values, &means)
            .iter()
            .map(|variance| variance.sqrt() + EPSILON)
            .collect();
        let made = groups.map(&values, |x, at| (x - means[at]) / deviations[at]);
        one_tensor(x.dims().to_vec(), Number::narrow(made, x.data_type()))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::Attribute;
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::Data;

    /// numpy 2.4.
    #[test]
    fn channels_are_normalized_by_given_statistics() {
        let x = tensor(&[2, 2, 2], Data::F32((0..8u8).map(f32::from).collect()));
        let two = |a, b| tensor(&[2], Data::F32(vec![a, b]));
        let none = vec![("epsilon", Attribute::Float(0.0))];
        let inputs = [x, two(1.0, 2.0), two(0.0, 1.0), two(1.0, 2.0), two(4.0, 1.0)];
        let made = run(&*kernel("BatchNormalization", 15, 5, none), &inputs).unwrap();
        let wanted = vec![-0.5, 0.0, 1.0, 3.0, 1.5, 2.0, 9.0, 11.0];
        assert_eq!(made, tensor(&[2, 2, 2], Data::F32(wanted)));
        let wrong = [&inputs[0], &inputs[1], &inputs[2], &inputs[3], &inputs[0]].map(Some);
        assert!(kernel("BatchNormalization", 9, 5, vec![]).run(&wrong).is_err());
    }

    #[test]
    fn training_gives_out_running_statistics() {
        let x = tensor(&[2, 1], Data::F64(vec![1.0, 3.0]));
        let one = |a| tensor(&[1], Data::F64(vec![a]));
        let attributes = vec![
            ("training_mode", Attribute::Int(1)),
            ("momentum", Attribute::Float(0.5)),
            ("epsilon", Attribute::Float(0.0)),
        ];
        let kernel = kernel("BatchNormalization", 14, 5, attributes);
        let inputs = [x, one(1.0), one(0.0), one(4.0), one(3.0)];
        let made = kernel.run(&inputs.each_ref().map(Some)).unwrap();
        assert_eq!(made[0], tensor(&[2, 1], Data::F64(vec![-1.0, 1.0])));
        assert_eq!((&made[1], &made[2]), (&one(3.0), &one(2.0)));
    }

    /// numpy 2.4.
    #[test]
    fn mean_and_variance_are_taken_out() {
        let x = tensor(&[2, 2], Data::F64(vec![1.0, 5.0, 3.0, 9.0]));
        let columns =
            kernel("MeanVarianceNormalization", 13, 1, vec![("axes", Attribute::Ints(vec![0]))]);
        let made = run(&*columns, std::slice::from_ref(&x)).unwrap();
        let Data::F64(values) = made.data() else { panic!("{made:?}") };
        for (value, wanted) in values.iter().zip([-1.0, -1.0, 1.0, 1.0]) {
            assert!((value - wanted).abs() < 1e-8);
        }
        // The default axes are those of images.
        assert!(kernel("MeanVarianceNormalization", 13, 1, vec![]).run(&[Some(&x)]).is_err());
    }
}
