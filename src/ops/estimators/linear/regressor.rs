//! `LinearRegressor` (ai.onnx.ml 1).

use super::Weights;
use crate::error::Result;
use crate::ops::estimators::input;
use crate::ops::estimators::post_transform::PostTransform;
use crate::ops::sparse::{Change, Source};
use crate::ops::{Definition, Dim, Fact, Kernel, fresh, invalid, made, one_fact, required, shape};
use crate::tensor::{DataType, Tensor};

/// One score a target.
#[derive(Debug)]
struct LinearRegressor {
    weights: Weights,
    targets: usize,
    post_transform: PostTransform,
}

pub fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let targets = attributes.int("targets")?.unwrap_or(1);
    let mut weights = Weights::read(attributes)?;
    let post_transform = PostTransform::read(attributes)?;
    let targets = usize::try_from(targets)
        .ok()
        .filter(|targets| (1..=weights.coefficients.len().max(1)).contains(targets))
        .ok_or_else(|| {
            invalid(format!(
                "The regressor has {} coefficients for {targets} targets.",
                weights.coefficients.len()
            ))
        })?;
    let given = weights.intercepts.len();
    // Exporters write a single zero where a model of several targets has no intercepts.
    if given != targets && weights.intercepts.iter().any(|intercept| *intercept != 0.0) {
        return Err(invalid(format!(
            "The regressor has {given} intercepts for {targets} targets."
        )));
    }
    weights.fill(targets);
    Ok(Box::new(LinearRegressor { weights, targets, post_transform }))
}

impl Kernel for LinearRegressor {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let rows = input::row_count(required(inputs, 0)?)?;
        one_fact(DataType::Float32, vec![rows, Dim::Known(self.targets)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 1)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let (features, rows, width) = self.weights.features(inputs)?;
        self.weights.check(self.targets, width)?;
        shape::elements(&[rows, self.targets])?;
        let scores = made(outputs, 0)?.reuse_f32(&[rows, self.targets]);
        self.weights.scores(&features, width, self.targets, scores, self.targets);
        if !self.post_transform.keeps(self.targets) {
            let rows = scores.chunks_mut(self.targets.max(1));
            rows.for_each(|scores| self.post_transform.apply(scores));
        }
        Ok(())
    }

    fn begin_with(&mut self, change: &Change, width: usize) -> bool {
        self.weights.begin_with(change, width)
    }

    fn reads_sparse(&self, width: usize) -> bool {
        self.weights.reads_sparse(width)
    }

    fn read_from(&mut self, source: Source) {
        self.weights.source = Some(source);
    }
}
