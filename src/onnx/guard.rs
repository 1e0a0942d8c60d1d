//! Checks an untrusted model before an engine sees it: every name is defined before it is read,
//! every tensor has the elements that its shape says, and nothing is larger than the limits.
//! Sizes are counted in 64 bits, whatever the platform's `usize`.

use super::limits::Limits;
use super::proto::*;
use crate::error::{Code, Error, Result, list};
use crate::names::Names;
use crate::tensor::DataType;

/// Versions of the default domain's operators whose meaning is known: those that ONNX 1.23 defines.
const OPSETS: std::ops::RangeInclusive<i64> = 1..=28;

/// Checks a decoded model.
///
/// # Errors
/// `MODEL_INVALID` where the file contradicts itself or keeps its weights in other files,
/// `LIMIT_EXCEEDED` where it is too large, `OP_UNSUPPORTED` for element types and value kinds
/// that predikt does not have.
pub fn check(model: &Model, limits: &Limits) -> Result<()> {
    let graph = model.graph.as_ref().ok_or_else(|| {
        Error::new(
            Code::ModelInvalid,
            "The file holds no graph: it is no ONNX model, or a part of one.",
        )
    })?;
    if graph.outputs.is_empty() {
        return Err(Error::new(
            Code::ModelInvalid,
            "The graph has no outputs, so there is nothing to predict. Export the model again.",
        ));
    }
    let opset = model.opset();
    if !OPSETS.contains(&opset) {
        return Err(Error::new(
            Code::OpUnsupported,
            format!("The model uses version {opset} of ONNX's operators, and predikt knows {} to {}. Export it with one of these.", OPSETS.start(), OPSETS.end()),
        )
        .with("expected", *OPSETS.end() as u64)
        .with("got", opset.to_string()));
    }
    let mut guard = Guard { limits, tensor_bytes: 0 };
    guard.graph(graph, &mut Names::new(), true)
}

/// Checks a tensor that stands alone.
///
/// # Errors
/// As for [`check`].
pub fn check_tensor(tensor: &Tensor, limits: &Limits) -> Result<()> {
    Guard { limits, tensor_bytes: 0 }.tensor(tensor)
}

struct Guard<'l> {
    limits: &'l Limits,
    tensor_bytes: u64,
}

/// The product of `dims` in 64 bits, or a `LIMIT_EXCEEDED` error that names `what`.
pub fn element_count(
    dims: impl IntoIterator<Item = u64>,
    what: &str,
    limits: &Limits,
) -> Result<u64> {
    let mut product = 1u64;
    let mut largest = 1u64;
    let mut zero = false;
    for dim in dims {
        zero |= dim == 0;
        product = product.saturating_mul(dim.max(1));
        largest = largest.max(dim);
    }
    // A dimension that would not fit 32 bits is refused even beside a zero.
    if product > limits.max_elements || largest > u64::from(u32::MAX >> 1) {
        return Err(Error::new(
            Code::LimitExceeded,
            format!(
                "{what} has {product} elements, more than the {} allowed. Raise `limits.maxElements` if you trust the model.",
                limits.max_elements
            ),
        )
        .with("limit", "maxElements")
        .with("expected", limits.max_elements)
        .with("got", product));
    }
    Ok(if zero { 0 } else { product })
}

