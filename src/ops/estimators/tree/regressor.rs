//! `TreeEnsembleRegressor` (ai.onnx.ml 1, 3, 5) and `TreeEnsemble` (ai.onnx.ml 5).

use super::aggregate::{Aggregate, check_width};
use super::ensemble::Ensemble;
use super::nodes::Nodes;
use super::positions;
use super::real::Real;
use super::trees::{InPrecision, Trees};
use crate::error::Result;
use crate::half::f32_to_f16;
use crate::ops::estimators::input;
use crate::ops::estimators::post_transform::PostTransform;
use crate::ops::{Definition, Dim, Fact, Kernel, failed, fresh, invalid, required, shape};
use crate::tensor::{Data, DataType, Tensor};

#[derive(Debug)]
struct TreeEnsembleRegressor {
    trees: Trees,
    aggregate: Aggregate,
    post_transform: PostTransform,
    /// Whether scores have the features' type; else they are binary32.
    same_type: bool,
}

pub fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let aggregate = Aggregate::named(attributes.string("aggregate_function")?.as_deref())?;
    let post_transform = PostTransform::read(attributes)?;
    let targets = targets(attributes.int("n_targets")?.unwrap_or(1))?;
    let nodes = Nodes::read(attributes, "target", definition.version >= 3)?;
    let given = nodes.base_values();
    if given != 0 && given != targets {
        return Err(invalid(format!(
            "The regressor has {given} base values for {targets} targets."
        )));
    }
    let trees = nodes.build(targets)?;
    Ok(Box::new(TreeEnsembleRegressor { trees, aggregate, post_transform, same_type: false }))
}

pub fn build_positions(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let aggregate = Aggregate::numbered(attributes.int("aggregate_function")?.unwrap_or(1))?;
    let post_transform = PostTransform::numbered(attributes.int("post_transform")?.unwrap_or(0))?;
    let targets = targets(attributes.int("n_targets")?.unwrap_or(1))?;
    let trees = positions::read(attributes, targets)?;
    Ok(Box::new(TreeEnsembleRegressor { trees, aggregate, post_transform, same_type: true }))
}

/// More than a million targets are a damaged file.
fn targets(number: i64) -> Result<usize> {
    usize::try_from(number)
        .ok()
        .filter(|targets| (1..=1 << 20).contains(targets))
        .ok_or_else(|| invalid(format!("The regressor has {number} targets.")))
}

impl TreeEnsembleRegressor {
    fn answer<T: Real>(
        &self,
        trees: &Ensemble<T>,
        features: &[T],
        shape: (usize, usize),
    ) -> Result<Vec<T>> {
        let mut out = Vec::with_capacity(shape::elements(&[shape.0, trees.targets])?);
        let mut transformed = vec![];
        trees.evaluate(self.aggregate, features, shape, |scores| {
            for (score, base) in scores.values.iter_mut().zip(&trees.base_values) {
                *score += *base;
            }
            if self.post_transform.keeps(trees.targets) {
                out.extend_from_slice(&scores.values);
            } else {
                transformed.clear();
                transformed.extend(scores.values.iter().map(|score| score.to_f32()));
                self.post_transform.apply(&mut transformed);
                out.extend(transformed.iter().map(|score| T::from_f32(*score)));
            }
            Ok(())
        })?;
        Ok(out)
    }
}

impl Kernel for TreeEnsembleRegressor {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let features = required(inputs, 0)?;
        let rows = input::row_count(features)?;
        let data_type = if self.same_type { features.data_type } else { DataType::Float32 };
        Ok(vec![Fact::new(data_type, vec![rows, Dim::Known(self.trees.targets())])])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 1)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let [output] = outputs else { return Err(failed("A regressor has one output.")) };
        let features = required(inputs, 0)?;
        let (count, width) = input::shape(features)?;
        let targets = self.trees.targets();
        let is_sum = matches!(self.aggregate, Aggregate::Sum | Aggregate::Average);
        let is_single = !self.same_type || features.data_type() == DataType::Float32;
        let Some((flat, base_values)) =
            self.trees.flat(features.data_type()).filter(|_| is_sum && is_single)
        else {
            *output = self.run_as_specified(inputs)?;
            return Ok(());
        };
        check_width(flat.width, (count, width))?;
        shape::elements(&[count, targets])?;
        let out = output.reuse_f32(&[count, targets]);
        flat.scores(&input::singles(features.data())?, count, width, out);
        if self.aggregate == Aggregate::Average {
            let trees = flat.trees as f32;
            out.iter_mut().for_each(|score| *score /= trees);
        }
        let keeps = self.post_transform.keeps(targets);
        if keeps && base_values.is_empty() {
            return Ok(());
        }
        for row in out.chunks_exact_mut(targets) {
            row.iter_mut().zip(base_values).for_each(|(score, base)| *score += base);
            if !keeps {
                self.post_transform.apply(row);
            }
        }
        Ok(())
    }
}

impl TreeEnsembleRegressor {
    fn run_as_specified(&self, inputs: &[Option<&Tensor>]) -> Result<Tensor> {
        let features = required(inputs, 0)?;
        let shape = input::shape(features)?;
        let data_type = if self.same_type { features.data_type() } else { DataType::Float32 };
        let scores = match self.trees.for_type(features.data_type()) {
            InPrecision::Single(trees) => {
                Data::F32(self.answer(trees, &input::singles(features.data())?, shape)?)
            }
            InPrecision::Double(trees) => {
                Data::F64(self.answer(trees, &input::doubles(features.data())?, shape)?)
            }
        };
        let scores = match data_type {
            DataType::Float64 => Data::F64(input::doubles(&scores)?.into_owned()),
            DataType::Float16 => {
                Data::F16(input::singles(&scores)?.iter().map(|score| f32_to_f16(*score)).collect())
            }
            _ => Data::F32(input::singles(&scores)?.into_owned()),
        };
        Tensor::new(vec![shape.0, self.trees.targets()], scores)
    }
}
