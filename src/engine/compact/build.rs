//! Nodes of a checked graph → kernels.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::plan::{Plan, Step};
use crate::error::{Code, Error, Result};
use crate::onnx::elements;
use crate::onnx::proto::{self, AttributeValue, Graph, Node, canonical_domain};
use crate::ops::{self, Attribute, Attributes, Definition};
use crate::tensor::Tensor;

type Opsets = [(String, i64)];

/// The plan of a whole graph.
///
/// # Errors
/// `OP_UNSUPPORTED` and `MODEL_INVALID`, naming node and operator.
pub fn graph(graph: &Graph, opsets: &Opsets) -> Result<Plan> {
    subgraph(graph, opsets, vec![])
}

/// The plan of a graph whose declared inputs are followed by the `captures` of an outer one.
fn subgraph(graph: &Graph, opsets: &Opsets, captures: Vec<String>) -> Result<Plan> {
    let mut slots: HashMap<&str, usize> = HashMap::new();
    let mut plan = Plan::default();
    let constants: HashSet<&str> = graph.initializers.iter().map(|tensor| &*tensor.name).collect();
    let declared =
        graph.inputs.iter().map(|input| &*input.name).filter(|name| !constants.contains(name));
    for name in declared.chain(captures.iter().map(|name| &**name)) {
        let slot = plan.input();
        slots.insert(name, slot);
    }
    plan.captures = captures.clone();
    for tensor in &graph.initializers {
        let slot = plan.constant(Arc::new(elements::value(tensor)?));
        slots.insert(&tensor.name, slot);
    }
    for node in &graph.nodes {
        let step = step(node, opsets, &slots, &mut plan)?;
        for (name, slot) in node.outputs.iter().zip(&step.outputs) {
            if let Some(slot) = slot {
                slots.insert(name, *slot);
            }
        }
        plan.steps.push(step);
    }
    for output in &graph.outputs {
        let slot = slots.get(&*output.name).ok_or_else(|| undefined(&output.name))?;
        plan.outputs.push(*slot);
    }
    Ok(plan)
}

fn step(
    node: &Node,
    opsets: &Opsets,
    slots: &HashMap<&str, usize>,
    plan: &mut Plan,
) -> Result<Step> {
    let name = |error: Error| name(error, node);
    let operator = ops::find(node.domain(), &node.op_type)
        .ok_or_else(|| ops::unsupported(format!("predikt has no operator {}.", node.operator())))
        .map_err(name)?;
    let opset = opsets
        .iter()
        .find(|(domain, _)| canonical_domain(domain) == operator.domain)
        .map_or(1, |(_, version)| *version);
    let mut captured = vec![];
    let attributes = node
        .attributes
        .iter()
        .map(|held| Ok((held.name.clone(), attribute(&held.value, opsets, &mut captured)?)))
        .collect::<Result<Vec<_>>>()
        .map_err(name)?;
    let definition = Definition {
        operator,
        version: ops::version(operator, opset).map_err(name)?,
        inputs: node.inputs.iter().map(|input| !input.is_empty()).collect(),
        outputs: node.outputs.iter().map(|output| !output.is_empty()).collect(),
        attributes: Attributes::new(attributes),
    };
    let kernel = ops::build(definition).map_err(name)?;
    let inputs = node
        .inputs
        .iter()
        .chain(&captured)
        .map(|input| match &**input {
            "" => Ok(None),
            input => slots.get(input).map(|slot| Some(*slot)).ok_or_else(|| undefined(input)),
        })
        .collect::<Result<Vec<_>>>()
        .map_err(name)?;
    let outputs =
        node.outputs.iter().map(|output| (!output.is_empty()).then(|| plan.value())).collect();
    Ok(Step { kernel, operator, label: node.label().to_owned(), inputs, outputs })
}

/// An attribute's value, copied out of the file. Subgraphs become plans, and what they read of
/// the graph around them is added to `captured`.
fn attribute(
    value: &AttributeValue,
    opsets: &Opsets,
    captured: &mut Vec<String>,
) -> Result<Attribute> {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    Ok(match value {
        AttributeValue::Float(value) => Attribute::Float(*value),
        AttributeValue::Int(value) => Attribute::Int(*value),
        AttributeValue::String(value) => Attribute::String(text(value)),
        AttributeValue::Tensor(value) => Attribute::Tensor(tensor(value)?),
        AttributeValue::Graph(graph) => {
            let captures = captures(graph);
            captured.extend(captures.iter().cloned());
            Attribute::Body(Arc::new(subgraph(graph, opsets, captures)?))
        }
        AttributeValue::Floats(values) => Attribute::Floats(values.clone()),
        AttributeValue::Ints(values) => Attribute::Ints(values.clone()),
        AttributeValue::Strings(values) => Attribute::Strings(values.iter().map(text).collect()),
        AttributeValue::Tensors(_) => Attribute::Other("a list of tensors"),
        AttributeValue::Graphs(_) => Attribute::Other("a list of graphs"),
        AttributeValue::Other(kind) => Attribute::Other(kind),
    })
}

fn tensor(value: &proto::Tensor) -> Result<Tensor> {
    elements::value(value)
}

/// The names that a graph and those inside it read and do not define.
fn captures(graph: &Graph) -> Vec<String> {
    let mut known: HashSet<&str> = HashSet::new();
    known.extend(graph.initializers.iter().map(|tensor| &*tensor.name));
    known.extend(graph.inputs.iter().map(|input| &*input.name));
    known.extend(graph.nodes.iter().flat_map(|node| &node.outputs).map(|name| &**name));
    let mut found: Vec<String> = vec![];
    let mut read = |name: &str| {
        if !name.is_empty() && !known.contains(name) && !found.iter().any(|held| held == name) {
            found.push(name.to_owned());
        }
    };
    for node in &graph.nodes {
        node.inputs.iter().for_each(|name| read(name));
        for inner in node.subgraphs() {
            captures(inner).iter().for_each(|name| read(name));
        }
    }
    graph.outputs.iter().for_each(|output| read(&output.name));
    found
}

/// Says in which node an error arose.
pub fn name(error: Error, node: &Node) -> Error {
    if error.details().contains_key("node") {
        return error;
    }
    let message = format!("{} (node `{}`)", error.message(), node.label());
    error.say(message).with("node", node.label()).with("operator", node.operator())
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
