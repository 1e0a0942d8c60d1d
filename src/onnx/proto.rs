//! An ONNX file's own structure, as far as inference needs it (`onnx.proto`, IR version 13 and
//! earlier). What only tools read (doc strings, value infos, training) is not kept.

use super::elements::lossy;
use crate::tensor::DataType;

/// `ModelProto`.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// `ir_version`.
    pub ir_version: i64,
    /// `producer_name`.
    pub producer: String,
    /// `opset_import`: domain and version.
    pub opsets: Vec<(String, i64)>,
    /// `metadata_props`.
    pub metadata: Vec<(String, String)>,
    /// `graph`.
    pub graph: Option<Graph>,
    /// `functions`; none once they are [inlined](super::inline).
    pub functions: Vec<Function>,
}

/// `FunctionProto`.
#[derive(Debug, Clone, Default)]
pub struct Function {
    /// `domain`.
    pub domain: String,
    /// `name`.
    pub name: String,
    /// `overload`: tells functions of one name apart.
    pub overload: String,
    /// `input`.
    pub inputs: Vec<String>,
    /// `output`.
    pub outputs: Vec<String>,
    /// `attribute_proto`: attributes that a call may leave out.
    pub defaults: Vec<Attribute>,
    /// `node`.
    pub nodes: Vec<Node>,
    /// `opset_import`.
    pub opsets: Vec<(String, i64)>,
}

/// `GraphProto`.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// `name`.
    pub name: String,
    /// `node`, sorted: what a node reads is made before it.
    pub nodes: Vec<Node>,
    /// `initializer`: the constants.
    pub initializers: Vec<Tensor>,
    /// Names of `sparse_initializer`s.
    pub sparse: Vec<String>,
    /// `input`; files of IR versions before 4 list the constants here too.
    pub inputs: Vec<ValueInfo>,
    /// `output`.
    pub outputs: Vec<ValueInfo>,
}

/// `NodeProto`.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// `name`.
    pub name: String,
    /// `op_type`.
    pub op_type: String,
    /// `domain`, as the file spells it.
    pub domain: String,
    /// `overload`: which one is called of several functions of that name.
    pub overload: String,
    /// An empty name is an optional input that is left out.
    pub inputs: Vec<String>,
    /// `output`.
    pub outputs: Vec<String>,
    /// `attribute`.
    pub attributes: Vec<Attribute>,
    /// The version of its domain's operator set, where the node comes from a function that is
    /// written for another one than the graph.
    pub opset: Option<i64>,
}

/// `AttributeProto`.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// `name`.
    pub name: String,
    /// The value.
    pub value: AttributeValue,
}

/// The one value that an attribute holds.
#[derive(Debug, Clone)]
pub enum AttributeValue {
    /// `f`.
    Float(f32),
    /// `i`.
    Int(i64),
    /// `s`.
    String(Vec<u8>),
    /// `t`.
    Tensor(Box<Tensor>),
    /// `g`.
    Graph(Box<Graph>),
    /// `floats`.
    Floats(Vec<f32>),
    /// `ints`.
    Ints(Vec<i64>),
    /// `strings`.
    Strings(Vec<Vec<u8>>),
    /// `tensors`.
    Tensors(Vec<Tensor>),
    /// `graphs`.
    Graphs(Vec<Graph>),
    /// Inside a function: the attribute of that name of the call.
    Reference(String),
    /// A sparse tensor or a type.
    Other(&'static str),
}

/// `TensorProto`. Elements are in `raw` (little endian) or in the list of their type.
#[derive(Debug, Clone, Default)]
pub struct Tensor {
    /// `name`.
    pub name: String,
    /// `dims`.
    pub dims: Vec<i64>,
    /// A number of `TensorProto.DataType`.
    pub data_type: i64,
    /// `raw_data`, unless the decoder made the type's list of it.
    pub raw: Option<Vec<u8>>,
    /// `float_data`.
    pub floats: Vec<f32>,
    /// `int32_data`; also of 8- and 16-bit types and booleans.
    pub int32s: Vec<i32>,
    /// `int64_data`.
    pub int64s: Vec<i64>,
    /// `double_data`.
    pub doubles: Vec<f64>,
    /// `uint64_data`; also of uint32.
    pub uint64s: Vec<u64>,
    /// `string_data`.
    pub strings: Vec<Vec<u8>>,
    /// The elements are in another file.
    pub external: bool,
}

/// `ValueInfoProto`.
#[derive(Debug, Clone)]
pub struct ValueInfo {
    /// `name`.
    pub name: String,
    /// `type`.
    pub kind: ValueKind,
}

/// `TypeProto`.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueKind {
    /// A dense tensor.
    Tensor {
        /// A number of `TensorProto.DataType`.
        data_type: i64,
        /// `None` where not even the rank is declared.
        shape: Option<Vec<Dim>>,
    },
    /// A dictionary whose values are tensors' elements.
    Map {
        /// A number of `TensorProto.DataType`: of the values.
        data_type: i64,
    },
    /// A sequence of tensors.
    Sequence {
        /// A number of `TensorProto.DataType`: of the tensors.
        data_type: i64,
    },
    /// A `sequence` or `map` of something else, `optional` or `sparse tensor`.
    Other(&'static str),
    /// The file declares none.
    Missing,
}

/// `TensorShapeProto.Dimension`.
#[derive(Debug, Clone, PartialEq)]
pub enum Dim {
    /// `dim_value`.
    Value(i64),
    /// `dim_param`.
    Param(String),
    /// Neither.
    Unknown,
}

impl Node {
    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(|a| &a.value)
    }

