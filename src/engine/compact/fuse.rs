//! Steps that become one: what makes sparse rows, what changes them, and what reads them; and what
//! only changes rows, with the step before it or behind it.

use super::plan::Step;
use crate::ops::sparse::{Change, Source};
use crate::ops::{Dim, Fact};

/// Gives each step that can read sparse rows the steps that make them, where nothing else reads what those
/// make. `outputs` are the slots that the plan gives out; `made` has one entry a step.
pub fn sparse(
    steps: &mut Vec<Step>,
    made: &mut Vec<usize>,
    outputs: &[usize],
    facts: &[Option<Fact>],
) {
    let readers = readers(steps, outputs, facts.len());
    let mut last = 0;
    while last < steps.len() {
        let chain = chain(steps, last, &readers, facts);
        if let Some((first, _)) = chain.first() {
            let inputs = steps[*first].inputs.clone();
            let mut parts: Vec<(usize, Option<Change>)> = chain;
            let changes = parts.iter_mut().filter_map(|(_, change)| change.take()).collect();
            let mut kernel = None;
            // From the last on, so that those before keep their places.
            for (index, _) in parts.iter().rev() {
                kernel = Some(steps.remove(*index).kernel);
                made.remove(*index);
            }
            last -= parts.len();
            if let (Some(kernel), Some(step)) = (kernel, steps.get_mut(last)) {
                step.kernel.read_from(Source { kernel, changes });
                step.inputs = inputs;
            }
        }
        last += 1;
    }
}

/// Gives the changes of rows to the steps that can make them too.
pub fn changes(
    steps: &mut Vec<Step>,
    made: &mut Vec<usize>,
    outputs: &[usize],
    facts: &[Option<Fact>],
) {
    let readers = readers(steps, outputs, facts.len());
    let mut index = 0;
    while index < steps.len() {
        if absorbed(steps, index, &readers, facts) {
            steps.remove(index);
            made.remove(index);
        } else {
            index += 1;
        }
    }
}

/// Whether the step before a change, or the one behind it, makes it from now on.
fn absorbed(steps: &mut [Step], index: usize, readers: &[usize], facts: &[Option<Fact>]) -> bool {
    let step = &steps[index];
    let read: Vec<Option<&Fact>> =
        step.inputs.iter().map(|slot| facts[(*slot)?].as_ref()).collect();
    let (Some(change), Some(Some(from)), &[Some(to)]) =
        (step.kernel.change(&read), step.inputs.first().copied(), &*step.outputs)
    else {
        return false;
    };
    let alone = |slot: usize| readers[slot] == 1;
    let width = facts[from].as_ref().and_then(|fact| fact.shape.as_ref()?.last()?.known());
    let (before, rest) = steps.split_at_mut(index);
    if alone(from) {
        for step in before.iter_mut() {
            let output = step.outputs.iter().position(|slot| *slot == Some(from));
            if let Some(output) = output
                && step.kernel.end_with(output, &change)
            {
                step.outputs[output] = Some(to);
                return true;
            }
        }
    }
    if let (Some(width), true) = (width, alone(to)) {
        for step in rest {
            if *step.inputs == [Some(to)] && step.kernel.begin_with(&change, width) {
                step.inputs[0] = Some(from);
                return true;
            }
        }
    }
    false
}

/// How often each slot is read or given out.
fn readers(steps: &[Step], outputs: &[usize], slots: usize) -> Vec<usize> {
    let mut readers = vec![0; slots];
    let read = steps.iter().flat_map(|step| step.inputs.iter().flatten());
    for slot in read.chain(outputs) {
        readers[*slot] += 1;
    }
    readers
}

/// The steps that make what step `last` reads, first to last, with what they do to the rows that the
/// first one makes; none where they cannot be part of it.
fn chain(
    steps: &[Step],
    last: usize,
    readers: &[usize],
    facts: &[Option<Fact>],
) -> Vec<(usize, Option<Change>)> {
    let mut parts = vec![];
    let [Some(mut slot)] = *steps[last].inputs else { return vec![] };
    let width = facts[slot].as_ref().and_then(|fact| fact.shape.as_ref()?.last().copied());
    if !matches!(width, Some(Dim::Known(width)) if steps[last].kernel.reads_sparse(width)) {
        return vec![];
    }
    loop {
        let Some(index) = steps[..last].iter().position(|step| *step.outputs == [Some(slot)])
        else {
            return vec![];
        };
        let step = &steps[index];
        let inputs: Vec<Option<&Fact>> =
            step.inputs.iter().map(|slot| facts[(*slot)?].as_ref()).collect();
        if readers[slot] != 1 {
            return vec![];
        }
        if step.kernel.is_sparse(&inputs) {
            parts.push((index, None));
            parts.reverse();
            return parts;
        }
        let (Some(change), Some(Some(before))) = (step.kernel.change(&inputs), step.inputs.first())
        else {
            return vec![];
        };
        // A second division could meet a number that the first made of one without bounds.
        if matches!(change, Change::Scale(_)) {
            return vec![];
        }
        let divides = |change: &Change| !matches!(change, Change::Times(_));
        if divides(&change) && parts.iter().any(|(_, change)| change.as_ref().is_some_and(divides))
        {
            return vec![];
        }
        parts.push((index, Some(change)));
        slot = *before;
    }
}
