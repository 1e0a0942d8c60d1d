//! A graph of kernels in running order: values are numbered slots.

use std::sync::{Arc, OnceLock};

use super::budget::{Budget, STEP, bytes, work};
use super::fuse;
use super::schedule::Schedule;
use crate::error::{Code, Error, Result};
use crate::few::Few;
use crate::ops::layout::shared::in_run;
use crate::ops::{self, Body, Distance, Fact, Kernel, Memory, Operator};
use crate::tensor::{DataType, Tensor};

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
    /// What its runs draw on.
    pub budget: Arc<Budget>,
    /// How many slots there are.
    pub slots: usize,
    /// Slots of the declared inputs, then of the captured values.
    pub inputs: Vec<usize>,
    /// Names of the outer values that are read, behind the declared inputs.
    pub captures: Vec<String>,
    /// Slots of constants, and what they hold.
    pub constants: Vec<(usize, Arc<Tensor>)>,
    /// What runs, in order.
    pub steps: Vec<Step>,
    /// The slots that are given out.
    pub outputs: Vec<usize>,
    schedule: OnceLock<Schedule>,
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
            schedule: OnceLock::new(),
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

    /// Types and shapes of all slots. What depends on constants alone is computed.
    fn facts(&self, inputs: &[Fact]) -> Result<Facts> {
        self.budget.work(self.slots as u64)?;
        let mut folded = 0;
        let mut facts: Vec<Option<Fact>> = vec![None; self.slots];
        let mut made = Vec::with_capacity(self.steps.len());
        for (slot, fact) in self.inputs.iter().zip(inputs) {
            facts[*slot] = Some(fact.clone());
        }
        for (slot, value) in &self.constants {
            facts[*slot] = Some(Fact::constant(value.clone()));
        }
        for step in &self.steps {
            let out = step.infer(&step.read(&facts), &self.budget, &mut folded);
            let out = out.map_err(|error| step.name(error))?;
            made.push(out.len());
            for (slot, fact) in step.outputs.iter().zip(out) {
                if let Some(slot) = slot {
                    facts[*slot] = Some(fact);
                }
            }
        }
        Ok(Facts { slots: facts, made })
    }

    fn output_facts(&self, facts: &Facts) -> Result<Vec<Fact>> {
        self.outputs.iter().map(|slot| facts.slots[*slot].clone().ok_or_else(missing)).collect()
    }

    /// Types and shapes the plan for inputs of these facts, which all its runs have: turns what is
    /// constant into constants, drops what has no effect or what no output needs, prepares the
    /// kernels, and says where values live. Answers the outputs' facts.
    ///
    /// # Errors
    /// `OP_UNSUPPORTED` or `MODEL_INVALID`, naming node and operator.
    pub fn specialise(&mut self, inputs: &[Fact]) -> Result<Vec<Fact>> {
        let Facts { slots: facts, made } = self.facts(inputs)?;
        self.pass_by(&facts);
        let mut needed = vec![false; self.slots];
        self.outputs.iter().for_each(|slot| needed[*slot] = true);
        let is_constant = |slot: usize| facts[slot].as_ref().is_some_and(|f| f.value.is_some());
        let mut kept = vec![];
        let mut counts = vec![];
        for (step, made) in std::mem::take(&mut self.steps).into_iter().zip(made).rev() {
            let used =
                step.outputs.iter().flatten().any(|slot| needed[*slot] && !is_constant(*slot));
            if used {
                step.inputs.iter().flatten().for_each(|slot| needed[*slot] = true);
                kept.push(step);
                counts.push(made);
            }
        }
        kept.reverse();
        counts.reverse();
        fuse::sparse(&mut kept, &mut counts, &self.outputs, &facts);
        fuse::changes(&mut kept, &mut counts, &self.outputs, &facts);
        self.steps = kept;
        let read = self.steps.iter().flat_map(|step| step.inputs.iter().flatten());
        let mut needed = vec![false; self.slots];
        self.outputs.iter().chain(read).for_each(|slot| needed[*slot] = true);
        self.constants = (0..self.slots)
            .filter(|slot| needed[*slot])
            .filter_map(|slot| Some((slot, facts[slot].as_ref()?.value.clone()?)))
            .collect();
        for step in &mut self.steps {
            let read = step.read(&facts);
            step.kernel.specialise(&read).map_err(|error| step.name(error))?;
        }
        let facts = Facts { slots: facts, made: counts };
        self.schedule = OnceLock::from(Schedule::new(self, &facts));
        self.output_facts(&facts)
    }

    /// Lets what reads the output of a step that gives out what it takes read the input itself.
    fn pass_by(&mut self, facts: &[Option<Fact>]) {
        let mut own: Vec<usize> = (0..self.slots).collect();
        for step in &mut self.steps {
            step.inputs.iter_mut().flatten().for_each(|slot| *slot = own[*slot]);
            let read = step.read(facts);
            if let (Some(Some(input)), Some(Some(output))) =
                (step.inputs.first(), step.outputs.first())
                && step.kernel.keeps(&read)
            {
                own[*output] = *input;
            }
        }
        self.outputs.iter_mut().for_each(|slot| *slot = own[*slot]);
    }

    /// Runs all steps, and leaves the outputs in `memory`.
    ///
    /// # Errors
    /// `ENGINE_FAILED` where a kernel cannot take these shapes or values, `LIMIT_EXCEEDED`.
    pub fn run(&self, inputs: &[Option<&Tensor>], memory: &mut Memory) -> Result<()> {
        let schedule = match self.schedule.get() {
            Some(schedule) => schedule,
            None => {
                // A body of a node that is computed before the graph around it is prepared.
                let facts: Vec<Fact> = inputs
                    .iter()
                    .flatten()
                    .map(|tensor| Fact::fixed(tensor.data_type(), tensor.dims()))
                    .collect();
                let schedule = Schedule::new(self, &self.facts(&facts).map_err(in_run)?);
                self.schedule.get_or_init(|| schedule)
            }
        };
        schedule.run(self, inputs, memory)
    }
}

