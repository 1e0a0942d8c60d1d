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
    let mut decoder = Decoder { limits, nodes: 0, bytes: 0 };
    let mut model = Model::default();
    let mut fields = Fields::new(bytes);
    while let Some(field) = fields.next()? {
        match field.number {
            1 => model.ir_version = field.value.int()?,
            2 => model.producer = decoder.text(field.value)?,
            7 => model.graph = Some(decoder.graph(field.value.bytes()?, 0)?),
            8 => decoder.add_opset(field.value, &mut model.opsets)?,
            14 => model.metadata.push(decoder.entry(field.value.bytes()?)?),
            25 if !cfg!(feature = "extra") => {
                return Err(Error::new(
                    Code::OpUnsupported,
                    "The model has functions of its own, which this build does not take.",
                ));
            }
            25 => model.functions.push(decoder.function(field.value.bytes()?)?),
            _ => {}
        }
    }
    Ok(model)
}

/// Reads a `TensorProto` that stands alone, as in ONNX's own test data.
///
/// # Errors
/// As for [`model`].
pub fn tensor(bytes: &[u8], limits: &Limits) -> Result<Tensor> {
    Decoder { limits, nodes: 0, bytes: 0 }.tensor(bytes)
}

struct Decoder<'l> {
    limits: &'l Limits,
    nodes: u64,
    bytes: u64,
}

