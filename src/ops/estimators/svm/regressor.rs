//! `SVMRegressor` (ai.onnx.ml 1).

use predikt_kernels::linear::dot;

use super::machine::{Machine, ROWS};
use crate::error::Result;
use crate::ops::estimators::input;
use crate::ops::estimators::post_transform::PostTransform;
use crate::ops::{Definition, Dim, Fact, Kernel, fresh, invalid, made, one_fact, required, shape};
use crate::tensor::{DataType, Tensor};

#[derive(Debug)]
struct SvmRegressor {
    machine: Machine,
    /// One for each support vector; a linear model has a single vector, and 1.
    coefficients: Vec<f32>,
    rho: f32,
    one_class: bool,
}

pub fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    // A single score is left as it is.
    PostTransform::read(attributes)?;
    let one_class = attributes.int("one_class")?.unwrap_or(0) != 0;
    let coefficients = attributes.floats("coefficients")?.unwrap_or_default();
    let rho = attributes.floats("rho")?.unwrap_or_default();
    let rho = *rho.first().ok_or_else(|| invalid("The regressor has no `rho`."))?;
    let supports = attributes.int("n_supports")?.unwrap_or(0);
    let supports = usize::try_from(supports)
        .ok()
        .filter(|supports| *supports == 0 || *supports == coefficients.len())
        .ok_or_else(|| {
            invalid(format!(
                "The regressor has {} coefficients for {supports} support vectors.",
                coefficients.len()
            ))
        })?;
    let machine = Machine::read(attributes, supports, &coefficients, 1)?;
    let coefficients = if supports == 0 { vec![1.0] } else { coefficients };
    Ok(Box::new(SvmRegressor { machine, coefficients, rho, one_class }))
}

impl Kernel for SvmRegressor {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let rows = input::row_count(required(inputs, 0)?)?;
        one_fact(DataType::Float32, vec![rows, Dim::Known(1)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 1)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let features = required(inputs, 0)?;
        let (rows, width) = self.machine.shape(features)?;
        shape::elements(&[rows, 1])?;
        let values = input::singles(features.data())?;
        let scores = made(outputs, 0)?.reuse_f32(&[rows, 1]);
        let stride = self.machine.stride();
        let mut compared = vec![0.0; stride * ROWS.min(rows)];
        for (first, scores) in (0..rows).step_by(ROWS).zip(scores.chunks_mut(ROWS)) {
            let features = values.get(first * width..(first + scores.len()) * width);
            self.machine.compare(features.unwrap_or_default(), &mut compared);
            for (compared, out) in compared.chunks(stride.max(1)).zip(scores) {
                let compared = compared.get(..self.coefficients.len()).unwrap_or_default();
                let score = dot(compared, &self.coefficients) + self.rho;
                let side = if score > 0.0 { 1.0 } else { -1.0 };
                *out = if self.one_class { side } else { score };
            }
        }
        Ok(())
    }
}
