//! `Einsum` (ai.onnx 12, 28).

use super::product::{Operands, Scalar, operands};
use crate::error::{Code, Error, Result};
use crate::ops::layout::shared::{dims, in_run};
use crate::ops::math::element::Number;
use crate::ops::shape::{elements, strides, walk};
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, invalid, one_fact, one_tensor, required, types,
};
use crate::tensor::{Data, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Einsum",
    versions: &[12, 28],
    inputs: &[types::NUMBER],
    build,
}];

/// The most products that one run computes.
const MAX_PRODUCTS: u64 = 1 << 32;

/// Stands for the axes that an equation does not name.
const REST: char = '.';

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    let equation = definition.attributes.string("equation")?;
    let equation = equation.ok_or_else(|| invalid("Einsum has no equation."))?;
    let wrong = || invalid(format!("Einsum's equation `{equation}` is none."));
    let (left, right) = match equation.split_once("->") {
        Some((left, right)) => (left, Some(right)),
        None => (&*equation, None),
    };
    let term = |text: &str| {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let letters: Vec<char> = text.replacen("...", ".", 1).chars().collect();
        let known = letters.iter().all(|c| c.is_ascii_alphabetic() || *c == REST);
        let rests = letters.iter().filter(|c| **c == REST).count();
        let given = usize::from(text.contains("..."));
        if known && rests == given { Ok(letters) } else { Err(wrong()) }
    };
    let inputs = left.split(',').map(term).collect::<Result<Vec<_>>>()?;
    definition.expect_inputs(inputs.len()..=inputs.len())?;
    let output = match right {
        Some(right) => term(right)?,
        None => implicit(&inputs),
    };
    let unknown = output.iter().any(|c| *c != REST && !inputs.concat().contains(c));
    let twice = (1..output.len()).any(|index| output[..index].contains(&output[index]));
    if unknown || twice {
        return Err(wrong());
    }
    Ok(Box::new(Einsum { inputs, output }))
}

/// What is left where the equation does not say: what occurs once, in alphabetical order.
fn implicit(inputs: &[Vec<char>]) -> Vec<char> {
    let all = inputs.concat();
    let once = |c: &char| *c == REST || all.iter().filter(|other| *other == c).count() == 1;
    let mut left: Vec<char> = all.iter().copied().filter(once).collect();
    // The full stop sorts before all letters.
    left.sort_unstable();
    left.dedup();
    left
}

/// Sums of products over the axes that the output does not name.
#[derive(Debug)]
struct Einsum {
    /// The letters of each input's axes.
    inputs: Vec<Vec<char>>,
    output: Vec<char>,
}

/// The axes of a product: letters, or places among the axes that are not named, from the back.
type Axis = (char, usize);

impl Einsum {
    /// The axes of an operand with so many dimensions.
    fn axes(letters: &[char], rank: usize) -> Result<Vec<Axis>> {
        let named = letters.iter().filter(|c| **c != REST).count();
        let rest = rank.checked_sub(named);
        let rest = rest.filter(|rest| *rest == 0 || letters.contains(&REST)).ok_or_else(|| {
            invalid(format!("Einsum names {named} axes of an operand of {rank} dimensions."))
        })?;
        let axes = |letter: &char| match *letter {
            REST => (0..rest).rev().map(|place| (REST, place)).collect(),
            letter => vec![(letter, 0)],
        };
        Ok(letters.iter().flat_map(axes).collect())
    }

    /// All axes with their lengths, those of the output in front, and how many those are.
    fn lengths(&self, shapes: &[Vec<Dim>]) -> Result<(Vec<(Axis, Dim)>, usize)> {
        let mut all: Vec<(Axis, Dim)> = vec![];
        for (letters, shape) in self.inputs.iter().zip(shapes) {
            for (axis, dim) in Self::axes(letters, shape.len())?.into_iter().zip(shape) {
                match all.iter_mut().find(|(held, _)| *held == axis) {
                    None => all.push((axis, *dim)),
                    Some((_, held)) => {
                        *held = match (*held, *dim) {
                            (Dim::Known(1), other) | (other, Dim::Known(1)) => other,
                            (Dim::Known(a), Dim::Known(b)) if a != b => {
                                return Err(invalid(format!(
                                    "Einsum has lengths {a} and {b} for one axis."
                                )));
                            }
                            (Dim::Known(a), _) | (_, Dim::Known(a)) => Dim::Known(a),
                            (a, b) if a == b => a,
                            _ => Dim::Unknown,
                        }
                    }
                }
            }
        }
        let rest = all.iter().filter(|((letter, _), _)| *letter == REST).count();
        if rest > 0 && !self.output.contains(&REST) {
            return Err(invalid("Einsum's output leaves out the axes that are not named."));
        }
        let named = self.output.iter().filter(|c| **c != REST).count();
        let out = Self::axes(&self.output, named + rest)?;
        // Every axis of the output is one of the inputs'.
        let place = |axis: &Axis| out.iter().position(|held| held == axis).unwrap_or(out.len());
        all.sort_by_key(|(axis, _)| place(axis));
        Ok((all, out.len()))
    }
}