impl Decoder<'_> {
    fn charge(&mut self, bytes: usize) -> Result<()> {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.bytes > self.limits.max_tensor_bytes {
            return Err(Error::new(
                Code::LimitExceeded,
                format!(
                    "The model takes more than {} bytes in memory. Raise `limits.maxTensorBytes` if you trust it.",
                    self.limits.max_tensor_bytes
                ),
            )
            .with("limit", "maxTensorBytes")
            .with("expected", self.limits.max_tensor_bytes));
        }
        Ok(())
    }

    fn text(&mut self, value: Value) -> Result<String> {
        let text = value.text()?;
        self.charge(size_of::<String>() + text.len())?;
        Ok(text.to_owned())
    }

    fn blob(&mut self, value: Value) -> Result<Vec<u8>> {
        let bytes = value.bytes()?;
        self.charge(size_of::<Vec<u8>>() + bytes.len())?;
        Ok(bytes.to_vec())
    }

    fn ints<T>(
        &mut self,
        value: Value,
        out: &mut Vec<T>,
        convert: impl Fn(u64) -> T,
    ) -> Result<()> {
        let elements = match value {
            Value::Bytes(bytes) => bytes.iter().filter(|byte| **byte & 0x80 == 0).count(),
            _ => 1,
        };
        self.charge(elements * size_of::<T>())?;
        value.ints(out, convert)
    }

    fn floats(&mut self, value: Value, out: &mut Vec<f32>) -> Result<()> {
        self.charge(if let Value::Bytes(bytes) = value { bytes.len() } else { 4 })?;
        value.floats(out)
    }

    fn doubles(&mut self, value: Value, out: &mut Vec<f64>) -> Result<()> {
        self.charge(if let Value::Bytes(bytes) = value { bytes.len() } else { 8 })?;
        value.doubles(out)
    }

    fn add_opset(&mut self, value: Value, opsets: &mut Vec<(String, i64)>) -> Result<()> {
        if opsets.len() >= MAX_OPSETS {
            return Err(Error::new(
                Code::ModelInvalid,
                format!("The model names more than {MAX_OPSETS} operator sets."),
            ));
        }
        opsets.push(self.opset(value.bytes()?)?);
        Ok(())
    }

    fn opset(&mut self, bytes: &[u8]) -> Result<(String, i64)> {
        let (mut domain, mut version) = (String::new(), 0);
        let mut fields = Fields::new(bytes);
        while let Some(field) = fields.next()? {
            match field.number {
                1 => domain = self.text(field.value)?,
                2 => version = field.value.int()?,
                _ => {}
            }
        }
        self.charge(size_of::<(String, i64)>())?;
        Ok((domain, version))
    }

    fn entry(&mut self, bytes: &[u8]) -> Result<(String, String)> {
        let (mut key, mut value) = (String::new(), String::new());
        let mut fields = Fields::new(bytes);
        while let Some(field) = fields.next()? {
            match field.number {
                1 => key = self.text(field.value)?,
                2 => value = self.text(field.value)?,
                _ => {}
            }
        }
        self.charge(size_of::<(String, String)>())?;
        Ok((key, value))
    }

    fn function(&mut self, bytes: &[u8]) -> Result<Function> {
        self.charge(size_of::<Function>())?;
        let mut function = Function::default();
        let mut fields = Fields::new(bytes);
        while let Some(field) = fields.next()? {
            match field.number {
                1 => function.name = self.text(field.value)?,
                4 => function.inputs.push(self.text(field.value)?),
                5 => function.outputs.push(self.text(field.value)?),
                7 => function.nodes.push(self.node(field.value.bytes()?, 0)?),
                9 => self.add_opset(field.value, &mut function.opsets)?,
                10 => function.domain = self.text(field.value)?,
                11 => function.defaults.push(self.attribute(field.value.bytes()?, 0)?),
                13 => function.overload = self.text(field.value)?,
                _ => {}
            }
        }
        Ok(function)
    }

    fn graph(&mut self, bytes: &[u8], depth: u64) -> Result<Graph> {
        if depth > self.limits.max_subgraph_depth {
            return Err(Error::new(
                Code::LimitExceeded,
                format!(
                    "Subgraphs are nested more than {} deep. Raise `limits.maxSubgraphDepth` if you trust the model.",
                    self.limits.max_subgraph_depth
                ),
            )
            .with("limit", "maxSubgraphDepth")
            .with("expected", self.limits.max_subgraph_depth));
        }
        self.charge(size_of::<Graph>())?;
        let mut graph = Graph::default();
        let mut fields = Fields::new(bytes);
        while let Some(field) = fields.next()? {
            match field.number {
                1 => graph.nodes.push(self.node(field.value.bytes()?, depth)?),
                2 => graph.name = self.text(field.value)?,
                5 => graph.initializers.push(self.tensor(field.value.bytes()?)?),
                11 => graph.inputs.push(self.value_info(field.value.bytes()?)?),
                12 => graph.outputs.push(self.value_info(field.value.bytes()?)?),
                15 => graph.sparse.push(self.sparse_name(field.value.bytes()?)?),
                _ => {}
            }
        }
        Ok(graph)
    }

    fn sparse_name(&mut self, bytes: &[u8]) -> Result<String> {
        let mut fields = Fields::new(bytes);
        while let Some(field) = fields.next()? {
            if field.number == 1 {
                return Ok(self.tensor(field.value.bytes()?)?.name);
            }
        }
        Ok(String::new())
    }

    fn node(&mut self, bytes: &[u8], depth: u64) -> Result<Node> {
        self.nodes += 1;
        if self.nodes > self.limits.max_nodes {
            return Err(Error::new(
                Code::LimitExceeded,
                format!(
                    "The model has more than {} nodes. Raise `limits.maxNodes` if you trust it.",
                    self.limits.max_nodes
                ),
            )
            .with("limit", "maxNodes")
            .with("expected", self.limits.max_nodes));
        }
        self.charge(size_of::<Node>())?;
        let mut node = Node::default();
        let mut fields = Fields::new(bytes);
        while let Some(field) = fields.next()? {
            match field.number {
                1 => node.inputs.push(self.text(field.value)?),
                2 => node.outputs.push(self.text(field.value)?),
                3 => node.name = self.text(field.value)?,
                4 => node.op_type = self.text(field.value)?,
                5 => node.attributes.push(self.attribute(field.value.bytes()?, depth)?),
                7 => node.domain = self.text(field.value)?,
                8 => node.overload = self.text(field.value)?,
                _ => {}
            }
        }
        Ok(node)
    }

    fn attribute(&mut self, bytes: &[u8], depth: u64) -> Result<Attribute> {
        self.charge(size_of::<Attribute>())?;
        let mut name = String::new();
        let mut kind = 0;
        let (mut float, mut int, mut string) = (0.0, 0, vec![]);
        let (mut floats, mut ints, mut strings) = (vec![], vec![], vec![]);
        let (mut tensor, mut graph) = (None, None);
        let (mut tensors, mut graphs) = (vec![], vec![]);
        let mut reference = String::new();
        // The kind that the fields in use suggest, for files that do not state it.
        let mut seen = 0;
        let mut fields = Fields::new(bytes);
        while let Some(field) = fields.next()? {
            let value = field.value;
            match field.number {
                1 => name = self.text(value)?,
                2 => (float, seen) = (value.float()?, 1),
                3 => (int, seen) = (value.int()?, 2),
                4 => (string, seen) = (self.blob(value)?, 3),
                5 => (tensor, seen) = (Some(Box::new(self.tensor(value.bytes()?)?)), 4),
                6 => (graph, seen) = (Some(Box::new(self.graph(value.bytes()?, depth + 1)?)), 5),
                7 => {
                    self.floats(value, &mut floats)?;
                    seen = 6;
                }
                8 => {
                    self.ints(value, &mut ints, |v| v as i64)?;
                    seen = 7;
                }
                9 => {
                    strings.push(self.blob(value)?);
                    seen = 8;
                }
                10 => {
                    tensors.push(self.tensor(value.bytes()?)?);
                    seen = 9;
                }
                11 => {
                    graphs.push(self.graph(value.bytes()?, depth + 1)?);
                    seen = 10;
                }
                20 => kind = value.int()?,
                21 => reference = self.text(value)?,
                22 | 23 => seen = 11,
                14 | 15 => seen = 13,
                _ => {}
            }
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
            4 => AttributeValue::Tensor(tensor.ok_or_else(|| missing("a tensor"))?),
            5 => AttributeValue::Graph(graph.ok_or_else(|| missing("a graph"))?),
            6 => AttributeValue::Floats(floats),
            7 => AttributeValue::Ints(ints),
            8 => AttributeValue::Strings(strings),
            9 => AttributeValue::Tensors(tensors),
            10 => AttributeValue::Graphs(graphs),
            11 | 12 => AttributeValue::Other("a sparse tensor"),
            13 | 14 => AttributeValue::Other("a type"),
            _ => AttributeValue::Other("nothing"),
        };
        Ok(Attribute { name, value })
    }

    fn tensor(&mut self, bytes: &[u8]) -> Result<Tensor> {
        self.charge(size_of::<Tensor>())?;
        let mut tensor = Tensor::default();
        let mut raw: &[u8] = &[];
        let mut fields = Fields::new(bytes);
        while let Some(field) = fields.next()? {
            let value = field.value;
            match field.number {
                1 => self.ints(value, &mut tensor.dims, |v| v as i64)?,
                2 => tensor.data_type = value.int()?,
                4 => self.floats(value, &mut tensor.floats)?,
                5 => self.ints(value, &mut tensor.int32s, |v| v as i32)?,
                6 => tensor.strings.push(self.blob(value)?),
                7 => self.ints(value, &mut tensor.int64s, |v| v as i64)?,
                8 => tensor.name = self.text(value)?,
                9 => raw = value.bytes()?,
                10 => self.doubles(value, &mut tensor.doubles)?,
                11 => self.ints(value, &mut tensor.uint64s, |v| v)?,
                13 => tensor.external = true,
                14 => tensor.external |= value.int()? == 1,
                _ => {}
            }
        }
        // An empty `raw_data` beside a typed list says nothing.
        if !raw.is_empty() {
            self.raw(raw, &mut tensor)?;
        }
        Ok(tensor)
    }

    /// `raw_data`: of the types that weights have straight into their list, which becomes the
    /// tensor's memory; else, and where its length is wrong, as bytes.
    fn raw(&mut self, raw: &[u8], tensor: &mut Tensor) -> Result<()> {
        let value = Value::Bytes(raw);
        match tensor.data_type() {
            Some(DataType::Float32) if raw.len().is_multiple_of(4) => {
                tensor.floats.clear();
                self.floats(value, &mut tensor.floats)
            }
            Some(DataType::Float64) if raw.len().is_multiple_of(8) => {
                tensor.doubles.clear();
                self.doubles(value, &mut tensor.doubles)
            }
            Some(DataType::Int64) if raw.len().is_multiple_of(8) => {
                self.charge(raw.len())?;
                tensor.int64s = raw.as_chunks().0.iter().map(|v| i64::from_le_bytes(*v)).collect();
                Ok(())
            }
            _ => {
                tensor.raw = Some(self.blob(value)?);
                Ok(())
            }
        }
    }

    fn value_info(&mut self, bytes: &[u8]) -> Result<ValueInfo> {
        self.charge(size_of::<ValueInfo>())?;
        let mut info = ValueInfo { name: String::new(), kind: ValueKind::Missing };
        let mut fields = Fields::new(bytes);
        while let Some(field) = fields.next()? {
            match field.number {
                1 => info.name = self.text(field.value)?,
                2 => info.kind = self.value_kind(field.value.bytes()?)?,
                _ => {}
            }
        }
        Ok(info)
    }

    fn value_kind(&mut self, bytes: &[u8]) -> Result<ValueKind> {
        let mut kind = ValueKind::Missing;
        let mut fields = Fields::new(bytes);
        while let Some(field) = fields.next()? {
            kind = match field.number {
                1 => self.tensor_kind(field.value.bytes()?)?,
                4 => match self.inner_type(field.value.bytes()?, 1)? {
                    Some(data_type) => ValueKind::Sequence { data_type },
                    None => ValueKind::Other("sequence"),
                },
                5 => match self.inner_type(field.value.bytes()?, 2)? {
                    Some(data_type) => ValueKind::Map { data_type },
                    None => ValueKind::Other("map"),
                },
                8 => ValueKind::Other("sparse tensor"),
                9 => ValueKind::Other("optional"),
                _ => kind,
            };
        }
        Ok(kind)
    }

    /// The element type of the tensors that a map or a sequence holds; its `TypeProto` is in the
    /// field `number`. `None` where it holds maps or sequences itself.
    fn inner_type(&mut self, bytes: &[u8], number: u64) -> Result<Option<i64>> {
        let mut fields = Fields::new(bytes);
        while let Some(field) = fields.next()? {
            if field.number != number {
                continue;
            }
            let mut parts = Fields::new(field.value.bytes()?);
            while let Some(part) = parts.next()? {
                if part.number == 1
                    && let ValueKind::Tensor { data_type, .. } =
                        self.tensor_kind(part.value.bytes()?)?
                {
                    return Ok(Some(data_type));
                }
            }
        }
        Ok(None)
    }

    fn tensor_kind(&mut self, bytes: &[u8]) -> Result<ValueKind> {
        let (mut data_type, mut shape) = (0, None);
        let mut fields = Fields::new(bytes);
        while let Some(field) = fields.next()? {
            match field.number {
                1 => data_type = field.value.int()?,
                2 => shape = Some(self.shape(field.value.bytes()?)?),
                _ => {}
            }
        }
        Ok(ValueKind::Tensor { data_type, shape })
    }

    fn shape(&mut self, bytes: &[u8]) -> Result<Vec<Dim>> {
        let mut dims = vec![];
        let mut fields = Fields::new(bytes);
        while let Some(field) = fields.next()? {
            if field.number != 1 {
                continue;
            }
            self.charge(size_of::<Dim>())?;
            let mut dim = Dim::Unknown;
            let mut parts = Fields::new(field.value.bytes()?);
            while let Some(part) = parts.next()? {
                dim = match part.number {
                    1 => Dim::Value(part.value.int()?),
                    2 => Dim::Param(self.text(part.value)?),
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
        Ok(dims)
    }
}
