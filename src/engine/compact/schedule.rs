//! Where the values of a plan live during a run, decided once.
//!
//! A *buffer* is a tensor that runs leave for the next run. A value has one from the step that
//! makes it to the last that reads it; values of one type whose times do not overlap share one.

use std::mem::swap;

use super::budget::{STEP, bytes, work};
use super::plan::{Facts, Plan};
use crate::error::{Code, Error, Result};
use crate::ops::Memory;
use crate::tensor::{DataType, Tensor};

/// Buffers of more bytes than this are given back when their value is not needed any more: to
/// ask for them again costs little beside filling them.
const KEPT: u64 = 1 << 20;

/// A step reads up to so many values without a list of its own.
const NEAR: usize = 4;

/// What a step reads and writes, and which buffers nothing reads after it.
#[derive(Debug)]
struct Call {
    inputs: Vec<Option<Source>>,
    /// The buffers that it writes, side by side. It reads none of them.
    first: usize,
    outputs: usize,
    ends: Vec<usize>,
}

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Source {
    /// Among the run's inputs.
    Input(usize),
    /// Among the plan's constants.
    Constant(usize),
    Buffer(usize),
}

/// How an output is given out.
#[derive(Debug)]
enum Give {
    /// It changes places with what the buffer held out before.
    Swap(usize),
    Copy(Source),
    /// Another output is the same value.
    Again(usize),
}

/// The memory of a plan's runs.
#[derive(Debug)]
pub struct Schedule {
    calls: Vec<Call>,
    outputs: Vec<Give>,
    buffers: usize,
}

impl Schedule {
    /// Gives each value of a plan its place.
    pub fn new(plan: &Plan, facts: &Facts) -> Self {
        let mut last = vec![0; plan.slots];
        for (index, step) in plan.steps.iter().enumerate() {
            step.inputs.iter().flatten().for_each(|slot| last[*slot] = index);
        }
        plan.outputs.iter().for_each(|slot| last[*slot] = usize::MAX);
        let mut places: Vec<Option<Source>> = vec![None; plan.slots];
        for (index, slot) in plan.inputs.iter().enumerate() {
            places[*slot] = Some(Source::Input(index));
        }
        for (index, (slot, _)) in plan.constants.iter().enumerate() {
            places[*slot] = Some(Source::Constant(index));
        }
        let mut free: Vec<(Option<DataType>, usize)> = vec![];
        let mut buffers = 0;
        let mut calls = vec![];
        for (index, (step, made)) in plan.steps.iter().zip(&facts.made).enumerate() {
            let inputs: Vec<Option<Source>> =
                step.inputs.iter().map(|slot| places[(*slot)?]).collect();
            let slot_of = |output: usize| step.outputs.get(output).copied().flatten();
            let kind_of = |output| Some(facts.slots[slot_of(output)?].as_ref()?.data_type);
            let held = match made {
                1 => free.iter().position(|(held, _)| *held == kind_of(0)),
                _ => None,
            };
            let first = match held {
                Some(position) => free.swap_remove(position).1,
                None => {
                    buffers += made;
                    buffers - made
                }
            };
            let mut ending = vec![];
            for output in 0..*made {
                let (kind, buffer) = (kind_of(output), first + output);
                match slot_of(output) {
                    // A constant that a step makes beside other values is known already.
                    Some(slot) if places[slot].is_none() => {
                        places[slot] = Some(Source::Buffer(buffer));
                        if last[slot] <= index {
                            ending.push((kind, buffer));
                        }
                    }
                    _ => ending.push((kind, buffer)),
                }
            }
            for slot in step.inputs.iter().flatten() {
                if let (Some(Source::Buffer(buffer)), true) = (places[*slot], last[*slot] == index)
                    && ending.iter().all(|(_, held)| *held != buffer)
                {
                    let kind = facts.slots[*slot].as_ref().map(|fact| fact.data_type);
                    ending.push((kind, buffer));
                }
            }
            calls.push(Call {
                inputs,
                first,
                outputs: *made,
                ends: ending.iter().map(|(_, buffer)| *buffer).collect(),
            });
            free.extend(ending);
        }
        let mut outputs: Vec<Give> = vec![];
        for (index, slot) in plan.outputs.iter().enumerate() {
            let before = plan.outputs.iter().take(index).position(|other| other == slot);
            outputs.push(match (before, places[*slot]) {
                (Some(before), _) => Give::Again(before),
                (None, Some(Source::Buffer(buffer))) => Give::Swap(buffer),
                (None, Some(source)) => Give::Copy(source),
                // A step that makes fewer outputs than its node declares; a run fails there.
                (None, None) => Give::Copy(Source::Input(usize::MAX)),
            });
        }
        Schedule { calls, outputs, buffers }
    }

