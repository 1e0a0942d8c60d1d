//! Model-local functions (`ModelProto.functions`, ONNX 1.10): each call is replaced by the
//! function's own nodes, so that engines see none.

use std::collections::HashMap;

use super::limits::Limits;
use super::proto::*;
use crate::error::{Code, Error, Result};

/// How deep functions may call each other.
const DEEPEST: u64 = 32;

/// Replaces all calls of the model's functions.
///
/// # Errors
/// `MODEL_INVALID` where a function calls itself or a call does not fit; `LIMIT_EXCEEDED` where
/// there would be more nodes, deeper subgraphs or more bytes than `limits` allow.
pub fn functions(model: &mut Model, limits: &Limits) -> Result<()> {
    let functions = std::mem::take(&mut model.functions);
    if functions.is_empty() {
        return Ok(());
    }
    let mut named = HashMap::new();
    for function in &functions {
        let key = (canonical_domain(&function.domain), &*function.name, &*function.overload);
        named.entry(key).or_insert(function);
    }
    let mut inliner =
        Inliner { functions: named, opsets: &model.opsets, limits, calls: 0, nodes: 0, bytes: 0 };
    if let Some(graph) = &mut model.graph {
        inliner.graph(graph, 0, 0)?;
    }
    Ok(())
}

struct Inliner<'m> {
    /// By domain and name.
    functions: HashMap<(&'m str, &'m str, &'m str), &'m Function>,
    opsets: &'m [(String, i64)],
    limits: &'m Limits,
    calls: u64,
    nodes: u64,
    bytes: u64,
}

impl Inliner<'_> {
    /// `calls` counts the functions that are being expanded around this graph, `depth` the graphs.
    fn graph(&mut self, graph: &mut Graph, calls: u64, depth: u64) -> Result<()> {
        if depth > self.limits.max_subgraph_depth {
            return Err(exceeded("maxSubgraphDepth", self.limits.max_subgraph_depth));
        }
        let nodes = std::mem::take(&mut graph.nodes);
        for node in nodes {
            self.node(node, calls, depth, &mut graph.nodes)?;
        }
        Ok(())
    }

    fn node(&mut self, mut node: Node, calls: u64, depth: u64, out: &mut Vec<Node>) -> Result<()> {
        let called = self.functions.get(&(node.domain(), &*node.op_type, &*node.overload)).copied();
        let Some(function) = called else {
            self.nodes += 1;
            if self.nodes > self.limits.max_nodes {
                return Err(exceeded("maxNodes", self.limits.max_nodes));
            }
            for attribute in &mut node.attributes {
                match &mut attribute.value {
                    AttributeValue::Graph(graph) => self.graph(graph, calls, depth + 1)?,
                    AttributeValue::Graphs(graphs) => graphs
                        .iter_mut()
                        .try_for_each(|graph| self.graph(graph, calls, depth + 1))?,
                    _ => {}
                }
            }
            out.push(node);
            return Ok(());
        };
        if calls >= DEEPEST {
            return Err(invalid(function, "calls itself, or others too deep"));
        }
        if node.inputs.len() > function.inputs.len() || node.outputs.len() > function.outputs.len()
        {
            return Err(invalid(function, "is called with more values than it takes or gives"));
        }
        self.calls += 1;
        let call = Call::new(function, &node, self.opsets, self.calls);
        for inner in &function.nodes {
            self.bytes = self.bytes.saturating_add(call.weight(inner));
            if self.bytes > self.limits.max_tensor_bytes {
                return Err(exceeded("maxTensorBytes", self.limits.max_tensor_bytes));
            }
            self.node(call.node(inner), calls + 1, depth, out)?;
        }
        Ok(())
    }
}

/// One call: what the names inside the function mean outside.
struct Call<'f> {
    names: HashMap<&'f str, &'f str>,
    prefix: String,
    attributes: HashMap<&'f str, &'f AttributeValue>,
    /// Operator sets of other versions than the graph's.
    opsets: Vec<(&'f str, i64)>,
}

impl<'f> Call<'f> {
    fn new(function: &'f Function, node: &'f Node, opsets: &[(String, i64)], number: u64) -> Self {
        let inputs = function
            .inputs
            .iter()
            .enumerate()
            .map(|(index, name)| (&**name, node.inputs.get(index).map_or("", |given| given)));
        let outputs = function
            .outputs
            .iter()
            .zip(&node.outputs)
            .filter(|(_, given)| !given.is_empty())
            .map(|(name, given)| (&**name, &**given));
        let defaults = function.defaults.iter().map(|held| (&*held.name, &held.value));
        let given = node.attributes.iter().map(|held| (&*held.name, &held.value));
        let opsets = function
            .opsets
            .iter()
            .map(|(domain, version)| (canonical_domain(domain), *version))
            .filter(|(domain, version)| opset_of(opsets, domain) != Some(*version))
            .collect();
        Call {
            opsets,
            names: inputs.chain(outputs).collect(),
            prefix: format!("{}:{number}:", function.name),
            attributes: defaults.chain(given).collect(),
        }
    }