    /// An integer attribute.
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.attribute(name)? {
            AttributeValue::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// A list of integers.
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        match self.attribute(name)? {
            AttributeValue::Ints(values) => Some(values),
            _ => None,
        }
    }

    /// A float attribute.
    pub fn float(&self, name: &str) -> Option<f32> {
        match self.attribute(name)? {
            AttributeValue::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// A text attribute; bytes that are no UTF-8 are replaced.
    pub fn string(&self, name: &str) -> Option<String> {
        match self.attribute(name)? {
            AttributeValue::String(value) => Some(lossy(value)),
            _ => None,
        }
    }

    /// A list of texts; bytes that are no UTF-8 are replaced.
    pub fn strings(&self, name: &str) -> Option<Vec<String>> {
        match self.attribute(name)? {
            AttributeValue::Strings(values) => {
                Some(values.iter().map(|value| lossy(value)).collect())
            }
            _ => None,
        }
    }

    /// Whether the input at that position is connected.
    pub fn has_input(&self, index: usize) -> bool {
        self.inputs.get(index).is_some_and(|name| !name.is_empty())
    }

    /// The graphs among the attributes, with the attribute's name.
    pub fn subgraphs(&self) -> impl Iterator<Item = &Graph> {
        self.attributes.iter().flat_map(|attribute| match &attribute.value {
            AttributeValue::Graph(graph) => std::slice::from_ref(&**graph),
            AttributeValue::Graphs(graphs) => graphs,
            _ => &[],
        })
    }

    /// The domain with ONNX's own two spellings made one: `""` for `ai.onnx`.
    pub fn domain(&self) -> &str {
        canonical_domain(&self.domain)
    }

    /// `Relu`, or `com.example.Relu` outside ONNX's default domain.
    pub fn operator(&self) -> String {
        match self.domain() {
            "" => self.op_type.clone(),
            domain => format!("{domain}.{}", self.op_type),
        }
    }

    /// How messages name this node: its name, or else its first output.
    pub fn label(&self) -> &str {
        match &*self.name {
            "" => self.outputs.iter().find(|name| !name.is_empty()).map_or("", |name| name),
            name => name,
        }
    }
}

impl Graph {
    /// Calls `visit` on each node, those of subgraphs included.
    pub fn each_node<'a>(&'a self, visit: &mut dyn FnMut(&'a Node)) {
        for node in &self.nodes {
            visit(node);
            for graph in node.subgraphs() {
                graph.each_node(visit);
            }
        }
    }

    /// The initializer of that name.
    pub fn initializer(&self, name: &str) -> Option<&Tensor> {
        self.initializers.iter().find(|tensor| tensor.name == name)
    }
}

impl Model {
    /// The version of the default domain's operator set; 1 where the file does not say.
    pub fn opset(&self) -> i64 {
        opset_of(&self.opsets, "").unwrap_or(1)
    }
}

impl Tensor {
    /// The elements' type, if it is one that predikt knows.
    pub fn data_type(&self) -> Option<DataType> {
        DataType::from_onnx(self.data_type)
    }
}

/// The version of a domain's operator set, if it is imported.
pub fn opset_of(opsets: &[(String, i64)], domain: &str) -> Option<i64> {
    opsets.iter().find(|(held, _)| canonical_domain(held) == domain).map(|(_, version)| *version)
}

/// `ai.onnx` and the empty text name the same domain.
pub fn canonical_domain(domain: &str) -> &str {
    if domain == "ai.onnx" { "" } else { domain }
}
