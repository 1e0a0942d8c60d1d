//! Bytes → [`Model`]. Counts what it makes while it makes it, so that a small file cannot
//! grow without bound in memory.

use super::limits::Limits;
use super::proto::*;
use super::wire::{Fields, Value};
use crate::error::{Code, Error, Result};
use crate::tensor::DataType;

/// The most operator sets that a model or a function may name: they are searched for every node.
const MAX_OPSETS: usize = 100;

/// Reads a whole model.
///
/// # Errors
/// `MODEL_INVALID` where the bytes are no `ModelProto`; `LIMIT_EXCEEDED` where it has more nodes,
/// deeper subgraphs or more bytes in memory than `limits` allow.
pub fn model(bytes: &[u8], limits: &Limits) -> Result<Model> {
    Decoder::new(limits).all(|decoder| {
        let mut model = Model::default();
        let mut fields = Fields::new(bytes);
        while let Some((number, value)) = decoder.next(&mut fields) {
            match number {
                1 => model.ir_version = decoder.int(value),
                2 => model.producer = decoder.text(value),
                7 => model.graph = Some(decoder.graph(value, 0)),
                8 => decoder.add_opset(value, &mut model.opsets),
                14 => model.metadata.push(decoder.entry(value)),
                25 if !cfg!(feature = "extra") => decoder.fail(Error::new(
                    Code::OpUnsupported,
                    "The model has functions of its own, which this build does not take.",
                )),
                25 => model.functions.push(decoder.function(value)),
                _ => {}
            }
        }
        model
    })
}

/// Reads a `TensorProto` that stands alone, as in ONNX's own test data.
///
/// # Errors
/// As for [`model`].
pub fn tensor(bytes: &[u8], limits: &Limits) -> Result<Tensor> {
    Decoder::new(limits).all(|decoder| decoder.tensor(Value::Bytes(bytes)))
}

/// Goes through messages. After an error every message ends, and every value is empty: so that what
/// reads them has none to hand on.
struct Decoder<'l> {
    limits: &'l Limits,
    nodes: u64,
    bytes: u64,
    /// The first error.
    error: Option<Error>,
}

impl<'l> Decoder<'l> {
    fn new(limits: &'l Limits) -> Self {
        Decoder { limits, nodes: 0, bytes: 0, error: None }
    }

    fn all<T>(mut self, read: impl FnOnce(&mut Self) -> T) -> Result<T> {
        let made = read(&mut self);
        match self.error {
            Some(error) => Err(error),
            None => Ok(made),
        }
    }

    fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    fn kept<T: Default>(&mut self, read: Result<T>) -> T {
        read.unwrap_or_else(|error| {
            self.fail(error);
            T::default()
        })
    }