impl Guard<'_> {
    /// `known` are the names of the graphs around this one, and again afterwards.
    fn graph<'g>(&mut self, graph: &'g Graph, known: &mut Names<'g>, top: bool) -> Result<()> {
        if let Some(name) = graph.sparse.first() {
            return Err(Error::new(
                Code::OpUnsupported,
                format!("The initializer `{name}` is a sparse tensor; predikt reads dense ones. Export the model with dense weights."),
            )
            .with("tensor", &**name));
        }
        let mut here: Names = Names::new();
        let mut fresh: Vec<&str> = vec![];
        for tensor in &graph.initializers {
            self.tensor(tensor)?;
            define(&tensor.name, known, &mut here, &mut fresh)?;
        }
        let mut inputs: Names = Names::new();
        for input in &graph.inputs {
            if !inputs.insert(&input.name) {
                return Err(given_twice(&input.name));
            }
            self.value_info(input, top && !here.contains(&input.name))?;
            // Before IR version 4 an initializer had to be listed as an input too.
            if !here.contains(&input.name) {
                define(&input.name, known, &mut here, &mut fresh)?;
            }
        }
        for node in &graph.nodes {
            self.node(node, known)?;
            for output in node.outputs.iter().filter(|name| !name.is_empty()) {
                define(output, known, &mut here, &mut fresh)?;
            }
        }
        for output in &graph.outputs {
            if !known.contains(&output.name) {
                return Err(undefined(&output.name, "The graph gives out"));
            }
            self.value_info(output, top)?;
        }
        for name in fresh {
            known.remove(name);
        }
        Ok(())
    }

    fn node<'g>(&mut self, node: &'g Node, known: &mut Names<'g>) -> Result<()> {
        if let Some(input) =
            node.inputs.iter().find(|name| !name.is_empty() && !known.contains(name))
        {
            return Err(undefined(
                input,
                &format!("The node `{}` ({}) reads", node.label(), node.operator()),
            )
            .with("node", node.label())
            .with("operator", node.operator()));
        }
        if node.outputs.iter().all(|name| name.is_empty()) {
            return Err(Error::new(
                Code::ModelInvalid,
                format!(
                    "The node `{}` ({}) has no outputs. Export the model again.",
                    node.label(),
                    node.operator()
                ),
            )
            .with("node", node.label())
            .with("operator", node.operator()));
        }
        let mut named: Names = Names::new();
        for attribute in &node.attributes {
            if !named.insert(&attribute.name) {
                return Err(given_twice(&attribute.name).with("node", node.label()));
            }
            match &attribute.value {
                AttributeValue::Tensor(tensor) => self.tensor(tensor)?,
                AttributeValue::Tensors(tensors) => {
                    tensors.iter().try_for_each(|t| self.tensor(t))?
                }
                _ => {}
            }
        }
        node.subgraphs().try_for_each(|graph| self.graph(graph, known, false))
    }

    fn rank(&self, rank: usize, what: &str) -> Result<()> {
        if rank as u64 > self.limits.max_rank {
            return Err(Error::new(
                Code::LimitExceeded,
                format!(
                    "{what} has {rank} dimensions, more than the {} allowed. Raise `limits.maxRank` if you trust the model.",
                    self.limits.max_rank
                ),
            )
            .with("limit", "maxRank")
            .with("expected", self.limits.max_rank)
            .with("got", rank));
        }
        Ok(())
    }

    fn tensor(&mut self, tensor: &Tensor) -> Result<()> {
        let what = match &*tensor.name {
            "" => "A constant".to_owned(),
            name => format!("The tensor `{name}`"),
        };
        if tensor.external {
            return Err(Error::new(
                Code::ModelInvalid,
                format!(
                    "{what} keeps its elements in another file (external data), which a model loaded from one URL does not have. Save the model into a single file: `onnx.save_model(model, path, save_as_external_data=False)`."
                ),
            )
            .with("tensor", &*tensor.name));
        }
        let data_type = supported_type(tensor.data_type, &what)?;
        self.rank(tensor.dims.len(), &what)?;
        if let Some(dim) = tensor.dims.iter().find(|dim| **dim < 0) {
            return Err(Error::new(
                Code::ModelInvalid,
                format!("{what} has a dimension of {dim}. Export the model again."),
            )
            .with("tensor", &*tensor.name));
        }
        let elements =
            element_count(tensor.dims.iter().map(|dim| *dim as u64), &what, self.limits)?;
        let bytes = elements.saturating_mul(data_type.size().unwrap_or(size_of::<String>()) as u64);
        self.tensor_bytes = self.tensor_bytes.saturating_add(bytes);
        if self.tensor_bytes > self.limits.max_tensor_bytes {
            return Err(Error::new(
                Code::LimitExceeded,
                format!(
                    "The model's constants take more than {} bytes. Raise `limits.maxTensorBytes` if you trust it.",
                    self.limits.max_tensor_bytes
                ),
            )
            .with("limit", "maxTensorBytes")
            .with("expected", self.limits.max_tensor_bytes));
        }
        let (held, unit) = held(tensor, data_type);
        if held != elements {
            return Err(Error::new(
                Code::ModelInvalid,
                format!(
                    "{what} has the shape {} and so {elements} elements, but the file holds {held}{unit}. It is damaged: export the model again.",
                    list(&tensor.dims)
                ),
            )
            .with("tensor", &*tensor.name)
            .with("expected", elements)
            .with("got", held));
        }
        if data_type == DataType::String && tensor.raw.as_ref().is_some_and(|raw| !raw.is_empty()) {
            return Err(Error::new(
                Code::ModelInvalid,
                format!("{what} holds text as raw data, which ONNX does not allow. Export the model again."),
            )
            .with("tensor", &*tensor.name));
        }
        if data_type == DataType::String
            && tensor.strings.iter().any(|bytes| std::str::from_utf8(bytes).is_err())
        {
            return Err(Error::new(
                Code::ModelInvalid,
                format!("{what} holds text that is not UTF-8."),
            )
            .with("tensor", &*tensor.name));
        }
        Ok(())
    }

    fn value_info(&self, info: &ValueInfo, must_be_tensor: bool) -> Result<()> {
        let what = format!("`{}`", info.name);
        match &info.kind {
            ValueKind::Tensor { data_type, shape } => {
                if must_be_tensor || *data_type != 0 {
                    supported_type(*data_type, &what)?;
                }
                let Some(shape) = shape else { return Ok(()) };
                self.rank(shape.len(), &what)?;
                let fixed = shape.iter().filter_map(|dim| match dim {
                    Dim::Value(value) => Some(*value as u64),
                    _ => None,
                });
                element_count(fixed, &what, self.limits).map(|_| ())
            }
            ValueKind::Map { .. } if must_be_tensor => Err(no_tensor(info, "map")),
            ValueKind::Sequence { .. } if must_be_tensor => Err(no_tensor(info, "sequence")),
            ValueKind::Other(kind) if must_be_tensor => Err(no_tensor(info, kind)),
            ValueKind::Missing if must_be_tensor => Err(Error::new(
                Code::ModelInvalid,
                format!("{what} has no type. Export the model again, or run `onnx.checker` on it."),
            )
            .with("name", &*info.name)),
            _ => Ok(()),
        }
    }
}

