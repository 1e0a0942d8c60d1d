//! `TreeEnsembleRegressor` (ai.onnx.ml 1, 3, 5) and `TreeEnsemble` (ai.onnx.ml 5).

use super::aggregate::{Aggregate, check_width};
use super::nodes::Nodes;
use super::positions;
use super::trees::Trees;
use crate::error::Result;
use crate::ops::estimators::input;
use crate::ops::estimators::post_transform::PostTransform;
use crate::ops::math::element::Number;
use crate::ops::{Definition, Dim, Fact, Kernel, failed, fresh, invalid, required, shape};
use crate::tensor::{DataType, Tensor};

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

impl Kernel for TreeEnsembleRegressor {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let features = required(inputs, 0)?;
        let rows = input::row_count(features)?;
        let data_type = if self.same_type { features.data_type } else { DataType::Float32 };
        Ok(vec![Fact::new(data_type, vec![rows, Dim::Known(self.trees.ensemble.targets)])])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 1)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let [output] = outputs else { return Err(failed("A regressor has one output.")) };
        let features = required(inputs, 0)?;
        let (count, width) = input::shape(features)?;
        let targets = self.trees.ensemble.targets;
        let elements = shape::elements(&[count, targets])?;
        let is_sum = matches!(self.aggregate, Aggregate::Sum | Aggregate::Average);
        let is_single = !self.same_type || features.data_type() == DataType::Float32;
        let Some(flat) = self.trees.flat(features.data_type()).filter(|_| is_sum && is_single)
        else {
            *output = self.run_as_specified(features, vec![count, targets], elements)?;
            return Ok(());
        };
        check_width(flat.width, (count, width))?;
        let out = output.reuse_f32(&[count, targets]);
        flat.scores(&input::singles(features.data())?, count, width, out);
        if self.aggregate == Aggregate::Average {
            let trees = flat.trees as f32;
            out.iter_mut().for_each(|score| *score /= trees);
        }
        let keeps = self.post_transform.keeps(targets);
        if keeps && flat.base_values.is_empty() {
            return Ok(());
        }
        for row in out.chunks_exact_mut(targets) {
            row.iter_mut().zip(&flat.base_values).for_each(|(score, base)| *score += base);
            if !keeps {
                self.post_transform.apply(row);
            }
        }
        Ok(())
    }
}

impl TreeEnsembleRegressor {
    fn run_as_specified(
        &self,
        features: &Tensor,
        dims: Vec<usize>,
        elements: usize,
    ) -> Result<Tensor> {
        let mut out = Vec::with_capacity(elements);
        let mut transformed = vec![];
        let keeps = self.post_transform.keeps(self.trees.ensemble.targets);
        self.trees.evaluate(self.aggregate, features, &mut |scores| {
            scores.add_base(&self.trees.ensemble.base_values);
            if keeps {
                out.extend_from_slice(&scores.values);
            } else {
                transformed.clear();
                transformed.extend(scores.values.iter().map(|score| *score as f32));
                self.post_transform.apply(&mut transformed);
                out.extend(transformed.iter().map(|score| f64::from(*score)));
            }
            Ok(())
        })?;
        let data_type = if self.same_type { features.data_type() } else { DataType::Float32 };
        Tensor::new(dims, Number::narrow(out, data_type))
    }
}
