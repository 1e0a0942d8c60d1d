//! Steps that become one: what makes sparse rows, what changes them, and what reads them.

use std::collections::HashMap;

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
    let mut readers: HashMap<usize, usize> = HashMap::new();
    let read = steps.iter().flat_map(|step| step.inputs.iter().flatten());
    for slot in read.chain(outputs) {
        *readers.entry(*slot).or_default() += 1;
    }
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

/// The steps that make what step `last` reads, first to last, with what they do to the rows that the
/// first one makes; none where they cannot be part of it.
fn chain(
    steps: &[Step],
    last: usize,
    readers: &HashMap<usize, usize>,
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
        if readers.get(&slot) != Some(&1) {
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
        let divides = |change: &Change| !matches!(change, Change::Times(_));
        if divides(&change) && parts.iter().any(|(_, change)| change.as_ref().is_some_and(divides))
        {
            return vec![];
        }
        parts.push((index, Some(change)));
        slot = *before;
    }
}