fn no_tensor(info: &ValueInfo, kind: &str) -> Error {
    Error::new(
        Code::OpUnsupported,
        format!(
            "`{}` is a {kind}; predikt takes and gives tensors. Export the model so that its inputs and outputs are tensors.",
            info.name
        ),
    )
    .with("name", &*info.name)
    .with("got", kind)
}

fn supported_type(number: i64, what: &str) -> Result<DataType> {
    DataType::from_onnx(number).ok_or_else(|| {
        let name = DataType::onnx_name(number);
        Error::new(
            Code::OpUnsupported,
            format!("{what} has elements of type {name}, which predikt does not have. Export the model with float32."),
        )
        .with("got", name)
    })
}

/// How many elements the file holds for a tensor, and what to call them if that is wrong.
fn held(tensor: &Tensor, data_type: DataType) -> (u64, &'static str) {
    if let (Some(raw), Some(size)) = (&tensor.raw, data_type.size()) {
        let (raw, size) = (raw.len() as u64, size as u64);
        if raw > 0 {
            return if raw % size == 0 { (raw / size, "") } else { (raw, " bytes") };
        }
    }
    let count = match data_type {
        DataType::Float32 => tensor.floats.len(),
        DataType::Float64 => tensor.doubles.len(),
        DataType::Int64 => tensor.int64s.len(),
        DataType::Uint32 | DataType::Uint64 => tensor.uint64s.len(),
        DataType::String => tensor.strings.len(),
        _ => tensor.int32s.len(),
    };
    (count as u64, "")
}