impl Kernel for Einsum {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let first = required(inputs, 0)?;
        let shapes: Option<Vec<Vec<Dim>>> =
            inputs.iter().flatten().map(|fact| fact.shape.clone()).collect();
        let shape = match shapes {
            None => None,
            Some(shapes) => {
                let (all, out) = self.lengths(&shapes)?;
                Some(all[..out].iter().map(|(_, dim)| *dim).collect())
            }
        };
        one_fact(first.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let tensors: Vec<&Tensor> = inputs.iter().copied().flatten().collect();
        let kind = required(inputs, 0)?.data_type();
        let shapes: Vec<Vec<Dim>> = tensors.iter().map(|tensor| dims(tensor)).collect();
        let (all, out) = self.lengths(&shapes).map_err(in_run)?;
        let lengths: Vec<usize> = all.iter().map(|(_, dim)| dim.known().unwrap_or(0)).collect();
        let count = elements(&lengths[..out])?;
        let products = lengths.iter().try_fold(1u64, |product, length| {
            product.checked_mul(*length as u64).filter(|product| *product <= MAX_PRODUCTS)
        });
        if products.is_none() {
            return Err(Error::new(
                Code::LimitExceeded,
                "Einsum would compute more products than one run does. Pass fewer rows at a time.",
            ));
        }
        let mut steps = vec![];
        for (letters, tensor) in self.inputs.iter().zip(&tensors) {
            let mut held = vec![0; all.len()];
            let axes = Self::axes(letters, tensor.dims().len())?;
            for ((axis, stride), dim) in axes.iter().zip(strides(tensor.dims())).zip(tensor.dims())
            {
                let place = all.iter().position(|(held, _)| held == axis);
                if let Some(place) = place.filter(|_| *dim != 1) {
                    held[place] += stride;
                }
            }
            steps.push(held);
        }
        let sum = Sum { lengths, steps, out, count };
        let data: Vec<&Data> = tensors.iter().map(|tensor| tensor.data()).collect();
        let data = match operands(&data)? {
            Operands::F32(held) => Number::narrow(sum.run(&held), kind),
            Operands::F64(held) => Number::narrow(sum.run(&held), kind),
            Operands::I64(held) => Number::narrow(sum.run(&held), kind),
        };
        let dims = sum.lengths[..out].to_vec();
        if data.len() != count {
            return Err(failed("Einsum's operands are not those of its equation."));
        }
        one_tensor(dims, data)
    }
}

/// A sum of products over all axes behind the first `out`.
struct Sum {
    lengths: Vec<usize>,
    /// How far each operand moves along each axis.
    steps: Vec<Vec<usize>>,
    out: usize,
    count: usize,
}

