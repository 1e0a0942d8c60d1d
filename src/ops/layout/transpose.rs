//! `Transpose` (ai.onnx 1, 13, 21, 23, 24, 25).

use predikt_kernels::neighbours::transpose;

use super::shared::{in_run, offsets, select};
use crate::error::{Result, list};
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, invalid, made, one_fact, replaced, required, types,
};
use crate::tensor::{Data, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Transpose",
    versions: &[1, 13, 21, 23, 24, 25],
    inputs: &[types::ANY],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let order = definition
        .attributes
        .ints("perm")?
        .map(|given| {
            let mut seen = vec![false; given.len()];
            let axis = |axis: &i64| {
                let axis = usize::try_from(*axis).ok()?;
                (!std::mem::replace(seen.get_mut(axis)?, true)).then_some(axis)
            };
            given.iter().map(axis).collect::<Option<Vec<usize>>>().ok_or_else(|| {
                invalid(format!(
                    "The attribute `perm` is {}, which is no permutation.",
                    list(&given)
                ))
            })
        })
        .transpose()?;
    Ok(Box::new(Transpose { order }))
}

/// Puts the axes into another order: reversed, unless one is given.
#[derive(Debug)]
struct Transpose {
    order: Option<Vec<usize>>,
}

impl Transpose {
    fn order(&self, rank: usize) -> Result<Vec<usize>> {
        match &self.order {
            None => Ok((0..rank).rev().collect()),
            Some(order) if order.len() == rank => Ok(order.clone()),
            Some(order) => Err(invalid(format!(
                "The attribute `perm` orders {} axes, and the input has {rank}.",
                order.len()
            ))),
        }
    }
}

impl Kernel for Transpose {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        let shape = match &data.shape {
            Some(shape) => Some(self.order(shape.len())?.iter().map(|axis| shape[*axis]).collect()),
            None => self.order.as_ref().map(|order| vec![Dim::Unknown; order.len()]),
        };
        one_fact(data.data_type, shape)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let data = required(inputs, 0)?;
        let (Data::F32(values), &[rows, columns]) = (data.data(), data.dims()) else {
            return replaced(self.run(inputs), outputs);
        };
        if self.order.as_ref().is_some_and(|order| **order != [1, 0]) {
            return replaced(self.run(inputs), outputs);
        }
        transpose(values, columns, made(outputs, 0)?.reuse_f32(&[columns, rows]));
        Ok(())
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        let mut offsets = offsets(data.dims())?;
        let order = self.order(offsets.len()).map_err(in_run)?;
        let axes: Vec<Vec<usize>> =
            order.iter().map(|axis| std::mem::take(&mut offsets[*axis])).collect();
        Ok(vec![select(data.data(), &axes)?])
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{build, check, counting, floats};
    use crate::ops::Attribute;

    /// numpy 2.4.
    #[test]
    fn axes_change_places() {
        let made = check("Transpose", 13, 1, vec![], &[counting(&[2, 3])]).unwrap();
        assert_eq!(made[0], floats(&[3, 2], &[0.0, 3.0, 1.0, 4.0, 2.0, 5.0]));
        let order = |order: &[i64]| vec![("perm", Attribute::Ints(order.to_vec()))];
        let made = check("Transpose", 13, 1, order(&[1, 0, 2]), &[counting(&[2, 2, 2])]).unwrap();
        assert_eq!(made[0], floats(&[2, 2, 2], &[0.0, 1.0, 4.0, 5.0, 2.0, 3.0, 6.0, 7.0]));
        let made = check("Transpose", 13, 1, order(&[2, 0, 1]), &[counting(&[0, 3, 2])]).unwrap();
        assert_eq!(made[0].dims(), [2, 0, 3]);
        assert!(check("Transpose", 13, 1, order(&[0]), &[counting(&[2, 3])]).is_err());
        assert!(build("Transpose", 13, 1, 1, order(&[0, 0])).is_err());
        assert!(build("Transpose", 13, 1, 1, order(&[0, 2])).is_err());
        assert!(build("Transpose", 13, 1, 1, order(&[-1])).is_err());
    }
}