fn define<'a>(
    name: &'a str,
    known: &mut Names<'a>,
    here: &mut Names<'a>,
    fresh: &mut Vec<&'a str>,
) -> Result<()> {
    if name.is_empty() || !here.insert(name) {
        return Err(given_twice(name));
    }
    if known.insert(name) {
        fresh.push(name);
    }
    Ok(())
}

fn given_twice(name: &str) -> Error {
    Error::new(
        Code::ModelInvalid,
        format!(
            "The name `{name}` is given twice. Export the model again, or run `onnx.checker` on it."
        ),
    )
    .with("name", name)
}

fn undefined(name: &str, who: &str) -> Error {
    Error::new(
        Code::ModelInvalid,
        format!(
            "{who} `{name}`, which nothing before it makes. The graph is incomplete, has a cycle or is not sorted: run `onnx.checker` on it."
        ),
    )
    .with("name", name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(number: i64) -> ValueKind {
        ValueKind::Tensor { data_type: number, shape: None }
    }

    fn relu() -> Model {
        let node = Node {
            op_type: "Relu".into(),
            inputs: vec!["x".into()],
            outputs: vec!["y".into()],
            ..Node::default()
        };
        let value = |name: &str| ValueInfo { name: name.into(), kind: tensor(1) };
        let graph = Graph {
            nodes: vec![node],
            inputs: vec![value("x")],
            outputs: vec![value("y")],
            ..Graph::default()
        };
        Model { opsets: vec![(String::new(), 13)], graph: Some(graph), ..Model::default() }
    }

    fn refused(change: impl Fn(&mut Model, &mut Graph)) -> Error {
        let mut model = relu();
        let mut graph = model.graph.take().unwrap();
        change(&mut model, &mut graph);
        model.graph = Some(graph);
        check(&model, &Limits::default()).unwrap_err()
    }

    #[test]
    fn a_sound_model_passes() {
        check(&relu(), &Limits::default()).unwrap();
    }

    #[test]
    fn operators_of_unknown_versions_are_refused() {
        for version in [-1, 0, 29, 1 << 40] {
            let error = refused(|model, _| model.opsets[0].1 = version);
            assert_eq!(error.code(), Code::OpUnsupported, "{version}");
        }
    }

    #[test]
    fn names_are_given_once() {
        let twice: [fn(&mut Model, &mut Graph); 3] = [
            |_, graph| graph.inputs.push(graph.inputs[0].clone()),
            |_, graph| {
                let constant = Tensor {
                    name: "c".into(),
                    data_type: 1,
                    floats: vec![1.0],
                    ..Tensor::default()
                };
                graph.initializers.push(constant);
                let listed = ValueInfo { name: "c".into(), kind: tensor(1) };
                graph.inputs.extend([listed.clone(), listed]);
            },
            |_, graph| {
                let alpha = Attribute { name: "alpha".into(), value: AttributeValue::Float(1.0) };
                graph.nodes[0].attributes = vec![alpha.clone(), alpha];
            },
        ];
        for change in twice {
            let error = refused(change);
            assert_eq!(error.code(), Code::ModelInvalid);
            assert!(error.message().contains("twice"), "{error}");
        }
    }

    #[test]
    fn text_is_not_raw_data() {
        let error = refused(|_, graph| {
            graph.initializers.push(Tensor {
                name: "s".into(),
                dims: vec![1],
                data_type: 8,
                strings: vec![b"a".to_vec()],
                raw: Some(vec![1]),
                ..Tensor::default()
            });
        });
        assert_eq!(error.code(), Code::ModelInvalid);
        assert!(error.message().contains("raw"), "{error}");
    }
}