    /// A name inside the function, as the graph around it may see it.
    fn name(&self, name: &str) -> String {
        match self.names.get(name) {
            _ if name.is_empty() => String::new(),
            Some(outer) => (*outer).to_owned(),
            None => format!("{}{name}", self.prefix),
        }
    }

    /// Roughly the bytes that a node takes when it is written out.
    fn weight(&self, node: &Node) -> u64 {
        let name = |name: &String| match self.names.get(&**name) {
            Some(outer) => size_of::<String>() + outer.len(),
            None => size_of::<String>() + self.prefix.len() + name.len(),
        };
        let names: usize = node.inputs.iter().chain(&node.outputs).map(name).sum();
        let attribute = |held: &Attribute| {
            let value = match &held.value {
                AttributeValue::Reference(name) => self.attributes.get(&**name).copied(),
                value => Some(value),
            };
            (size_of::<Attribute>() + held.name.len()) as u64
                + value.map_or(0, |value| self.value_weight(value))
        };
        let own = size_of::<Node>() + names + self.prefix.len() + node.label().len();
        own as u64 + node.attributes.iter().map(attribute).sum::<u64>()
    }

    fn value_weight(&self, value: &AttributeValue) -> u64 {
        let texts = |texts: &[Vec<u8>]| texts.iter().map(|text| 24 + text.len()).sum();
        let bytes: usize = match value {
            AttributeValue::Tensor(value) => tensor(value),
            AttributeValue::Tensors(values) => values.iter().map(tensor).sum(),
            AttributeValue::Floats(values) => 4 * values.len(),
            AttributeValue::Ints(values) => 8 * values.len(),
            AttributeValue::Strings(values) => texts(values),
            AttributeValue::String(text) => text.len(),
            AttributeValue::Graph(graph) => return self.graph_weight(graph),
            AttributeValue::Graphs(graphs) => {
                return graphs.iter().map(|graph| self.graph_weight(graph)).sum();
            }
            _ => 0,
        };
        bytes as u64
    }

    fn graph_weight(&self, graph: &Graph) -> u64 {
        let value = |value: &ValueInfo| {
            let dims = match &value.kind {
                ValueKind::Tensor { shape: Some(shape), .. } => {
                    let dim = |dim: &Dim| match dim {
                        Dim::Param(name) => size_of::<Dim>() + name.len(),
                        _ => size_of::<Dim>(),
                    };
                    shape.iter().map(dim).sum()
                }
                _ => 0,
            };
            size_of::<ValueInfo>() + self.prefix.len() + value.name.len() + dims
        };
        let values: usize = graph.inputs.iter().chain(&graph.outputs).map(value).sum();
        let constants: usize = graph.initializers.iter().map(tensor).sum();
        let sparse: usize = graph.sparse.iter().map(|name| 24 + name.len()).sum();
        let prefixes = self.prefix.len() * graph.initializers.len();
        (size_of::<Graph>() + values + constants + sparse + prefixes + graph.name.len()) as u64
            + graph.nodes.iter().map(|node| self.weight(node)).sum::<u64>()
    }

    fn rename(&self, names: &[String]) -> Vec<String> {
        names.iter().map(|name| self.name(name)).collect()
    }

    fn node(&self, node: &Node) -> Node {
        let attributes = node.attributes.iter().filter_map(|held| {
            let value = match &held.value {
                AttributeValue::Reference(name) => (*self.attributes.get(&**name)?).clone(),
                AttributeValue::Graph(graph) => AttributeValue::Graph(Box::new(self.graph(graph))),
                AttributeValue::Graphs(graphs) => {
                    AttributeValue::Graphs(graphs.iter().map(|graph| self.graph(graph)).collect())
                }
                value => value.clone(),
            };
            Some(Attribute { name: held.name.clone(), value })
        });
        Node {
            name: format!("{}{}", self.prefix, node.label()),
            op_type: node.op_type.clone(),
            domain: node.domain.clone(),
            overload: node.overload.clone(),
            inputs: self.rename(&node.inputs),
            outputs: self.rename(&node.outputs),
            attributes: attributes.collect(),
            opset: self
                .opsets
                .iter()
                .find(|(domain, _)| *domain == node.domain())
                .map(|(_, version)| *version),
        }
    }

