//! The plain interpreter: what runs must equal. Every node of the file's graph runs in its order,
//! through [`Kernel::run`](crate::ops::Kernel::run), in fresh memory.

use super::plan::Plan;
use crate::error::Result;
use crate::tensor::Tensor;

/// Runs a plan that was not specialised.
///
/// # Errors
/// As [`Plan::run`].
pub fn run(plan: &Plan, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    let mut values: Vec<Option<Tensor>> = vec![None; plan.slots];
    for (slot, value) in &plan.constants {
        values[*slot] = Some((**value).clone());
    }
    for (slot, tensor) in plan.inputs.iter().zip(inputs) {
        values[*slot] = Some(tensor.clone());
    }
    for step in &plan.steps {
        let read: Vec<Option<&Tensor>> =
            step.inputs.iter().map(|slot| values[(*slot)?].as_ref()).collect();
        let made = step.kernel.run(&read).map_err(|error| step.name(error))?;
        for (slot, tensor) in step.outputs.iter().zip(made) {
            if let Some(slot) = slot {
                values[*slot] = Some(tensor);
            }
        }
    }
    Ok(plan.outputs.iter().filter_map(|slot| values[*slot].clone()).collect())
}
