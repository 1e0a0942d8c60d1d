//! Tensors whose size is a constant of the file. tract makes them while it types the graph, before
//! anything else could look at their shapes, and it keeps lengths in 32 bits on the way there.

use std::collections::HashMap;

use crate::error::{Code, Error, Result};
use crate::onnx::proto::{AttributeValue, Graph, Model, Node, Tensor};
use crate::onnx::{Limits, elements, guard};
use crate::tensor::Data;

/// Checks the nodes of a model, those of subgraphs included.
///
/// # Errors
/// `LIMIT_EXCEEDED` for a tensor of more elements than `limits` allow, `MODEL_INVALID` for a range
/// without an end.
pub fn check(model: &Model, limits: &Limits) -> Result<()> {
    model.graph.as_ref().map_or(Ok(()), |graph| check_graph(graph, limits))
}

fn check_graph(graph: &Graph, limits: &Limits) -> Result<()> {
    let mut constants: HashMap<&str, &Tensor> =
        graph.initializers.iter().map(|tensor| (&*tensor.name, tensor)).collect();
    for node in &graph.nodes {
        if let (true, Some(AttributeValue::Tensor(tensor)), [output]) =
            (node.op_type == "Constant", node.attribute("value"), &*node.outputs)
        {
            constants.insert(output, tensor);
        }
        check_node(node, &constants, limits)?;
        node.subgraphs().try_for_each(|graph| check_graph(graph, limits))?;
    }
    Ok(())
}

fn check_node(node: &Node, constants: &HashMap<&str, &Tensor>, limits: &Limits) -> Result<()> {
    let numbers = |input: usize| {
        let tensor = constants.get(node.inputs.get(input)?.as_str())?;
        numbers(tensor)
    };
    let what = format!("The output of the node `{}`", node.label());
    let shape = match (node.domain(), &*node.op_type) {
        ("", "ConstantOfShape") => numbers(0),
        ("", "Expand" | "Tile") => numbers(1),
        ("", "Range") => {
            let (Some(start), Some(limit), Some(step)) = (numbers(0), numbers(1), numbers(2))
            else {
                return Ok(());
            };
            let (&[start], &[limit], &[step]) = (&*start, &*limit, &*step) else { return Ok(()) };
            let count = ((limit - start) / step).ceil();
            if !count.is_finite() {
                return Err(Error::new(
                    Code::ModelInvalid,
                    format!(
                        "The range of the node `{}` never ends. Export the model again.",
                        node.label()
                    ),
                )
                .with("node", node.label()));
            }
            Some(vec![count.max(0.0)])
        }
        _ => None,
    };
    let Some(shape) = shape else { return Ok(()) };
    guard::element_count(shape.iter().map(|dim| *dim as u64), &what, limits).map(|_| ())
}

/// The numbers of a constant that may be a shape or a bound.
fn numbers(tensor: &Tensor) -> Option<Vec<f64>> {
    if tensor.dims.iter().any(|dim| *dim > 64) {
        return None;
    }
    let value = elements::value(tensor).ok()?;
    Some(match value.data() {
        Data::F32(values) => values.iter().map(|value| f64::from(*value)).collect(),
        Data::F64(values) => values.clone(),
        Data::I32(values) => values.iter().map(|value| f64::from(*value)).collect(),
        Data::I64(values) => values.iter().map(|value| *value as f64).collect(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(op_type: &str, inputs: &[&[i64]]) -> Option<Code> {
        let names: Vec<String> = (0..inputs.len()).map(|index| format!("c{index}")).collect();
        let initializers = inputs.iter().zip(&names).map(|(values, name)| Tensor {
            name: name.clone(),
            dims: if op_type == "Range" { vec![] } else { vec![values.len() as i64] },
            data_type: 7,
            int64s: values.to_vec(),
            ..Tensor::default()
        });
        let graph = Graph {
            initializers: initializers.collect(),
            nodes: vec![Node {
                op_type: op_type.into(),
                inputs: names,
                outputs: vec!["y".into()],
                ..Node::default()
            }],
            ..Graph::default()
        };
        let model = Model { graph: Some(graph), ..Model::default() };
        check(&model, &Limits::default()).err().map(|error| error.code())
    }

    #[test]
    fn constants_that_make_huge_tensors_are_refused() {
        let large = Some(Code::LimitExceeded);
        assert_eq!(refused("ConstantOfShape", &[&[1 << 40]]), large);
        assert_eq!(refused("ConstantOfShape", &[&[0, 1 << 33]]), large);
        assert_eq!(refused("ConstantOfShape", &[&[1 << 15, 1 << 15]]), large);
        assert_eq!(refused("Expand", &[&[1], &[1 << 38]]), large);
        assert_eq!(refused("Tile", &[&[1], &[1 << 38]]), large);
        assert_eq!(refused("Range", &[&[0], &[1 << 40], &[1]]), large);
        assert_eq!(refused("Range", &[&[0], &[9], &[0]]), Some(Code::ModelInvalid));
    }

    #[test]
    fn others_pass() {
        assert_eq!(refused("ConstantOfShape", &[&[3, 4]]), None);
        assert_eq!(refused("ConstantOfShape", &[&[]]), None);
        assert_eq!(refused("Range", &[&[9], &[0], &[-2]]), None);
        assert_eq!(refused("Range", &[&[9], &[0], &[2]]), None);
        assert_eq!(refused("Expand", &[&[1], &[2, -1]]), None);
    }
}