    fn graph(&self, graph: &Graph) -> Graph {
        let values = |values: &[ValueInfo]| {
            values
                .iter()
                .map(|value| ValueInfo { name: self.name(&value.name), kind: value.kind.clone() })
                .collect()
        };
        Graph {
            name: graph.name.clone(),
            nodes: graph.nodes.iter().map(|node| self.node(node)).collect(),
            initializers: graph
                .initializers
                .iter()
                .map(|tensor| Tensor { name: self.name(&tensor.name), ..tensor.clone() })
                .collect(),
            sparse: graph.sparse.clone(),
            inputs: values(&graph.inputs),
            outputs: values(&graph.outputs),
        }
    }
}

/// Roughly the bytes that a copy of a tensor takes.
fn tensor(tensor: &Tensor) -> usize {
    size_of::<Tensor>()
        + tensor.name.len()
        + tensor.raw.as_ref().map_or(0, Vec::len)
        + 8 * tensor.dims.len()
        + 4 * (tensor.floats.len() + tensor.int32s.len())
        + 8 * (tensor.int64s.len() + tensor.doubles.len() + tensor.uint64s.len())
        + tensor.strings.iter().map(|text| 24 + text.len()).sum::<usize>()
}

fn invalid(function: &Function, what: &str) -> Error {
    Error::new(
        Code::ModelInvalid,
        format!("The model's function {} {what}. Export the model again.", function.name),
    )
    .with("operator", &*function.name)
}

fn exceeded(limit: &'static str, expected: u64) -> Error {
    Error::new(
        Code::LimitExceeded,
        format!("With its functions inlined the model exceeds `limits.{limit}`, {expected}. Raise it if you trust the model."),
    )
    .with("limit", limit)
    .with("expected", expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::testing::{int, node};

    fn function(name: &str, nodes: Vec<Node>) -> Function {
        Function {
            domain: "local".into(),
            name: name.into(),
            inputs: vec!["a".into()],
            outputs: vec!["b".into()],
            nodes,
            ..Function::default()
        }
    }

    fn model(functions: Vec<Function>) -> Model {
        let call = node("local.twice", &["x"], &["y"], vec![int("axis", 3)]);
        let other = node("local.twice", &["y"], &["z"], vec![]);
        let graph = Graph { nodes: vec![call, other], ..Graph::default() };
        Model { graph: Some(graph), functions, ..Model::default() }
    }

    #[test]
    fn calls_become_nodes_with_names_of_their_own() {
        let reference =
            Attribute { name: "axis".into(), value: AttributeValue::Reference("axis".into()) };
        let inner = function("once", vec![node("Relu", &["a"], &["b"], vec![])]);
        let twice = function(
            "twice",
            vec![
                node("local.once", &["a"], &["m"], vec![]),
                node("Softmax", &["m"], &["b"], vec![reference]),
            ],
        );
        let mut model = model(vec![inner, twice]);
        functions(&mut model, &Limits::default()).unwrap();
        let nodes = model.graph.unwrap().nodes;
        let seen: Vec<(&str, &str, &str)> = nodes
            .iter()
            .map(|node| (&*node.op_type, &*node.inputs[0], &*node.outputs[0]))
            .collect();
        assert_eq!(
            seen,
            [
                ("Relu", "x", "twice:1:m"),
                ("Softmax", "twice:1:m", "y"),
                ("Relu", "y", "twice:3:m"),
                ("Softmax", "twice:3:m", "z"),
            ]
        );
        assert_eq!(nodes[1].int("axis"), Some(3));
        assert!(nodes[3].attributes.is_empty());
    }

    #[test]
    fn overloads_are_told_apart() {
        let overload = |name: &str, operator: &str| Function {
            overload: name.into(),
            ..function("twice", vec![node(operator, &["a"], &["b"], vec![])])
        };
        let mut model = model(vec![overload("", "Relu"), overload("long", "Abs")]);
        model.graph.as_mut().unwrap().nodes[1].overload = "long".into();
        functions(&mut model, &Limits::default()).unwrap();
        let nodes = model.graph.unwrap().nodes;
        assert_eq!([&*nodes[0].op_type, &*nodes[1].op_type], ["Relu", "Abs"]);
    }

    #[test]
    fn endless_and_exploding_calls_are_refused() {
        let endless = function("twice", vec![node("local.twice", &["a"], &["b"], vec![])]);
        let error = functions(&mut model(vec![endless]), &Limits::default()).unwrap_err();
        assert_eq!(error.code(), Code::ModelInvalid);

        // Each function calls the next one eight times: 8^20 nodes.
        let mut held = vec![function("twice", vec![node("local.f0", &["a"], &["b"], vec![])])];
        for level in 0..20 {
            let next = format!("local.f{}", level + 1);
            let calls = (0..8).map(|_| node(&next, &["a"], &["b"], vec![])).collect();
            held.push(function(&format!("f{level}"), calls));
        }
        held.push(function("f20", vec![node("Relu", &["a"], &["b"], vec![])]));
        let error = functions(&mut model(held), &Limits::default()).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
    }
}
