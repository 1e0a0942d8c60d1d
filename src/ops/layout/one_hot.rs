//! `OneHot` (ai.onnx 9, 11, 28).

use super::shared::{bounded, outside};
use crate::error::Result;
use crate::ops::math::element::doubles;
use crate::ops::shape::axis;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, one_fact, one_tensor, required, types,
};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "OneHot",
    versions: &[9, 11, 28],
    inputs: &[types::NUMBER, types::NUMBER, types::ANY],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(3..=3)?;
    Ok(Box::new(OneHot { axis: definition.attributes.int("axis")?.unwrap_or(-1) }))
}

/// A new axis on which the second value is where the index says, and the first everywhere else:
/// everywhere for an index that lies outside or is no whole number.
#[derive(Debug)]
struct OneHot {
    axis: i64,
}

/// How long the new axis is.
fn depth(tensor: &Tensor) -> Result<usize> {
    match *doubles(tensor.data())? {
        // A depth that is no number fails as well.
        [depth] if depth >= 0.0 => Ok(depth as usize),
        _ => Err(failed("OneHot's depth is not one number from 0 on.")),
    }
}

impl Kernel for OneHot {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (indices, values) = (required(inputs, 0)?, required(inputs, 2)?);
        let shape = match &indices.shape {
            None => None,
            Some(shape) => {
                let given = required(inputs, 1)?.value.as_deref();
                let depth = given.and_then(|given| depth(given).ok());
                let mut shape = shape.clone();
                let axis = axis(self.axis, shape.len() + 1)?;
                shape.insert(axis, depth.map_or(Dim::Unknown, Dim::Known));
                Some(shape)
            }
        };
        one_fact(values.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (indices, values) = (required(inputs, 0)?, required(inputs, 2)?);
        let depth = depth(required(inputs, 1)?)?;
        if values.data().len() != 2 {
            return Err(failed("OneHot takes two values, for off and on."));
        }
        let mut dims = indices.dims().to_vec();
        let axis = axis(self.axis, dims.len() + 1).map_err(super::shared::in_run)?;
        let inner: usize = dims[axis..].iter().product();
        dims.insert(axis, depth);
        bounded(&dims)?;
        let mut hot = vec![0; dims.iter().product()];
        if !hot.is_empty() {
            for (position, index) in doubles(indices.data())?.iter().enumerate() {
                let index = if *index < 0.0 { index + depth as f64 } else { *index };
                if index >= 0.0 && index < depth as f64 && index.trunc() == index {
                    let (outer, inside) = (position / inner, position % inner);
                    hot[(outer * depth + index as usize) * inner + inside] = 1;
                }
            }
        }
        one_tensor(dims, values.data().pick(&hot).ok_or_else(outside)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{check, floats, ints};
    use super::*;
    use crate::ops::Attribute;
    use crate::tensor::Data;

    fn hot(axis: i64, indices: Tensor, depth: Tensor) -> Result<Tensor> {
        let axis = vec![("axis", Attribute::Int(axis))];
        let values = floats(&[2], &[0.0, 1.0]);
        check("OneHot", 11, 1, axis, &[indices, depth, values]).map(|mut made| made.remove(0))
    }

    /// onnxruntime 1.31.
    #[test]
    fn one_is_on() {
        let depth = floats(&[], &[3.7]);
        let indices = floats(&[6], &[0.0, 1.7, -1.0, -3.0, 3.0, -4.0]);
        let made = hot(-1, indices, depth.clone()).unwrap();
        let mut wanted = [0.0; 18];
        [0, 8, 9].iter().for_each(|index: &usize| wanted[*index] = 1.0);
        assert_eq!(made, floats(&[6, 3], &wanted));
        let made = hot(0, ints(&[2, 1]), depth).unwrap();
        assert_eq!(made, floats(&[3, 2], &[0.0, 0.0, 0.0, 1.0, 1.0, 0.0]));
        let nan = floats(&[2], &[f32::NAN, f32::INFINITY]);
        assert_eq!(hot(-1, nan, ints(&[1])).unwrap(), floats(&[2, 1], &[0.0; 2]));
        assert!(hot(2, ints(&[0]), ints(&[1])).is_err());
        assert!(hot(-1, ints(&[0]), ints(&[-1])).is_err());
        assert!(hot(-1, ints(&[0]), ints(&[i64::MAX])).is_err());
        assert!(hot(-1, ints(&[]), ints(&[i64::MAX])).is_err());
        assert!(hot(-1, ints(&[0]), ints(&[1, 2])).is_err());
        let scalar = Tensor::new(vec![], Data::I64(vec![1])).unwrap();
        assert_eq!(hot(-1, scalar, ints(&[2])).unwrap(), floats(&[2], &[0.0, 1.0]));
    }
}
