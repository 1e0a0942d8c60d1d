//! The full engine: tract-onnx, compiled for each concrete input shape.
//!
//! Symbolic dimensions and the file's own value infos lead tract astray, so a graph is parsed
//! once without them ([`convert`]) and compiled anew for every set of input shapes; [`plan`]
//! keeps the last few. Before that, [`adapter`] puts our own operators in the place of what tract
//! lacks or gets wrong, [`support`] names what neither has, [`refuse`] what would still come out
//! wrong, and [`mend`] rewrites what tract can be made to get right.

mod adapter;
mod convert;
mod mend;
mod nan;
mod plan;
mod refuse;
mod sizes;
mod support;
mod value;

use tract_onnx::prelude::*;

use super::{Engine, Feed, missing};
use crate::error::{Code, Error, Result};
use crate::onnx::{Checked, Limits, Slot};
use crate::tensor::{Data, Tensor};

pub use adapter::replaces;
pub use plan::DEFAULT_PLANS;
pub use support::operators;

/// Integer inputs of up to this many elements may be folded into a plan as constants.
const SMALL: usize = 16;

/// A graph that tract runs.
#[derive(Debug)]
pub struct TractEngine {
    template: InferenceModel,
    inputs: Vec<Slot>,
    outputs: Vec<Slot>,
    limits: Limits,
    plans: plan::PlanCache,
    /// Whether small integer inputs (shapes, axes, counts) have to be constants of the plan.
    folds: bool,
    /// For each input an operator that would hide a NaN in it.
    hides_nan: Vec<Option<String>>,
}

/// Makes tract's chain of contexts one sentence.
fn failed(error: TractError) -> Error {
    let mut reason = error.chain().map(|cause| cause.to_string()).collect::<Vec<_>>().join(": ");
    if let Some((cut, _)) = reason.char_indices().nth(600) {
        reason.truncate(cut);
        reason.push('…');
    }
    Error::new(
        Code::EngineFailed,
        format!("The engine could not run this model on these shapes. It says: {reason}"),
    )
    .with("engine", "tract")
}

impl TractEngine {
    /// Parses a checked graph. Compilation waits for the first shapes.
    ///
    /// # Errors
    /// `OP_UNSUPPORTED` for operators that tract lacks or gets wrong, `LIMIT_EXCEEDED` for
    /// constants that make huge tensors, `ENGINE_FAILED` where it cannot parse the graph.
    pub fn load(checked: Checked, limits: Limits, plans: usize) -> Result<Self> {
        let mut model = checked.model;
        support::check(&model)?;
        sizes::check(&model, &limits)?;
        let hides_nan = nan::hiding_operators(&model, &checked.signature.inputs);
        let adapters = adapter::adopt(&mut model)?;
        refuse::check(&model)?;
        mend::model(&mut model);
        let mut onnx = tract_onnx::onnx()
            .with_ignore_value_info(true)
            .with_ignore_output_shapes(true)
            .with_ignore_output_types(true);
        mend::register(&mut onnx);
        let template = adapter::parse(&mut onnx, adapters, &convert::model(model))?;
        Ok(TractEngine {
            template,
            inputs: checked.signature.inputs,
            outputs: checked.signature.outputs,
            limits,
            plans: plan::PlanCache::new(plans),
            folds: false,
            hides_nan,
        })
    }

    fn key(&self, feeds: &[Feed<'_>]) -> plan::Key {
        let dims = feeds.iter().map(|feed| feed.dims.to_vec()).collect();
        let constants =
            feeds.iter().map(|feed| if self.folds { small_integers(feed) } else { None });
        plan::Key { dims, constants: constants.collect() }
    }

    fn run_once(&mut self, feeds: &[Feed<'_>]) -> Result<Vec<Tensor>> {
        let key = self.key(feeds);
        let plan = self.plans.get(&key, || {
            let mut model = self.template.clone();
            for (index, feed) in feeds.iter().enumerate() {
                let fact = match key.constants[index] {
                    Some(_) => InferenceFact::from(value::to_tract(feed)?),
                    None => {
                        InferenceFact::dt_shape(value::datum_type(feed.data.data_type()), feed.dims)
                    }
                };
                model.set_input_fact(index, fact).map_err(failed)?;
            }
            plan::compile(model, &self.limits)
        })?;
        let inputs = feeds
            .iter()
            .map(|feed| Ok(value::to_tract(feed)?.into_tvalue()))
            .collect::<Result<TVec<TValue>>>()?;
        let outputs = plan.run(inputs).map_err(failed);
        let outputs = match outputs {
            Ok(outputs) => outputs,
            Err(error) => {
                self.plans.forget_first();
                return Err(error);
            }
        };
        outputs
            .iter()
            .zip(&self.outputs)
            .map(|(tensor, slot)| value::from_tract(tensor, slot.data_type))
            .collect()
    }
}

/// The values of an integer input that is small enough to be a constant of a plan.
fn small_integers(feed: &Feed<'_>) -> Option<Vec<i64>> {
    let count: usize = feed.dims.iter().product();
    if count > SMALL {
        return None;
    }
    let range = feed.start..feed.start + count;
    match feed.data {
        Data::I64(values) => Some(values.get(range)?.to_vec()),
        Data::I32(values) => {
            Some(values.get(range)?.iter().map(|value| i64::from(*value)).collect())
        }
        _ => None,
    }
}

impl Engine for TractEngine {
    fn run(&mut self, feeds: &[Feed<'_>]) -> Result<Vec<Tensor>> {
        super::check_sizes(feeds, &self.inputs, &self.limits)?;
        missing::check(feeds, &self.hides_nan)?;
        match self.run_once(feeds) {
            Err(error) if !self.folds && error.code() == Code::EngineFailed => {
                if feeds.iter().all(|feed| small_integers(feed).is_none()) {
                    return Err(error);
                }
                // Shapes and axes that arrive as inputs can only be compiled as constants.
                self.folds = true;
                self.run_once(feeds).map_err(|_| {
                    self.folds = false;
                    error
                })
            }
            result => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plans_used_last_are_kept() {
        let limits = Limits::default();
        let bytes = include_bytes!("../../../tests/fixtures/add.onnx");
        let checked = crate::onnx::read(bytes, &limits).unwrap();
        let mut engine = TractEngine::load(checked, limits, 3).unwrap();
        for rows in [1usize, 2, 3, 4, 3, 5, 3] {
            let tensor = Tensor::new(vec![rows, 3], Data::F32(vec![1.0; 3 * rows])).unwrap();
            let outputs = engine.run(&[Feed::from(&tensor), Feed::from(&tensor)]).unwrap();
            assert_eq!(outputs[0].dims(), [rows, 3]);
        }
        let held: Vec<usize> = engine.plans.keys().map(|key| key.dims[0][0]).collect();
        assert_eq!(held, [3, 5, 4]);
    }

    #[test]
    fn rows_of_another_width_than_the_weights_are_refused() {
        let limits = Limits::default();
        let bytes = include_bytes!("../../../tests/fixtures/double.onnx");
        let mut checked = crate::onnx::read(bytes, &limits).unwrap();
        checked.signature.inputs[0].shape = None;
        let mut engine = TractEngine::load(checked, limits, 3).unwrap();
        let wide = Tensor::new(vec![1, 9], Data::F64(vec![1.0; 9])).unwrap();
        let error = engine.run(&[Feed::from(&wide)]).unwrap_err();
        assert_eq!(error.code(), Code::EngineFailed);
        assert!(error.message().contains("1,9"), "{error}");
    }
}
