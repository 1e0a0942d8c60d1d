//! `ArrayFeatureExtractor` (ai.onnx.ml 1) with the shape that the specification gives it: tract's
//! own keeps the indices' dimensions, and drops one where the index is a scalar.

use tract_onnx::Onnx;
use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::tract_core::ops::array::Gather;
use tract_onnx::tract_hir::tract_core::ops::cast::cast;

/// Puts our operator in the place of tract's.
pub fn register(onnx: &mut Onnx) {
    onnx.op_register.insert("ArrayFeatureExtractor", build);
}

fn build(
    _: &tract_onnx::model::ParsingContext<'_>,
    _: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    Ok((expand(ArrayFeatureExtractor), vec![]))
}

/// Takes columns: X `[…, d]` and indices of any shape, `n` of them in all → `[…, n]`; a vector
/// counts as a single row.
#[derive(Debug, Clone, Hash, PartialEq, Eq)]
struct ArrayFeatureExtractor;

impl Expansion for ArrayFeatureExtractor {
    fn name(&self) -> StaticName {
        "ArrayFeatureExtractor".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 2)?;
        check_output_arity(outputs, 1)?;
        solver.equals(&outputs[0].datum_type, &inputs[0].datum_type)?;
        solver.given_2(&inputs[0].shape, &inputs[1].shape, move |solver, x, indices| {
            let count: TDim = indices.iter().product();
            let mut shape: TVec<TDim> = match &*x {
                [] => bail!("there are no columns to take from a scalar"),
                [_] => tvec![1.to_dim()],
                [rows @ .., _] => rows.into(),
            };
            shape.push(count);
            solver.equals(&outputs[0].rank, shape.len() as i64)?;
            solver.equals(&outputs[0].shape, shape)
        })
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let rank = model.outlet_fact(inputs[0])?.rank();
        ensure!(rank > 0, "there are no columns to take from a scalar");
        let shape = model.outlet_fact(inputs[1])?.shape.to_tvec();
        let count: TDim = shape.iter().product();
        let mut indices =
            model.wire_node(format!("{prefix}.indices"), cast(i64::datum_type()), &[inputs[1]])?;
        indices = model.wire_node(
            format!("{prefix}.flat"),
            AxisOp::Reshape(0, shape, tvec![count]),
            &indices,
        )?;
        let taken = model.wire_node(
            format!("{prefix}.taken"),
            Gather::new(rank - 1),
            &[inputs[0], indices[0]],
        )?;
        if rank > 1 {
            return Ok(taken);
        }
        model.wire_node(format!("{prefix}.row"), AxisOp::Add(0), &taken)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use crate::engine::tract::TractEngine;
    use crate::engine::{Engine, Feed};
    use crate::onnx::proto::{
        Dim, Graph, Model, Node, Tensor as ProtoTensor, ValueInfo, ValueKind,
    };
    use crate::onnx::{Checked, Limits, roles};
    use crate::tensor::{Data, Tensor};

    const FLOAT: i64 = 1;
    const INT64: i64 = 7;

    /// Takes columns of x = 0, 1, 2… of shape `x`, with constant indices of shape `indices`.
    fn take(x: &[usize], indices: &[i64], values: &[i64]) -> Tensor {
        let slot = |name: &str, rank| ValueInfo {
            name: name.into(),
            kind: ValueKind::Tensor { data_type: FLOAT, shape: Some(vec![Dim::Unknown; rank]) },
        };
        let graph = Graph {
            nodes: vec![Node {
                op_type: "ArrayFeatureExtractor".into(),
                domain: "ai.onnx.ml".into(),
                inputs: vec!["x".into(), "indices".into()],
                outputs: vec!["y".into()],
                ..Node::default()
            }],
            initializers: vec![ProtoTensor {
                name: "indices".into(),
                dims: indices.to_vec(),
                data_type: INT64,
                int64s: values.to_vec(),
                ..ProtoTensor::default()
            }],
            inputs: vec![slot("x", x.len())],
            outputs: vec![slot("y", x.len().max(2))],
            ..Graph::default()
        };
        let (signature, roles) = roles::read(&graph, &HashMap::new());
        let model = Model {
            opsets: vec![(String::new(), 15), ("ai.onnx.ml".into(), 1)],
            graph: Some(graph),
            ..Model::default()
        };
        let mut engine = TractEngine::load(
            Checked { model, signature, roles, dictionary: None },
            Limits::default(),
            1,
        )
        .unwrap();
        let values = (0..x.iter().product::<usize>()).map(|value| value as f32).collect();
        let x = Tensor::new(x.to_vec(), Data::F32(values)).unwrap();
        engine.run(&[Feed::from(&x)]).unwrap().remove(0)
    }

    /// onnxruntime 1.31.
    #[test]
    fn columns_are_taken_whatever_the_indices_shape() {
        let columns = |tensor: Tensor, dims: &[usize], values: &[f32]| {
            assert_eq!(tensor, Tensor::new(dims.to_vec(), Data::F32(values.to_vec())).unwrap());
        };
        columns(take(&[2, 3], &[2], &[2, 0]), &[2, 2], &[2.0, 0.0, 5.0, 3.0]);
        columns(take(&[2, 3], &[1, 2], &[2, 0]), &[2, 2], &[2.0, 0.0, 5.0, 3.0]);
        columns(take(&[2, 3], &[1], &[1]), &[2, 1], &[1.0, 4.0]);
        columns(take(&[2, 3], &[], &[1]), &[2, 1], &[1.0, 4.0]);
        columns(take(&[3], &[2], &[2, 0]), &[1, 2], &[2.0, 0.0]);
        columns(take(&[2, 2, 2], &[1], &[1]), &[2, 2, 1], &[1.0, 3.0, 5.0, 7.0]);
    }
}
