//! Plans compiled for concrete input shapes, the last used ones kept.

use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::{TDim, ToDim};
use tract_onnx::tract_hir::tract_core::ops::einsum::EinSum;
use tract_onnx::tract_hir::tract_core::ops::scan::Scan;

use super::failed;
use crate::error::{Code, Error, Result};
use crate::onnx::Limits;

/// How many plans are kept where the caller does not say.
pub const DEFAULT_PLANS: usize = 8;

/// What a plan was compiled for: each input's shape, and the values of those that became constants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub dims: Vec<Vec<usize>>,
    /// One entry an input; empty where the input stays variable.
    pub constants: Vec<Option<Vec<i64>>>,
}

/// A compiled plan and the state that its runs reuse.
pub type Plan = TypedSimpleState;

/// The plans used last, the most recent one first.
#[derive(Debug)]
pub struct PlanCache {
    plans: Vec<(Key, Plan)>,
    capacity: usize,
}

impl PlanCache {
    /// Keeps at least one plan.
    pub fn new(capacity: usize) -> Self {
        PlanCache { plans: vec![], capacity: capacity.max(1) }
    }

    /// The plan of that key, moved to the front, or the one that `compile` makes.
    pub fn get(&mut self, key: &Key, compile: impl FnOnce() -> Result<Plan>) -> Result<&mut Plan> {
        match self.plans.iter().position(|(held, _)| held == key) {
            Some(0) => {}
            Some(index) => self.plans[..=index].rotate_right(1),
            None => {
                let plan = compile()?;
                self.plans.truncate(self.capacity - 1);
                self.plans.insert(0, (key.clone(), plan));
            }
        }
        match self.plans.first_mut() {
            Some((_, plan)) => Ok(plan),
            None => Err(Error::new(Code::EngineFailed, "The plan cache is empty.")),
        }
    }

    /// Forgets a plan whose run was broken off, whose state may be half written.
    pub fn forget_first(&mut self) {
        if !self.plans.is_empty() {
            self.plans.remove(0);
        }
    }

    #[cfg(test)]
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.plans.iter().map(|(key, _)| key)
    }
}

/// Types, optimises and orders a graph whose input facts are concrete.
///
/// # Errors
/// `LIMIT_EXCEEDED` where a tensor on the way would be larger than `limits` allow;
/// `ENGINE_FAILED` where tract cannot type or optimise the graph.
pub fn compile(model: InferenceModel, limits: &Limits) -> Result<Plan> {
    let mut typed = model.into_typed().map_err(failed)?;
    forget_between_runs(&mut typed);
    check_products(&typed)?;
    check_sizes(&typed, limits)?;
    let plan = typed.into_optimized().and_then(|model| model.into_runnable()).map_err(failed)?;
    plan.spawn().map_err(failed)
}

/// tract's loops (`Scan`, and the recurrent layers made of them) go on with the state of the run
/// before, as for a stream. A model answers each call from its own initial state.
fn forget_between_runs(model: &mut TypedModel) {
    for node in model.nodes_mut() {
        if let Some(scan) = node.op_as_mut::<Scan>() {
            scan.reset_every_turn = true;
            forget_between_runs(&mut scan.body);
        }
    }
}

/// tract multiplies matrices whose inner dimensions differ, and reads beyond the shorter one.
fn check_products(model: &TypedModel) -> Result<()> {
    for node in model.nodes() {
        let Some(product) = node.op_as::<EinSum>() else { continue };
        for axis in product.axes.iter_all_axes() {
            let mut length: Option<&TDim> = None;
            for (input, places) in node.inputs.iter().zip(&axis.inputs) {
                let fact = model.outlet_fact(*input).map_err(failed)?;
                for dim in places.iter().filter_map(|place| fact.shape.get(*place)) {
                    if *dim == 1.to_dim() {
                        continue;
                    }
                    if length.is_some_and(|length| length != dim) {
                        return Err(Error::new(
                            Code::EngineFailed,
                            format!(
                                "The node `{}` multiplies dimensions of {} and {dim}, which must be the same. Check the shapes of the inputs.",
                                node.name,
                                length.map_or_else(String::new, ToString::to_string)
                            ),
                        )
                        .with("node", &*node.name));
                    }
                    length = Some(dim);
                }
            }
        }
    }
    Ok(())
}

fn check_sizes(model: &TypedModel, limits: &Limits) -> Result<()> {
    let mut total = 0u64;
    for node in model.nodes() {
        for output in &node.outputs {
            let Some(shape) = output.fact.shape.as_concrete() else { continue };
            let what = format!("The output of the node `{}`", node.name);
            let elements = crate::onnx::guard::element_count(
                shape.iter().map(|dim| *dim as u64),
                &what,
                limits,
            )?;
            let size = output.fact.datum_type.size_of() as u64;
            total = total.saturating_add(elements.saturating_mul(size));
        }
    }
    if total > limits.max_tensor_bytes {
        return Err(Error::new(
            Code::LimitExceeded,
            format!(
                "A run on these shapes makes {total} bytes of tensors, more than the {} allowed. Pass fewer rows, or raise `limits.maxTensorBytes` if you trust the model.",
                limits.max_tensor_bytes
            ),
        )
        .with("limit", "maxTensorBytes")
        .with("expected", limits.max_tensor_bytes)
        .with("got", total));
    }
    Ok(())
}
