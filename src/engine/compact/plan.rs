//! A graph of kernels in running order: values are numbered slots.

use std::collections::HashSet;
use std::sync::Arc;

use super::budget::{Budget, STEP};
use crate::error::{Code, Error, Result};
use crate::ops::{self, Body, Fact, Kernel, Operator};
use crate::tensor::{Data, Tensor};

/// Constants of more elements than this are not made before a run.
const FOLDED: usize = 1 << 20;

/// Nor are constants beyond so many bytes in all.
const FOLDED_BYTES: u64 = 1 << 27;

/// One node: a kernel, and the slots that it reads and writes.
#[derive(Debug)]
pub struct Step {
    /// What runs.
    pub kernel: Box<dyn Kernel>,
    /// Which operator it is.
    pub operator: &'static Operator,
    /// How messages name the node.
    pub label: String,
    /// `None` where an optional input is left out.
    pub inputs: Vec<Option<usize>>,
    /// `None` where an output is not used.
    pub outputs: Vec<Option<usize>>,
}

/// Steps in running order over numbered slots.
#[derive(Debug)]
pub struct Plan {
    budget: Arc<Budget>,
    slots: usize,
    /// Slots of the declared inputs, then of the captured values.
    inputs: Vec<usize>,
    /// Names of the outer values that are read, behind the declared inputs.
    pub captures: Vec<String>,
    constants: Vec<(usize, Arc<Tensor>)>,
    /// What runs, in order.
    pub steps: Vec<Step>,
    /// The slots that are given out.
    pub outputs: Vec<usize>,
}

impl Plan {
    /// No steps yet, on a budget.
    pub fn new(budget: Arc<Budget>) -> Self {
        Plan {
            budget,
            slots: 0,
            inputs: vec![],
            captures: vec![],
            constants: vec![],
            steps: vec![],
            outputs: vec![],
        }
    }

    /// A slot for a value that a step makes.
    pub fn value(&mut self) -> usize {
        self.slots += 1;
        self.slots - 1
    }

    /// A slot for a value that every run is given.
    pub fn input(&mut self) -> usize {
        let slot = self.value();
        self.inputs.push(slot);
        slot
    }

    /// A slot for a value that never changes.
    pub fn constant(&mut self, value: Arc<Tensor>) -> usize {
        let slot = self.value();
        self.constants.push((slot, value));
        slot
    }

    /// The values that never change.
    #[cfg(test)]
    pub fn constants(&self) -> impl Iterator<Item = &Tensor> {
        self.constants.iter().map(|(_, value)| &**value)
    }

    /// Types and shapes of all slots. What depends on constants alone is computed.
    fn facts(&self, inputs: &[Fact]) -> Result<Vec<Option<Fact>>> {
        self.budget.work(self.slots as u64)?;
        let mut folded = 0;
        let mut facts: Vec<Option<Fact>> = vec![None; self.slots];
        for (slot, fact) in self.inputs.iter().zip(inputs) {
            facts[*slot] = Some(fact.clone());
        }
        for (slot, value) in &self.constants {
            facts[*slot] = Some(Fact::constant(value.clone()));
        }
        for step in &self.steps {
            let read: Vec<Option<&Fact>> =
                step.inputs.iter().map(|slot| facts[(*slot)?].as_ref()).collect();
            let made = step.infer(&read, &self.budget, &mut folded);
            for (slot, fact) in step.outputs.iter().zip(made.map_err(|error| step.name(error))?) {
                if let Some(slot) = slot {
                    facts[*slot] = Some(fact);
                }
            }
        }
        Ok(facts)
    }