impl Sum {
    fn run<T: Scalar>(&self, operands: &[impl AsRef<[T]>]) -> Vec<T> {
        let mut out = vec![T::default(); self.count];
        let operands: Vec<&[T]> = operands.iter().map(AsRef::as_ref).collect();
        // The innermost loop is the last axis.
        let (length, outer) = match self.lengths.split_last() {
            Some((length, outer)) => (*length, outer),
            None => (1, &[][..]),
        };
        let steps: Vec<usize> = self.steps.iter().map(|s| s.last().copied().unwrap_or(0)).collect();
        let starts: Vec<&[usize]> = self.steps.iter().map(|s| &s[..outer.len()]).collect();
        let summed: usize = outer.get(self.out..).unwrap_or_default().iter().product();
        let sums = self.out < self.lengths.len();
        let mut visits = 0;
        walk(outer, &starts, &mut |offsets| {
            let product = |index: usize| {
                let mut product: Option<T> = None;
                for ((operand, offset), step) in operands.iter().zip(offsets).zip(&steps) {
                    let value = operand.get(offset + index * step).copied().unwrap_or_default();
                    product = Some(product.map_or(value, |product| product.times(value)));
                }
                product.unwrap_or_default()
            };
            if sums {
                let sum = (0..length).fold(T::default(), |sum, index| sum.plus(product(index)));
                if let Some(out) = out.get_mut(visits / summed) {
                    *out = out.plus(sum);
                }
            } else {
                let row = out.iter_mut().skip(visits * length).take(length);
                row.enumerate().for_each(|(index, out)| *out = product(index));
            }
            visits += 1;
        });
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::layout::shared::tests::{build, check, counting, floats};
    use super::*;
    use crate::ops::Attribute;

    fn einsum(equation: &str, inputs: &[Tensor]) -> Result<Tensor> {
        let equation = vec![("equation", Attribute::String(equation.into()))];
        check("Einsum", 12, 1, equation, inputs).map(|mut made| made.remove(0))
    }

    /// `numpy.einsum`, numpy 2.4.
    #[test]
    fn equations() {
        let (a, b) = (counting(&[2, 3]), counting(&[3, 2]));
        let product = floats(&[2, 2], &[10.0, 13.0, 28.0, 40.0]);
        assert_eq!(einsum("ij,jk->ik", &[a.clone(), b.clone()]).unwrap(), product);
        assert_eq!(einsum(" ij , jk ", &[a.clone(), b.clone()]).unwrap(), product);
        assert_eq!(einsum("...j,j...->...", &[a.clone(), b.clone()]).unwrap().dims(), [2]);
        let turned = einsum("ba", std::slice::from_ref(&a)).unwrap();
        assert_eq!(turned, floats(&[3, 2], &[0.0, 3.0, 1.0, 4.0, 2.0, 5.0]));
        assert_eq!(einsum("ij->", std::slice::from_ref(&a)).unwrap(), floats(&[], &[15.0]));
        assert_eq!(einsum("ii", &[counting(&[3, 3])]).unwrap(), floats(&[], &[12.0]));
        let diagonal = einsum("...ii->...i", &[counting(&[2, 2, 2])]).unwrap();
        assert_eq!(diagonal, floats(&[2, 2], &[0.0, 3.0, 4.0, 7.0]));
        let outer = einsum("i,j->ij", &[counting(&[2]), counting(&[3])]).unwrap();
        assert_eq!(outer, floats(&[2, 3], &[0.0, 0.0, 0.0, 0.0, 1.0, 2.0]));
        let three = einsum("ij,jk,k->i", &[a.clone(), b.clone(), counting(&[2])]).unwrap();
        assert_eq!(three, floats(&[2], &[13.0, 40.0]));
        let stacks = einsum("...ij,...jk->...ik", &[counting(&[4, 2, 3]), b.clone()]).unwrap();
        assert_eq!(stacks.dims(), [4, 2, 2]);
        let empty = einsum("ij,jk->ik", &[counting(&[2, 0]), counting(&[0, 2])]).unwrap();
        assert_eq!(empty, floats(&[2, 2], &[0.0; 4]));
        assert_eq!(
            einsum(",->", &[floats(&[], &[2.0]), floats(&[], &[3.0])]).unwrap(),
            floats(&[], &[6.0])
        );
        for (equation, inputs) in [
            ("ij,jk->ik", vec![a.clone(), a.clone()]),
            ("ij->ik", vec![a.clone()]),
            ("ij->ii", vec![a.clone()]),
            ("ijk->i", vec![a.clone()]),
            ("i->i", vec![a.clone()]),
            ("...j->j", vec![a.clone()]),
            ("i.j->ij", vec![a.clone()]),
            ("......->...", vec![a.clone()]),
            ("i1->i", vec![a.clone()]),
            ("ij,jk->ik", vec![a.clone()]),
        ] {
            assert!(einsum(equation, &inputs).is_err(), "{equation}");
        }
        assert!(build("Einsum", 12, 1, 1, vec![]).is_err());
        let long = counting(&[1 << 12]);
        let equation = "a,b,c->";
        assert_eq!(
            einsum(equation, &[long.clone(), long.clone(), long]).unwrap_err().code(),
            Code::LimitExceeded
        );
    }
}
