//! Subgraphs that hand on what they are given.

use std::sync::Arc;

use predikt::ops::{Body, Fact, Memory, SharedBody};
use predikt::{Error, Result, Tensor};

/// Where an output comes from.
#[derive(Debug, Clone)]
pub enum Source {
    Input(usize),
    Constant(Arc<Tensor>),
}

#[derive(Debug)]
pub struct Echo {
    pub inputs: usize,
    pub captures: Vec<String>,
    pub outputs: Vec<Source>,
}

impl Echo {
    pub fn shared(inputs: usize, captures: usize, outputs: Vec<Source>) -> SharedBody {
        let captures = (0..captures).map(|index| format!("outer{index}")).collect();
        Arc::new(Echo { inputs, captures, outputs })
    }
}

fn missing() -> Error {
    predikt::ops::invalid("A body is not given all that it reads.")
}

impl Body for Echo {
    fn inputs(&self) -> usize {
        self.inputs
    }

    fn outputs(&self) -> usize {
        self.outputs.len()
    }

    fn captures(&self) -> &[String] {
        &self.captures
    }

    fn infer(&self, inputs: &[Fact]) -> Result<Vec<Fact>> {
        let fact = |source: &Source| match source {
            Source::Input(index) => inputs.get(*index).cloned().ok_or_else(missing),
            Source::Constant(value) => Ok(Fact::constant(value.clone())),
        };
        self.outputs.iter().map(fact).collect()
    }

    fn specialise(&mut self, _: Vec<Fact>) -> Result<()> {
        Ok(())
    }

    fn run(&self, inputs: &[&Tensor], memory: &mut Memory) -> Result<()> {
        let value = |source: &Source| match source {
            Source::Input(index) => inputs.get(*index).copied().cloned().ok_or_else(missing),
            Source::Constant(value) => Ok((**value).clone()),
        };
        memory.outputs = self.outputs.iter().map(value).collect::<Result<_>>()?;
        Ok(())
    }
}