    /// Runs the plan that this is the schedule of.
    ///
    /// # Errors
    /// As [`Plan::run`].
    pub fn run(&self, plan: &Plan, inputs: &[Option<&Tensor>], memory: &mut Memory) -> Result<()> {
        plan.budget.work(STEP.saturating_add(plan.slots as u64))?;
        let mut held = 0;
        let done = self
            .make(plan, inputs, memory, &mut held)
            .and_then(|()| self.give(plan, inputs, memory, &mut held));
        plan.budget.release(held);
        done
    }

    /// Runs all steps. `held` counts the bytes of the plan's memory, whether a value is in it or
    /// not.
    fn make(
        &self,
        plan: &Plan,
        inputs: &[Option<&Tensor>],
        memory: &mut Memory,
        held: &mut u64,
    ) -> Result<()> {
        let Memory { buffers, .. } = memory;
        if buffers.len() != self.buffers {
            buffers.resize_with(self.buffers, Tensor::default);
        }
        for buffer in &mut *buffers {
            let mut size = bytes(buffer);
            if size > KEPT {
                *buffer = Tensor::default();
                size = 0;
            }
            *held = held.saturating_add(size);
        }
        plan.budget.hold(*held)?;
        for (step, call) in plan.steps.iter().zip(&self.calls) {
            let end = call.first + call.outputs;
            let (rest, after) = buffers.split_at_mut(end.min(self.buffers));
            let (before, made) = rest.split_at_mut(call.first);
            let find = |source: &Option<Source>| match *source {
                Some(Source::Buffer(index)) if index < call.first => before.get(index),
                Some(Source::Buffer(index)) => after.get(index.checked_sub(end)?),
                Some(Source::Input(index)) => inputs.get(index).copied().flatten(),
                Some(Source::Constant(index)) => {
                    plan.constants.get(index).map(|(_, value)| &**value)
                }
                None => None,
            };
            let mut near = [None; NEAR];
            let far: Vec<Option<&Tensor>>;
            let read = match near.get_mut(..call.inputs.len()) {
                Some(read) => {
                    read.iter_mut().zip(&call.inputs).for_each(|(to, source)| *to = find(source));
                    &*read
                }
                None => {
                    far = call.inputs.iter().map(find).collect();
                    &*far
                }
            };
            let held_before = all_bytes(made);
            plan.budget.work(work(read.iter().copied().flatten()))?;
            step.kernel.run_into(read, made).map_err(|error| step.name(error))?;
            plan.budget.work(work(&*made))?;
            let held_after = all_bytes(made);
            if held_after != held_before {
                *held = held.saturating_sub(held_before).saturating_add(held_after);
                plan.budget.release(held_before);
                plan.budget.hold(held_after)?;
            }
            // What is small is kept.
            if *held > KEPT {
                for end in &call.ends {
                    let Some(buffer) = buffers.get_mut(*end) else { continue };
                    let size = bytes(buffer);
                    if size > KEPT {
                        *buffer = Tensor::default();
                        *held = held.saturating_sub(size);
                        plan.budget.release(size);
                    }
                }
            }
        }
        Ok(())
    }

    /// Gives the outputs out. A value that is given out several times, or that the plan does not
    /// make, is copied.
    fn give(
        &self,
        plan: &Plan,
        inputs: &[Option<&Tensor>],
        memory: &mut Memory,
        held: &mut u64,
    ) -> Result<()> {
        let Memory { outputs, buffers, .. } = memory;
        let mut count = |tensor: &Tensor| {
            let bytes = bytes(tensor);
            *held = held.saturating_add(bytes);
            plan.budget.hold(bytes)?;
            plan.budget.work(tensor.data().len() as u64)
        };
        outputs.resize_with(self.outputs.len(), Tensor::default);
        for (index, give) in self.outputs.iter().enumerate() {
            let (before, rest) = outputs.split_at_mut(index);
            let Some(output) = rest.first_mut() else { continue };
            match give {
                Give::Swap(buffer) => swap(output, &mut buffers[*buffer]),
                Give::Copy(source) => {
                    let value = find(*source, plan, inputs, buffers).ok_or_else(nothing)?;
                    count(value)?;
                    output.assign(value);
                }
                Give::Again(other) => {
                    count(&before[*other])?;
                    output.assign(&before[*other]);
                }
            }
        }
        Ok(())
    }
}

fn find<'v>(
    source: Source,
    plan: &'v Plan,
    inputs: &[Option<&'v Tensor>],
    buffers: &'v [Tensor],
) -> Option<&'v Tensor> {
    match source {
        Source::Input(index) => inputs.get(index).copied().flatten(),
        Source::Constant(index) => plan.constants.get(index).map(|(_, value)| &**value),
        Source::Buffer(index) => buffers.get(index),
    }
}

fn all_bytes(tensors: &[Tensor]) -> u64 {
    tensors.iter().fold(0, |sum, tensor| sum.saturating_add(bytes(tensor)))
}

fn nothing() -> Error {
    Error::new(Code::EngineFailed, "The graph gives out a value that none of its nodes made.")
}