    /// Types and shapes the plan for inputs of these facts, turns what is constant into constants,
    /// drops what no output needs, and answers the outputs' facts.
    ///
    /// # Errors
    /// `OP_UNSUPPORTED` or `MODEL_INVALID`, naming node and operator.
    pub fn specialise(&mut self, inputs: Vec<Fact>) -> Result<Vec<Fact>> {
        let facts = self.facts(&inputs)?;
        let outputs =
            self.outputs.iter().map(|slot| facts[*slot].clone().ok_or_else(missing)).collect();
        let mut needed: HashSet<usize> = self.outputs.iter().copied().collect();
        let is_constant = |slot: usize| facts[slot].as_ref().is_some_and(|f| f.value.is_some());
        let mut kept = vec![];
        for step in std::mem::take(&mut self.steps).into_iter().rev() {
            let used = step
                .outputs
                .iter()
                .flatten()
                .any(|slot| needed.contains(slot) && !is_constant(*slot));
            if used {
                needed.extend(step.inputs.iter().flatten());
                kept.push(step);
            }
        }
        kept.reverse();
        self.steps = kept;
        self.constants = (0..self.slots)
            .filter(|slot| needed.contains(slot))
            .filter_map(|slot| Some((slot, facts[slot].as_ref()?.value.clone()?)))
            .collect();
        outputs
    }

    /// Runs all steps.
    ///
    /// # Errors
    /// `ENGINE_FAILED` where a kernel cannot take these shapes or values, `LIMIT_EXCEEDED`.
    pub fn run(&self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>> {
        self.run_values(inputs.into_iter().map(Value::Own))
    }

    fn run_values<'p>(&'p self, inputs: impl Iterator<Item = Value<'p>>) -> Result<Vec<Tensor>> {
        self.budget.work(STEP.saturating_add(self.slots as u64))?;
        let mut values: Vec<Value<'_>> = (0..self.slots).map(|_| Value::Absent).collect();
        for (slot, value) in &self.constants {
            values[*slot] = Value::Shared(value);
        }
        for (slot, value) in self.inputs.iter().zip(inputs) {
            values[*slot] = value;
        }
        let mut held = 0;
        let outputs =
            self.run_steps(&mut values, &mut held).and_then(|()| self.take(values, &mut held));
        self.budget.release(held);
        outputs
    }

    /// `held` counts the bytes of all values that this plan holds.
    fn run_steps(&self, values: &mut [Value<'_>], held: &mut u64) -> Result<()> {
        let mut last = vec![usize::MAX; self.slots];
        for (index, step) in self.steps.iter().enumerate() {
            step.inputs.iter().flatten().for_each(|slot| last[*slot] = index);
        }
        self.outputs.iter().for_each(|slot| last[*slot] = usize::MAX);
        for (index, step) in self.steps.iter().enumerate() {
            let made = {
                let read: Vec<Option<&Tensor>> =
                    step.inputs.iter().map(|slot| values[(*slot)?].get()).collect();
                self.budget.work(work(read.iter().copied().flatten()))?;
                step.kernel.run(&read).map_err(|error| step.name(error))?
            };
            self.budget.work(work(&made))?;
            for (slot, tensor) in step.outputs.iter().zip(made) {
                if let Some(slot) = slot {
                    let bytes = bytes(&tensor);
                    *held = held.saturating_add(bytes);
                    values[*slot] = Value::Own(tensor);
                    self.budget.hold(bytes)?;
                }
            }
            for slot in step.inputs.iter().flatten() {
                if last[*slot] == index
                    && let Value::Own(tensor) = &values[*slot]
                {
                    let bytes = bytes(tensor).min(*held);
                    *held -= bytes;
                    self.budget.release(bytes);
                    values[*slot] = Value::Absent;
                }
            }
        }
        Ok(())
    }

    /// The values that are given out. One that is given out several times is copied.
    fn take(&self, mut values: Vec<Value<'_>>, held: &mut u64) -> Result<Vec<Tensor>> {
        let mut uses = vec![0usize; self.slots];
        self.outputs.iter().for_each(|slot| uses[*slot] += 1);
        let mut outputs = vec![];
        for slot in &self.outputs {
            uses[*slot] -= 1;
            if uses[*slot] == 0 && matches!(values[*slot], Value::Own(_)) {
                if let Value::Own(tensor) = std::mem::replace(&mut values[*slot], Value::Absent) {
                    outputs.push(tensor);
                }
                continue;
            }
            let tensor = values[*slot].get().ok_or_else(missing)?;
            let bytes = bytes(tensor);
            *held = held.saturating_add(bytes);
            self.budget.hold(bytes)?;
            self.budget.work(tensor.data().len() as u64)?;
            outputs.push(tensor.clone());
        }
        Ok(outputs)
    }
}

impl Step {
    /// `folded` counts the bytes of what was computed.
    fn infer(
        &self,
        inputs: &[Option<&Fact>],
        budget: &Budget,
        folded: &mut u64,
    ) -> Result<Vec<Fact>> {
        budget.work(STEP)?;
        ops::check_types(self.operator, inputs)?;
        let facts = self.kernel.infer(inputs)?;
        let constant = inputs.iter().flatten().all(|fact| fact.value.is_some());
        let size = |fact: &Fact| {
            fact.dims().and_then(|dims| ops::shape::elements(&dims).ok()).unwrap_or(usize::MAX)
        };
        if !constant
            || facts.iter().all(|fact| fact.value.is_some())
            || facts.iter().any(|fact| size(fact) > FOLDED)
            || *folded > FOLDED_BYTES
        {
            return Ok(facts);
        }
        let values: Vec<Option<&Tensor>> =
            inputs.iter().map(|fact| fact.as_ref()?.value.as_deref()).collect();
        budget.work(work(values.iter().copied().flatten()))?;
        // What cannot be computed now fails in the run, if the run comes to it.
        let Ok(made) = self.kernel.run(&values) else { return Ok(facts) };
        budget.work(work(&made))?;
        *folded = folded.saturating_add(made.iter().map(bytes).sum());
        Ok(made.into_iter().map(|tensor| Fact::constant(Arc::new(tensor))).collect())
    }

