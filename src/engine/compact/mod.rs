//! predikt's own engine: graphs whose operators are all in [`ops`](crate::ops).
//!
//! [`build`] makes kernels of nodes, [`plan`] types and shapes them and drops what is constant,
//! unused or without effect, and [`schedule`] says once in which memory the values of what is left
//! live. [`fuse`] joins steps where that changes no bit: a linear model scales its features and
//! normalizes its probabilities itself, and reads counted words without their zeros. A run goes through it in the file's order and uses the memory of the run before. A free
//! dimension is a symbol: one loaded model takes any number of rows.
#![forbid(unsafe_code)]

mod budget;
mod build;
mod fuse;
#[cfg(test)]
mod plain;
mod plan;
mod schedule;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::{Engine, Feed};
use crate::error::{Code, Error, Result};
use crate::few::Few;
use crate::names::Names;
use crate::onnx::{Checked, Dimension, Limits, Slot};
use crate::ops::{Dim, Fact, Memory};
use crate::tensor::Tensor;
use budget::Budget;
use plan::Plan;

/// Whether predikt itself implements every operator of a checked model, whatever its types and
/// attributes.
pub fn has_operators(checked: &Checked) -> bool {
    let mut all = true;
    if let Some(graph) = &checked.model.graph {
        graph.each_node(&mut |node| {
            all &= crate::ops::find(node.domain(), &node.op_type).is_some();
        });
    }
    all
}

/// A loaded graph.
#[derive(Debug)]
pub struct CompactEngine {
    plan: Plan,
    budget: Arc<Budget>,
    inputs: Vec<Slot>,
    limits: Limits,
    /// The inputs of the last run that were copied, and what it left.
    held: Vec<Tensor>,
    memory: Memory,
}

impl CompactEngine {
    /// Types, shapes and orders a checked graph, whose weights it takes.
    ///
    /// # Errors
    /// `OP_UNSUPPORTED` for operators, versions, attributes and types that predikt does not
    /// implement; `MODEL_INVALID` where the graph contradicts their specification.
    pub fn load(checked: &mut Checked, limits: Limits) -> Result<Self> {
        let Some(graph) = &mut checked.model.graph else {
            return Err(Error::new(Code::ModelInvalid, "The file holds no graph."));
        };
        let budget = Arc::new(Budget::new(limits.max_tensor_bytes));
        let mut plan = build::graph(graph, &checked.model.opsets, &budget)?;
        let facts = facts(&checked.signature.inputs);
        let outputs = plan.specialise(&facts)?;
        for (fact, slot) in outputs.iter().zip(&checked.signature.outputs) {
            if fact.data_type != slot.data_type {
                return Err(Error::new(
                    Code::ModelInvalid,
                    format!(
                        "The output `{}` is declared as {}, and its graph makes {}. Export the model again, or run `onnx.checker` on it.",
                        slot.name,
                        slot.data_type.name(),
                        fact.data_type.name()
                    ),
                )
                .with("name", &*slot.name)
                .with("expected", slot.data_type.name())
                .with("got", fact.data_type.name()));
            }
        }
        Ok(CompactEngine {
            plan,
            budget,
            inputs: checked.signature.inputs.clone(),
            limits,
            held: vec![],
            memory: Memory::default(),
        })
    }
}

/// What the signature says of the inputs. Dimensions of one name share a symbol.
fn facts(inputs: &[Slot]) -> Vec<Fact> {
    let mut named = Names::new();
    let mut next = 0;
    let mut fresh = || {
        next += 1;
        next - 1
    };
    inputs
        .iter()
        .map(|slot| {
            let shape = slot.shape.as_ref().map(|shape| {
                shape
                    .iter()
                    .map(|dim| match dim {
                        Dimension::Fixed(length) => {
                            usize::try_from(*length).map_or(Dim::Unknown, Dim::Known)
                        }
                        Dimension::Free(()) => Dim::Symbol(fresh()),
                        Dimension::Named(name) => {
                            let symbol =
                                named.get(name).map_or_else(&mut fresh, |held| held as u32);
                            named.set(name, symbol as usize);
                            Dim::Symbol(symbol)
                        }
                    })
                    .collect::<Vec<_>>()
            });
            Fact::new(slot.data_type, shape)
        })
        .collect()
}

impl Engine for CompactEngine {
    fn run(&mut self, feeds: &[Feed<'_>]) -> Result<Vec<Tensor>> {
        let mut outputs = vec![];
        self.run_into(feeds, &mut outputs)?;
        Ok(outputs)
    }

    fn run_into(&mut self, feeds: &[Feed<'_>], outputs: &mut Vec<Tensor>) -> Result<()> {
        super::check_sizes(feeds, &self.inputs, &self.limits)?;
        if self.held.len() != feeds.len() {
            self.held.resize_with(feeds.len(), Tensor::default);
        }
        for (feed, held) in feeds.iter().zip(&mut self.held) {
            if feed.tensor.is_some() {
                continue;
            }
            let count = feed.dims.iter().product::<usize>();
            if !held.take_from(feed.dims, feed.data, feed.start..feed.start.saturating_add(count)) {
                return Err(Error::new(
                    Code::InputShape,
                    "An input has fewer elements than its shape says.",
                ));
            }
        }
        let read =
            feeds.iter().zip(&self.held).map(|(feed, held)| Some(feed.tensor.unwrap_or(held)));
        let read: Few<Option<&Tensor>, 4> = Few::new(None, read);
        self.budget.begin();
        if let Err(error) = self.plan.run(&read, &mut self.memory) {
            // What a run that failed made is not kept for the next.
            self.memory = Memory::default();
            return Err(error);
        }
        std::mem::swap(outputs, &mut self.memory.outputs);
        Ok(())
    }
}
