//! A node of a checked graph → a kernel of [`ops`](crate::ops), for every engine that takes them.

use std::mem::take;

use crate::error::{Error, Result};
use crate::onnx::elements;
use crate::onnx::proto::{AttributeValue, Graph, Node, opset_of};
use crate::ops::{self, Attribute, Attributes, Definition, Kernel, Operator, SharedBody};

/// Domains and the versions of their operator sets.
pub type Opsets = [(String, i64)];

/// A kernel, and which operator it is.
#[derive(Debug)]
pub struct Built {
    /// What runs.
    pub kernel: Box<dyn Kernel>,
    /// The table's entry.
    pub operator: &'static Operator,
}

/// Makes a kernel of a node, which loses its attributes' lists and tensors to it. `body` makes something that runs of a subgraph among its attributes.
///
/// # Errors
/// `OP_UNSUPPORTED` and `MODEL_INVALID`, naming node and operator.
pub fn build(
    node: &mut Node,
    opsets: &Opsets,
    body: &mut dyn FnMut(&mut Graph) -> Result<SharedBody>,
) -> Result<Built> {
    let mut build = || {
        let operator = ops::find(node.domain(), &node.op_type).ok_or_else(|| {
            ops::unsupported(format!("predikt has no operator {}.", node.operator()))
        })?;
        let opset = node.opset.or(opset_of(opsets, operator.domain)).unwrap_or(1);
        let attributes = node
            .attributes
            .iter_mut()
            .map(|held| Ok((held.name.clone(), attribute(&mut held.value, body)?)))
            .collect::<Result<Vec<_>>>()?;
        let kernel = ops::build(Definition {
            operator,
            version: ops::version(operator, opset)?,
            inputs: node.inputs.iter().map(|input| !input.is_empty()).collect(),
            outputs: node.outputs.iter().map(|output| !output.is_empty()).collect(),
            attributes: Attributes::new(attributes),
        })?;
        Ok(Built { kernel, operator })
    };
    build().map_err(|error| name(error, node))
}

/// An attribute's value, which is moved.
fn attribute(
    value: &mut AttributeValue,
    body: &mut dyn FnMut(&mut Graph) -> Result<SharedBody>,
) -> Result<Attribute> {
    Ok(match value {
        AttributeValue::Float(value) => Attribute::Float(*value),
        AttributeValue::Int(value) => Attribute::Int(*value),
        AttributeValue::String(value) => Attribute::String(elements::text(take(value))),
        AttributeValue::Tensor(value) => Attribute::Tensor(elements::taken(value)?),
        AttributeValue::Graph(graph) => Attribute::Body(body(graph)?),
        AttributeValue::Floats(values) => Attribute::Floats(take(values)),
        AttributeValue::Ints(values) => Attribute::Ints(take(values)),
        AttributeValue::Strings(values) => Attribute::Strings(elements::texts(values)),
        AttributeValue::Tensors(_) => Attribute::Other("a list of tensors"),
        AttributeValue::Graphs(_) => Attribute::Other("a list of graphs"),
        AttributeValue::Reference(_) => Attribute::Other("a reference outside a function"),
        AttributeValue::Other(kind) => Attribute::Other(kind),
    })
}

/// Says in which node an error arose.
pub fn name(error: Error, node: &Node) -> Error {
    if error.details().contains_key("node") {
        return error;
    }
    let message = format!("{} (node `{}`)", error.message(), node.label());
    error.say(message).with("node", node.label()).with("operator", node.operator())
}