    /// Says in which node an error arose.
    fn name(&self, error: Error) -> Error {
        if error.details().contains_key("node") {
            return error;
        }
        let message = format!("{} (node `{}`)", error.message(), self.label);
        error.say(message).with("node", &*self.label).with("operator", self.operator.name)
    }
}

/// What a slot holds during a run.
enum Value<'p> {
    Absent,
    Shared(&'p Tensor),
    Own(Tensor),
}

impl Value<'_> {
    fn get(&self) -> Option<&Tensor> {
        match self {
            Value::Absent => None,
            Value::Shared(tensor) => Some(tensor),
            Value::Own(tensor) => Some(tensor),
        }
    }
}

fn bytes(tensor: &Tensor) -> u64 {
    match tensor.data() {
        Data::Str(texts) => {
            texts.iter().map(|text| (size_of::<String>() + text.len()) as u64).sum()
        }
        data => data.len() as u64 * data.data_type().size().unwrap_or(1) as u64,
    }
}

/// What reading or making these counts for.
fn work<'t>(tensors: impl IntoIterator<Item = &'t Tensor>) -> u64 {
    tensors.into_iter().fold(STEP / 2, |sum, tensor| sum.saturating_add(tensor.data().len() as u64))
}

fn missing() -> Error {
    Error::new(Code::ModelInvalid, "The graph gives out a value that nothing in it makes.")
}

impl Body for Plan {
    fn inputs(&self) -> usize {
        self.inputs.len() - self.captures.len()
    }

    fn outputs(&self) -> usize {
        self.outputs.len()
    }

    fn captures(&self) -> &[String] {
        &self.captures
    }

    fn infer(&self, inputs: &[Fact]) -> Result<Vec<Fact>> {
        let facts = self.facts(inputs)?;
        self.outputs.iter().map(|slot| facts[*slot].clone().ok_or_else(missing)).collect()
    }

    fn run(&self, inputs: &[&Tensor]) -> Result<Vec<Tensor>> {
        self.run_values(inputs.iter().map(|tensor| Value::Shared(tensor)))
    }
}
