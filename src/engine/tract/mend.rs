//! What tract 0.23 computes wrongly and can be made to compute rightly: by attributes that say what
//! it takes for granted, or by an operator on its own types.

use tract_onnx::Onnx;
use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::tract_core::ops::element_wise::{ElementWiseMiniOp, ElementWiseOp};

use crate::onnx::proto::{Attribute, AttributeValue, Graph, Model, Node};

/// The name under which casts to int64 are given to tract.
const CAST_TO_INT64: &str = "PrediktCastToInt64";

/// The number of int64 in `TensorProto.DataType`.
const INT64: i64 = 7;

/// Adds our own operators to tract's.
pub fn register(onnx: &mut Onnx) {
    onnx.op_register.insert(CAST_TO_INT64, cast_to_int64);
}

/// Rewrites the nodes that need it, those of subgraphs included.
pub fn model(model: &mut Model) {
    let opset = model.opset();
    if let Some(graph) = &mut model.graph {
        mend_graph(graph, opset);
    }
}

fn mend_graph(graph: &mut Graph, opset: i64) {
    for node in &mut graph.nodes {
        for attribute in &mut node.attributes {
            match &mut attribute.value {
                AttributeValue::Graph(graph) => mend_graph(graph, opset),
                AttributeValue::Graphs(graphs) => {
                    graphs.iter_mut().for_each(|graph| mend_graph(graph, opset));
                }
                _ => {}
            }
        }
        match (node.domain(), &*node.op_type) {
            ("", "Cast") if node.int("to") == Some(INT64) => {
                node.op_type = CAST_TO_INT64.to_owned();
            }
            ("", "Resize") if opset < 11 => resize_10(node),
            _ => {}
        }
    }
}

/// `Resize` (opset 10) takes the pixel at the floor of its place times the scale; tract takes the
/// defaults of later versions unless it is told.
fn resize_10(node: &mut Node) {
    for (name, value) in
        [("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")]
    {
        node.attributes.retain(|attribute| attribute.name != name);
        node.attributes.push(Attribute {
            name: name.to_owned(),
            value: AttributeValue::String(value.as_bytes().to_vec()),
        });
    }
}

fn cast_to_int64(
    _: &tract_onnx::model::ParsingContext<'_>,
    _: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    Ok((expand(CastToInt64), vec![]))
}

/// A cast to int64, which tract keeps as its dimension type, without the detour over 32 bits.
#[derive(Debug, Clone, Hash, PartialEq, Eq)]
struct CastToInt64;

impl Expansion for CastToInt64 {
    fn name(&self) -> StaticName {
        CAST_TO_INT64.into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 1)?;
        check_output_arity(outputs, 1)?;
        solver.equals(&outputs[0].datum_type, TDim::datum_type())?;
        solver.equals(&outputs[0].rank, &inputs[0].rank)?;
        solver.equals(&outputs[0].shape, &inputs[0].shape)?;
        Ok(())
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        if model.outlet_fact(inputs[0])?.datum_type == TDim::datum_type() {
            return Ok(inputs.into());
        }
        model.wire_node(prefix, ElementWiseOp(Box::new(ToDim), None), inputs)
    }
}

/// Whole numbers of 64 bits → tract's dimensions.
#[derive(Debug, Clone, Hash, PartialEq, Eq)]
struct ToDim;

impl ElementWiseMiniOp for ToDim {
    fn name(&self) -> String {
        "predikt.ToDim".to_owned()
    }

    fn output_type(&self, _: DatumType) -> Option<DatumType> {
        Some(TDim::datum_type())
    }

    fn eval_out_of_place(&self, input: &Tensor, _: Option<DatumType>) -> TractResult<Tensor> {
        let whole = input.cast_to::<i64>()?;
        let dims: Vec<TDim> = whole
            .try_as_plain_ram()?
            .as_slice::<i64>()?
            .iter()
            .map(|value| TDim::from(*value))
            .collect();
        Ok(tract_ndarray::ArrayD::from_shape_vec(input.shape(), dims)?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tract::TractEngine;
    use crate::engine::{Engine, Feed};
    use crate::onnx::Limits;
    use crate::onnx::testing::{FLOAT, checked, floats, int, node, value};
    use crate::tensor::{Data, Tensor as Ours};

    /// Runs one node on one input and the constant `scales`.
    fn run(node: Node, opset: i64, input: Ours, output: i64) -> Ours {
        let given = if matches!(input.data(), Data::I64(_)) { INT64 } else { FLOAT };
        let graph = Graph {
            nodes: vec![node],
            initializers: vec![floats("scales", &[4], &[1.0, 1.0, 1.0, 1.5])],
            inputs: vec![value("x", given, None)],
            outputs: vec![value("y", output, None)],
            ..Graph::default()
        };
        let mut engine = TractEngine::load(checked(graph, opset), Limits::default(), 1).unwrap();
        engine.run(&[Feed::from(&input)]).unwrap().remove(0)
    }

    #[test]
    fn casts_to_int64_keep_64_bits() {
        let cast = || node("Cast", &["x"], &["y"], vec![int("to", INT64)]);
        let large = [3_000_000_000_i64, -3_000_000_000, 1 << 40];
        let x = Ours::new(vec![3], Data::F32(large.map(|value| value as f32).to_vec())).unwrap();
        let y = run(cast(), 13, x, INT64);
        assert_eq!(*y.data(), Data::I64(vec![3_000_000_000, -3_000_000_000, 1 << 40]));
        let labels = vec![(1 << 53) + 1, -7, i64::from(i32::MAX) + 1];
        let x = Ours::new(vec![3], Data::I64(labels.clone())).unwrap();
        assert_eq!(*run(cast(), 13, x, INT64).data(), Data::I64(labels));
    }

    /// onnxruntime 1.31.
    #[test]
    fn resize_of_opset_10_takes_the_floor() {
        let x = Ours::new(vec![1, 1, 1, 4], Data::F32(vec![1.0, 2.0, 3.0, 4.0])).unwrap();
        let y = run(node("Resize", &["x", "scales"], &["y"], vec![]), 10, x, FLOAT);
        assert_eq!(*y.data(), Data::F32(vec![1.0, 1.0, 2.0, 3.0, 3.0, 4.0]));
    }
}