/// What is known of a plan's values.
#[derive(Debug)]
pub struct Facts {
    /// Of each slot.
    pub slots: Vec<Option<Fact>>,
    /// How many outputs each step makes.
    pub made: Vec<usize>,
}

impl Step {
    fn read<'f>(&self, facts: &'f [Option<Fact>]) -> Vec<Option<&'f Fact>> {
        self.inputs.iter().map(|slot| facts[(*slot)?].as_ref()).collect()
    }

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
    pub fn name(&self, error: Error) -> Error {
        if error.details().contains_key("node") {
            return error;
        }
        let message = format!("{} (node `{}`)", error.message(), self.label);
        error.say(message).with("node", &*self.label).with("operator", self.operator.name)
    }
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
        self.output_facts(&self.facts(inputs)?)
    }

    fn specialise(&mut self, inputs: Vec<Fact>) -> Result<()> {
        Plan::specialise(self, &inputs).map(|_| ())
    }

    fn distance(&self) -> Option<Distance> {
        let [rows, step] = *self.inputs else { return None };
        let [same, sums] = *self.outputs else { return None };
        // What each step reads first, in a chain from the difference on.
        let mut chain = vec![];
        let mut last = None;
        for step in &self.steps {
            let (input, output) = (step.inputs.first()?, step.outputs.first()?);
            if last.is_some() && *input != last {
                return None;
            }
            last = *output;
            chain.push(step.operator.name);
        }
        let apart: &[Option<usize>] = &self.steps.first()?.inputs;
        if same != rows || last != Some(sums) || *apart != [Some(rows), Some(step)] {
            return None;
        }
        let distance = match *chain {
            ["Sub", "ReduceSumSquare"] => Distance::Squares,
            ["Sub", "Abs", "ReduceSum"] => Distance::Magnitudes,
            _ => return None,
        };
        // Whether it is rows that are summed up.
        let facts = [&[2, 3][..], &[3]].map(|dims| Fact::fixed(DataType::Float32, dims));
        let made = Body::infer(self, &facts).ok()?;
        (made.get(1)?.dims()? == [2]).then_some(distance)
    }

    fn run(&self, inputs: &[&Tensor], memory: &mut Memory) -> Result<()> {
        let inputs: Few<Option<&Tensor>, 8> =
            Few::new(None, inputs.iter().map(|input| Some(*input)));
        Plan::run(self, &inputs, memory)
    }
}