    fn next<'m>(&mut self, fields: &mut Fields<'m>) -> Option<(u64, Value<'m>)> {
        if self.error.is_some() {
            return None;
        }
        let field = fields.next();
        self.kept(field).map(|field| (field.number, field.value))
    }

    /// The fields of a message that takes so many bytes in memory beside them.
    fn message<'m>(&mut self, value: Value<'m>, bytes: usize) -> Fields<'m> {
        self.charge(bytes);
        Fields::new(self.kept(value.bytes()))
    }

    fn int(&mut self, value: Value) -> i64 {
        self.kept(value.int())
    }

    /// Counts memory; false where there is none left.
    fn charge(&mut self, bytes: usize) -> bool {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        let most = self.limits.max_tensor_bytes;
        if self.bytes > most {
            let message = format!(
                "The model takes more than {most} bytes in memory. Raise `limits.maxTensorBytes` if you trust it."
            );
            self.exceeded(message, "maxTensorBytes", most);
        }
        self.error.is_none()
    }

    fn exceeded(&mut self, message: String, limit: &'static str, most: u64) {
        let error = Error::new(Code::LimitExceeded, message);
        self.fail(error.with("limit", limit).with("expected", most));
    }

    fn text(&mut self, value: Value) -> String {
        let text = self.kept(value.text());
        if self.charge(size_of::<String>() + text.len()) { text.to_owned() } else { String::new() }
    }

    fn blob(&mut self, value: Value) -> Vec<u8> {
        let bytes = self.kept(value.bytes());
        if self.charge(size_of::<Vec<u8>>() + bytes.len()) { bytes.to_vec() } else { vec![] }
    }

    fn ints<T>(&mut self, value: Value, out: &mut Vec<T>, convert: impl Fn(u64) -> T) {
        let elements = match value {
            Value::Bytes(bytes) => bytes.iter().filter(|byte| **byte & 0x80 == 0).count(),
            _ => 1,
        };
        if self.charge(elements * size_of::<T>()) {
            self.kept(value.ints(out, convert));
        }
    }

    fn floats(&mut self, value: Value, out: &mut Vec<f32>) {
        if self.charge(if let Value::Bytes(bytes) = value { bytes.len() } else { 4 }) {
            self.kept(value.floats(out));
        }
    }

    fn doubles(&mut self, value: Value, out: &mut Vec<f64>) {
        if self.charge(if let Value::Bytes(bytes) = value { bytes.len() } else { 8 }) {
            self.kept(value.doubles(out));
        }
    }

    fn add_opset(&mut self, value: Value, opsets: &mut Vec<(String, i64)>) {
        if opsets.len() >= MAX_OPSETS {
            self.fail(Error::new(
                Code::ModelInvalid,
                format!("The model names more than {MAX_OPSETS} operator sets."),
            ));
            return;
        }
        let (mut domain, mut version) = (String::new(), 0);
        let mut fields = self.message(value, size_of::<(String, i64)>());
        while let Some((number, value)) = self.next(&mut fields) {
            match number {
                1 => domain = self.text(value),
                2 => version = self.int(value),
                _ => {}
            }
        }
        opsets.push((domain, version));
    }

    fn entry(&mut self, value: Value) -> (String, String) {
        let mut entry = (String::new(), String::new());
        let mut fields = self.message(value, size_of::<(String, String)>());
        while let Some((number, value)) = self.next(&mut fields) {
            match number {
                1 => entry.0 = self.text(value),
                2 => entry.1 = self.text(value),
                _ => {}
            }
        }
        entry
    }

    fn function(&mut self, value: Value) -> Function {
        let mut function = Function::default();
        let mut fields = self.message(value, size_of::<Function>());
        while let Some((number, value)) = self.next(&mut fields) {
            match number {
                1 => function.name = self.text(value),
                4 => function.inputs.push(self.text(value)),
                5 => function.outputs.push(self.text(value)),
                7 => function.nodes.push(self.node(value, 0)),
                9 => self.add_opset(value, &mut function.opsets),
                10 => function.domain = self.text(value),
                11 => function.defaults.push(self.attribute(value, 0)),
                13 => function.overload = self.text(value),
                _ => {}
            }
        }
        function
    }

    fn graph(&mut self, value: Value, depth: u64) -> Graph {
        let mut graph = Graph::default();
        let most = self.limits.max_subgraph_depth;
        if depth > most {
            let message = format!(
                "Subgraphs are nested more than {most} deep. Raise `limits.maxSubgraphDepth` if you trust the model."
            );
            self.exceeded(message, "maxSubgraphDepth", most);
        }
        let mut fields = self.message(value, size_of::<Graph>());
        while let Some((number, value)) = self.next(&mut fields) {
            match number {
                1 => graph.nodes.push(self.node(value, depth)),
                2 => graph.name = self.text(value),
                5 => graph.initializers.push(self.tensor(value)),
                11 => graph.inputs.push(self.value_info(value)),
                12 => graph.outputs.push(self.value_info(value)),
                15 => graph.sparse.push(self.sparse_name(value)),
                _ => {}
            }
        }
        graph
    }

    fn sparse_name(&mut self, value: Value) -> String {
        let mut fields = self.message(value, 0);
        while let Some((number, value)) = self.next(&mut fields) {
            if number == 1 {
                return self.tensor(value).name;
            }
        }
        String::new()
    }

    fn node(&mut self, value: Value, depth: u64) -> Node {
        self.nodes += 1;
        let most = self.limits.max_nodes;
        if self.nodes > most {
            let message = format!(
                "The model has more than {most} nodes. Raise `limits.maxNodes` if you trust it."
            );
            self.exceeded(message, "maxNodes", most);
        }
        let mut node = Node::default();
        let mut fields = self.message(value, size_of::<Node>());
        while let Some((number, value)) = self.next(&mut fields) {
            match number {
                1 => node.inputs.push(self.text(value)),
                2 => node.outputs.push(self.text(value)),
                3 => node.name = self.text(value),
                4 => node.op_type = self.text(value),
                5 => node.attributes.push(self.attribute(value, depth)),
                7 => node.domain = self.text(value),
                8 => node.overload = self.text(value),
                _ => {}
            }
        }
        node
    }

    fn attribute(&mut self, value: Value, depth: u64) -> Attribute {
        let mut name = String::new();
        let mut kind = 0;
        let (mut float, mut int, mut string) = (0.0, 0, vec![]);
        let (mut floats, mut ints, mut strings) = (vec![], vec![], vec![]);
        let (mut tensor, mut graph) = (None, None);
        let (mut tensors, mut graphs) = (vec![], vec![]);
        let mut reference = String::new();
        // The kind that the fields in use suggest, for files that do not state it.
        let mut seen = 0;
        let mut fields = self.message(value, size_of::<Attribute>());
        while let Some((number, value)) = self.next(&mut fields) {
            match number {
                1 => name = self.text(value),
                2 => float = self.kept(value.float()),
                3 => int = self.int(value),
                4 => string = self.blob(value),
                5 => tensor = Some(Box::new(self.tensor(value))),
                6 => graph = Some(Box::new(self.graph(value, depth + 1))),
                7 => self.floats(value, &mut floats),
                8 => self.ints(value, &mut ints, |v| v as i64),
                9 => strings.push(self.blob(value)),
                10 => tensors.push(self.tensor(value)),
                11 => graphs.push(self.graph(value, depth + 1)),
                20 => kind = self.int(value),
                21 => reference = self.text(value),
                _ => {}
            }
            seen = match number {
                2..=11 => number as i64 - 1,
                22 | 23 => 11,
                14 | 15 => 13,
                _ => seen,
            };
        }
        let missing = |what: &str| {
            Error::new(
                Code::ModelInvalid,
                format!("The attribute `{name}` says that it holds {what}, and holds none."),
            )
            .with("attribute", &*name)
        };
        let value = match if kind == 0 { seen } else { kind } {
            _ if !reference.is_empty() => AttributeValue::Reference(reference),
            1 => AttributeValue::Float(float),
            2 => AttributeValue::Int(int),
            3 => AttributeValue::String(string),
            4 => AttributeValue::Tensor(tensor.unwrap_or_else(|| {
                self.fail(missing("a tensor"));
                Box::default()
            })),
            5 => AttributeValue::Graph(graph.unwrap_or_else(|| {
                self.fail(missing("a graph"));
                Box::default()
            })),
            6 => AttributeValue::Floats(floats),
            7 => AttributeValue::Ints(ints),
            8 => AttributeValue::Strings(strings),
            9 => AttributeValue::Tensors(tensors),
            10 => AttributeValue::Graphs(graphs),
            11 | 12 => AttributeValue::Other("a sparse tensor"),
            13 | 14 => AttributeValue::Other("a type"),
            _ => AttributeValue::Other("nothing"),
        };
        Attribute { name, value }
    }

    fn tensor(&mut self, value: Value) -> Tensor {
        let mut tensor = Tensor::default();
        let mut raw: &[u8] = &[];
        let mut fields = self.message(value, size_of::<Tensor>());
        while let Some((number, value)) = self.next(&mut fields) {
            match number {
                1 => self.ints(value, &mut tensor.dims, |v| v as i64),
                2 => tensor.data_type = self.int(value),
                4 => self.floats(value, &mut tensor.floats),
                5 => self.ints(value, &mut tensor.int32s, |v| v as i32),
                6 => tensor.strings.push(self.blob(value)),
                7 => self.ints(value, &mut tensor.int64s, |v| v as i64),
                8 => tensor.name = self.text(value),
                9 => raw = self.kept(value.bytes()),
                10 => self.doubles(value, &mut tensor.doubles),
                11 => self.ints(value, &mut tensor.uint64s, |v| v),
                13 => tensor.external = true,
                14 => tensor.external |= self.int(value) == 1,
                _ => {}
            }
        }
        // An empty `raw_data` beside a typed list says nothing.
        if !raw.is_empty() {
            self.raw(raw, &mut tensor);
        }
        tensor
    }

    /// `raw_data`: of the types that weights have straight into their list, which becomes the
    /// tensor's memory; else, and where its length is wrong, as bytes.
    fn raw(&mut self, raw: &[u8], tensor: &mut Tensor) {
        let value = Value::Bytes(raw);
        match tensor.data_type() {
            Some(DataType::Float32) if raw.len().is_multiple_of(4) => {
                tensor.floats.clear();
                self.floats(value, &mut tensor.floats);
            }
            Some(DataType::Float64) if raw.len().is_multiple_of(8) => {
                tensor.doubles.clear();
                self.doubles(value, &mut tensor.doubles);
            }
            Some(DataType::Int64) if raw.len().is_multiple_of(8) => {
                if self.charge(raw.len()) {
                    let values = raw.as_chunks().0.iter();
                    tensor.int64s = values.map(|v| i64::from_le_bytes(*v)).collect();
                }
            }
            _ => tensor.raw = Some(self.blob(value)),
        }
    }

    fn value_info(&mut self, value: Value) -> ValueInfo {
        let mut info = ValueInfo { name: String::new(), kind: ValueKind::Missing };
        let mut fields = self.message(value, size_of::<ValueInfo>());
        while let Some((number, value)) = self.next(&mut fields) {
            match number {
                1 => info.name = self.text(value),
                2 => info.kind = self.value_kind(value),
                _ => {}
            }
        }
        info
    }

    fn value_kind(&mut self, value: Value) -> ValueKind {
        let mut kind = ValueKind::Missing;
        let mut fields = self.message(value, 0);
        while let Some((number, value)) = self.next(&mut fields) {
            kind = match number {
                1 => self.tensor_kind(value),
                4 => match self.inner_type(value, 1) {
                    Some(data_type) => ValueKind::Sequence { data_type },
                    None => ValueKind::Other("sequence"),
                },
                5 => match self.inner_type(value, 2) {
                    Some(data_type) => ValueKind::Map { data_type },
                    None => ValueKind::Other("map"),
                },
                8 => ValueKind::Other("sparse tensor"),
                9 => ValueKind::Other("optional"),
                _ => kind,
            };
        }
        kind
    }

    /// The element type of the tensors that a map or a sequence holds; its `TypeProto` is in the
    /// field `number`. `None` where it holds maps or sequences itself.
    fn inner_type(&mut self, value: Value, number: u64) -> Option<i64> {
        let mut fields = self.message(value, 0);
        while let Some((held, value)) = self.next(&mut fields) {
            if held != number {
                continue;
            }
            let mut parts = self.message(value, 0);
            while let Some((held, value)) = self.next(&mut parts) {
                if held == 1
                    && let ValueKind::Tensor { data_type, .. } = self.tensor_kind(value)
                {
                    return Some(data_type);
                }
            }
        }
        None
    }

    fn tensor_kind(&mut self, value: Value) -> ValueKind {
        let (mut data_type, mut shape) = (0, None);
        let mut fields = self.message(value, 0);
        while let Some((number, value)) = self.next(&mut fields) {
            match number {
                1 => data_type = self.int(value),
                2 => shape = Some(self.shape(value)),
                _ => {}
            }
        }
        ValueKind::Tensor { data_type, shape }
    }

    fn shape(&mut self, value: Value) -> Vec<Dim> {
        let mut dims = vec![];
        let mut fields = self.message(value, 0);
        while let Some((number, value)) = self.next(&mut fields) {
            if number != 1 {
                continue;
            }
            let mut dim = Dim::Unknown;
            let mut parts = self.message(value, size_of::<Dim>());
            while let Some((number, value)) = self.next(&mut parts) {
                dim = match number {
                    1 => Dim::Value(self.int(value)),
                    2 => Dim::Param(self.text(value)),
                    _ => dim,
                };
            }
            // An empty name and a negative value are how some exporters write "unknown".
            dims.push(match dim {
                Dim::Param(name) if name.is_empty() => Dim::Unknown,
                Dim::Value(value) if value < 0 => Dim::Unknown,
                dim => dim,
            });
        }
        dims
    }
}
