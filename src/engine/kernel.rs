//! A node of a checked graph → a kernel of [`ops`](crate::ops), for every engine that takes them.

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

/// Makes a kernel of a node. `body` makes something that runs of a subgraph among its attributes.
///
/// # Errors
/// `OP_UNSUPPORTED` and `MODEL_INVALID`, naming node and operator.
pub fn build(
    node: &Node,
    opsets: &Opsets,
    body: &mut dyn FnMut(&Graph) -> Result<SharedBody>,
) -> Result<Built> {
    let mut build = || {
        let operator = ops::find(node.domain(), &node.op_type).ok_or_else(|| {
            ops::unsupported(format!("predikt has no operator {}.", node.operator()))
        })?;
        let opset = node.opset.or(opset_of(opsets, operator.domain)).unwrap_or(1);
        let attributes = node
            .attributes
            .iter()
            .map(|held| Ok((held.name.clone(), attribute(&held.value, body)?)))
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

/// An attribute's value, copied out of the file.
fn attribute(
    value: &AttributeValue,
    body: &mut dyn FnMut(&Graph) -> Result<SharedBody>,
) -> Result<Attribute> {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    Ok(match value {
        AttributeValue::Float(value) => Attribute::Float(*value),
        AttributeValue::Int(value) => Attribute::Int(*value),
        AttributeValue::String(value) => Attribute::String(text(value)),
        AttributeValue::Tensor(value) => Attribute::Tensor(elements::value(value)?),
        AttributeValue::Graph(graph) => Attribute::Body(body(graph)?),
        AttributeValue::Floats(values) => Attribute::Floats(values.clone()),
        AttributeValue::Ints(values) => Attribute::Ints(values.clone()),
        AttributeValue::Strings(values) => Attribute::Strings(values.iter().map(text).collect()),
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
