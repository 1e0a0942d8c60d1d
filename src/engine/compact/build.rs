//! A checked graph → a plan.

use crate::names::Names;
use std::sync::Arc;

use super::budget::Budget;
use super::plan::{Plan, Step};
use crate::engine::kernel::{self, Built, Opsets};
use crate::error::{Code, Error, Result};
use crate::onnx::elements;
use crate::onnx::proto::{AttributeValue, Graph, Node};
use crate::ops::SharedBody;

/// The plan of a whole graph, which loses its weights to it.
///
/// # Errors
/// `OP_UNSUPPORTED` and `MODEL_INVALID`, naming node and operator.
pub fn graph(graph: &mut Graph, opsets: &Opsets, budget: &Arc<Budget>) -> Result<Plan> {
    subgraph(graph, opsets, budget, vec![])
}

/// The plan of a graph whose declared inputs are followed by the `captures` of an outer one.
fn subgraph(
    graph: &mut Graph,
    opsets: &Opsets,
    budget: &Arc<Budget>,
    captures: Vec<String>,
) -> Result<Plan> {
    let mut slots = Names::new();
    let mut plan = Plan::new(budget.clone());
    let constants: Names = graph.initializers.iter().map(|tensor| &*tensor.name).collect();
    let declared =
        graph.inputs.iter().map(|input| &*input.name).filter(|name| !constants.contains(name));
    for name in declared.chain(captures.iter().map(|name| &**name)) {
        let slot = plan.input();
        slots.set(name, slot);
    }
    plan.captures = captures.clone();
    for tensor in &mut graph.initializers {
        let slot = plan.constant(Arc::new(elements::taken(tensor)?));
        slots.set(&tensor.name, slot);
    }
    for node in &mut graph.nodes {
        let step = step(node, opsets, budget, &slots, &mut plan)?;
        for (name, slot) in node.outputs.iter().zip(&step.outputs) {
            if let Some(slot) = slot {
                slots.set(name, *slot);
            }
        }
        plan.steps.push(step);
    }
    for output in &graph.outputs {
        let slot = slots.get(&output.name).ok_or_else(|| undefined(&output.name))?;
        plan.outputs.push(slot);
    }
    Ok(plan)
}

fn step(
    node: &mut Node,
    opsets: &Opsets,
    budget: &Arc<Budget>,
    slots: &Names,
    plan: &mut Plan,
) -> Result<Step> {
    let mut captured: Vec<Vec<String>> = vec![];
    let mut body = |inner: &mut Graph| {
        let captures: Vec<String> = captures(inner).into_iter().map(str::to_owned).collect();
        captured.push(captures.clone());
        let body: SharedBody = Arc::new(subgraph(inner, opsets, budget, captures)?);
        Ok(body)
    };
    let Built { kernel, operator } = kernel::build(node, opsets, &mut body)?;
    // In the order of the attributes' names, so that an operator knows whose come first.
    let bodies =
        node.attributes.iter().filter(|held| matches!(held.value, AttributeValue::Graph(_)));
    let mut order: Vec<(&[u8], usize)> = bodies.map(|held| held.name.as_bytes()).zip(0..).collect();
    order.sort_unstable();
    let inputs = node
        .inputs
        .iter()
        .chain(order.iter().flat_map(|(_, body)| &captured[*body]))
        .map(|input| match &**input {
            "" => Ok(None),
            input => slots.get(input).map(Some).ok_or_else(|| undefined(input)),
        })
        .collect::<Result<Vec<_>>>()
        .map_err(|error| kernel::name(error, node))?;
    let outputs =
        node.outputs.iter().map(|output| (!output.is_empty()).then(|| plan.value())).collect();
    Ok(Step { kernel, operator, label: node.label().to_owned(), inputs, outputs })
}

/// The names that a graph and those inside it read and do not define.
fn captures(graph: &Graph) -> Vec<&str> {
    let mut known = Names::new();
    known.extend(graph.initializers.iter().map(|tensor| &*tensor.name));
    known.extend(graph.inputs.iter().map(|input| &*input.name));
    known.extend(graph.nodes.iter().flat_map(|node| &node.outputs).map(|name| &**name));
    let mut seen = Names::new();
    let mut found = vec![];
    for node in &graph.nodes {
        found.extend(node.inputs.iter().map(|name| &**name));
        node.subgraphs().for_each(|inner| found.extend(captures(inner)));
    }
    found.extend(graph.outputs.iter().map(|output| &*output.name));
    found.retain(|name| !name.is_empty() && !known.contains(name) && seen.insert(name));
    found
}

fn undefined(name: &str) -> Error {
    Error::new(
        Code::ModelInvalid,
        format!(
            "The graph reads `{name}`, which nothing before it makes. Run `onnx.checker` on it."
        ),
    )
    .with("name", name)
}
