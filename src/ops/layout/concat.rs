//! `Concat` (ai.onnx 4, 11, 13).

use predikt_kernels::rows::place;

use super::shared::in_run;
use crate::error::{Result, list};
use crate::few::Few;
use crate::ops::shape::{axis, elements, texts};
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, fresh, invalid, made, one_fact, required,
    types,
};
use crate::tensor::{Data, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Concat",
    versions: &[4, 11, 13],
    inputs: &[types::ANY],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=usize::MAX)?;
    let axis = definition.attributes.int("axis")?;
    let axis = axis.ok_or_else(|| invalid("Concat needs the attribute `axis`."))?;
    Ok(Box::new(Concat { axis }))
}

/// Tensors one behind the other along an axis.
#[derive(Debug)]
struct Concat {
    axis: i64,
}

impl Concat {
    fn shape(&self, inputs: &[Vec<Dim>]) -> Result<Vec<Dim>> {
        let [first, rest @ ..] = inputs else { return Err(invalid("Concat has no inputs.")) };
        let axis = axis(self.axis, first.len())?;
        let mut out = first.clone();
        for input in rest {
            if input.len() != out.len() {
                return Err(invalid(format!(
                    "Tensors of {} and of {} dimensions cannot be concatenated.",
                    out.len(),
                    input.len()
                )));
            }
            for (index, (target, dim)) in out.iter_mut().zip(input).enumerate() {
                *target = match (*target, *dim) {
                    (a, b) if index == axis => match (a, b) {
                        (Dim::Known(a), Dim::Known(b)) => {
                            a.checked_add(b).map_or(Dim::Unknown, Dim::Known)
                        }
                        (Dim::Known(0), other) | (other, Dim::Known(0)) => other,
                        _ => Dim::Unknown,
                    },
                    (Dim::Known(a), Dim::Known(b)) if a != b => {
                        return Err(invalid(format!(
                            "Tensors of length {a} and {b} along axis {index} cannot be concatenated along axis {axis}."
                        )));
                    }
                    (Dim::Known(a), _) | (_, Dim::Known(a)) => Dim::Known(a),
                    (Dim::Symbol(a), Dim::Symbol(_)) => Dim::Symbol(a),
                    _ => Dim::Unknown,
                };
            }
        }
        Ok(out)
    }
}

/// Bytes of text.
fn length(tensor: &Tensor) -> usize {
    match tensor.data() {
        Data::Str(texts) => texts.iter().map(String::len).sum(),
        _ => 0,
    }
}

impl Kernel for Concat {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data_type = required(inputs, 0)?.data_type;
        if let Some(other) = inputs.iter().flatten().find(|fact| fact.data_type != data_type) {
            return Err(invalid(format!(
                "Tensors of {} and of {} cannot be concatenated.",
                data_type.name(),
                other.data_type.name()
            )));
        }
        let shapes: Option<Vec<Vec<Dim>>> =
            inputs.iter().flatten().map(|fact| fact.shape.clone()).collect();
        let shape = shapes.map(|shapes| self.shape(&shapes)).transpose()?;
        one_fact(data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 1)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let first = required(inputs, 0)?;
        let kind = first.data_type();
        let axis = axis(self.axis, first.dims().len()).map_err(in_run)?;
        let (before, after) = (&first.dims()[..axis], &first.dims()[axis + 1..]);
        let mut along = 0usize;
        for input in inputs.iter().flatten() {
            let fits = input.dims().len() == first.dims().len()
                && input.dims().starts_with(before)
                && input.dims().ends_with(after)
                && input.data_type() == kind;
            if !fits {
                return Err(failed(format!(
                    "Tensors of shapes {} and {}, or of several types, cannot be concatenated along axis {axis}.",
                    list(first.dims()),
                    list(input.dims())
                )));
            }
            along = along.saturating_add(input.dims()[axis]);
        }
        let dim = |(index, dim): (usize, &usize)| if index == axis { along } else { *dim };
        let dims: Few<usize, 4> = Few::new(0, first.dims().iter().enumerate().map(dim));
        elements(&dims)?;
        texts(inputs.iter().copied().flatten().map(length).fold(0, usize::saturating_add))?;
        let (rows, inner): (usize, usize) = (before.iter().product(), after.iter().product());
        let width = along * inner;
        let data = made(outputs, 0)?.reuse(kind, &dims);
        let mut column = 0;
        for input in inputs.iter().flatten().filter(|input| !input.data().is_empty()) {
            let own = input.dims()[axis] * inner;
            match (&mut *data, input.data()) {
                (Data::F32(out), Data::F32(values)) => place(values, own, out, width, column),
                (data, values) => {
                    for row in 0..rows {
                        data.put(row * width + column, values, row * own..(row + 1) * own);
                    }
                }
            }
            column += own;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{check, counting, floats, ints};
    use super::*;
    use crate::ops::Attribute;

    fn concat(axis: i64, inputs: &[Tensor]) -> Result<Tensor> {
        let axis = vec![("axis", Attribute::Int(axis))];
        check("Concat", 13, 1, axis, inputs).map(|mut made| made.remove(0))
    }

    /// numpy 2.4.
    #[test]
    fn tensors_follow_each_other() {
        let (a, b) = (counting(&[2, 1]), counting(&[2, 2]));
        let wanted = floats(&[2, 3], &[0.0, 0.0, 1.0, 1.0, 2.0, 3.0]);
        assert_eq!(concat(1, &[a.clone(), b.clone()]).unwrap(), wanted);
        assert_eq!(concat(-1, &[a.clone(), b.clone()]).unwrap(), wanted);
        assert!(concat(0, &[a.clone(), b]).is_err());
        assert!(concat(2, std::slice::from_ref(&a)).is_err());
        assert!(concat(0, &[a.clone(), counting(&[2])]).is_err());
        assert!(concat(0, &[counting(&[1]), ints(&[1])]).is_err());
        assert_eq!(concat(0, &[counting(&[0, 1]), a.clone()]).unwrap(), a);
        assert_eq!(concat(1, &[counting(&[0, 1]), counting(&[0, 2])]).unwrap().dims(), [0, 3]);
    }

    #[test]
    fn free_dimensions_stay_free() {
        let concat = Concat { axis: 1 };
        let shapes = [vec![Dim::Symbol(1), Dim::Known(2)], vec![Dim::Symbol(1), Dim::Known(3)]];
        assert_eq!(concat.shape(&shapes).unwrap(), [Dim::Symbol(1), Dim::Known(5)]);
        let concat = Concat { axis: 0 };
        let shapes = [vec![Dim::Symbol(1)], vec![Dim::Known(1)]];
        assert_eq!(concat.shape(&shapes).unwrap(), [Dim::Unknown]);
    }
}
