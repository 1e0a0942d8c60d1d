//! Arithmetic, comparison and reduction of numbers, element by element or along axes (ai.onnx).
//!
//! [`element`] has the types that kernels compute in, [`loops`] the loops over broadcast operands,
//! [`binary`] what two operands have in common, [`axes`] and [`lanes`] what runs along axes.

mod arithmetic;
mod axes;
mod binary;
#[cfg(feature = "extra")]
mod bitwise;
mod cast;
mod clip;
mod compare;
mod cumulative;
pub(crate) mod element;
mod elementwise;
#[cfg(feature = "extra")]
mod erf;
mod extreme;
mod lanes;
mod logic;
mod loops;
#[cfg(feature = "extra")]
mod modulo;
#[cfg(feature = "extra")]
mod normalization;
mod power;
mod predicate;
#[cfg(feature = "extra")]
mod prelu;
pub(crate) mod real;
mod reduce;
mod select;
mod softmax;
#[cfg(feature = "extra")]
mod statistics;
#[cfg(test)]
mod testing;
mod text;
mod variadic;

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[
    arithmetic::OPERATORS,
    #[cfg(feature = "extra")]
    bitwise::OPERATORS,
    cast::OPERATORS,
    clip::OPERATORS,
    compare::OPERATORS,
    cumulative::OPERATORS,
    elementwise::OPERATORS,
    extreme::OPERATORS,
    logic::OPERATORS,
    #[cfg(feature = "extra")]
    modulo::OPERATORS,
    #[cfg(feature = "extra")]
    normalization::OPERATORS,
    power::OPERATORS,
    predicate::OPERATORS,
    #[cfg(feature = "extra")]
    prelu::OPERATORS,
    reduce::OPERATORS,
    select::OPERATORS,
    softmax::OPERATORS,
    #[cfg(feature = "extra")]
    statistics::OPERATORS,
    variadic::OPERATORS,
];

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ops::{self, Attribute, Attributes, Definition, Fact, Kernel, check_types};
    use crate::tensor::{Data, DataType, Tensor};

    /// Tensors of that type: scalars, empty ones, ones with vast axes, ones that broadcast.
    fn odd(kind: DataType) -> Vec<Tensor> {
        let shapes: [&[usize]; 11] = [
            &[],
            &[0],
            &[1],
            &[3],
            &[2, 3],
            &[3, 1],
            &[0, 3],
            &[2, 0],
            &[0, 1 << 31, 1 << 31],
            &[1 << 31, 0, 2],
            &[1, 2, 2, 3],
        ];
        shapes
            .iter()
            .map(|dims| {
                let count = dims.iter().product::<usize>();
                let numbers: Vec<i64> = (0..count as i64).map(|x| x % 5 - 1).collect();
                let data = cast::cast(&Data::I64(numbers), kind).unwrap();
                Tensor::new(dims.to_vec(), data).unwrap()
            })
            .collect()
    }

    fn build(definition: &Definition) -> Option<Box<dyn Kernel>> {
        let required = [
            ("to", Attribute::Int(1)),
            ("direction", Attribute::String("LEFT".into())),
            ("num_groups", Attribute::Int(2)),
        ];
        let extra = required.iter().filter(|(name, _)| {
            matches!(
                (*name, definition.operator.name),
                ("to", "Cast") | ("direction", "BitShift") | ("num_groups", "GroupNormalization")
            )
        });
        let attributes =
            extra.map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Vec<_>>();
        ops::build(Definition {
            operator: definition.operator,
            version: definition.version,
            inputs: definition.inputs.clone(),
            outputs: vec![true],
            attributes: Attributes::new(attributes),
        })
        .ok()
    }

    /// Runs a kernel, and holds what it makes to what it inferred. Whether anything was made.
    fn check(what: &str, kernel: &dyn Kernel, inputs: &[&Tensor]) -> bool {
        let facts: Vec<Fact> =
            inputs.iter().map(|tensor| Fact::constant(Arc::new((*tensor).clone()))).collect();
        let inferred = kernel.infer(&facts.iter().map(Some).collect::<Vec<_>>());
        let tensors: Vec<Option<&Tensor>> = inputs.iter().map(|tensor| Some(*tensor)).collect();
        let Ok(made) = kernel.run(&tensors) else { return false };
        let inferred = inferred.unwrap_or_else(|error| panic!("{what} runs, but: {error}"));
        for (fact, tensor) in inferred.iter().zip(&made) {
            assert_eq!(fact.data_type, tensor.data_type(), "{what}");
            assert_eq!(fact.dims().as_deref(), Some(tensor.dims()), "{what}");
        }
        true
    }

    #[test]
    fn odd_tensors_never_panic() {
        for operator in FAMILIES.iter().copied().flatten() {
            let mut ran = 0;
            for (version, count) in
                operator.versions.iter().flat_map(|version| (1..6).map(move |n| (*version, n)))
            {
                let definition = Definition {
                    operator,
                    version,
                    inputs: vec![true; count],
                    outputs: vec![true],
                    attributes: Attributes::default(),
                };
                let Some(kernel) = build(&definition) else { continue };
                for kind in operator.inputs[0].iter().filter(|kind| kind.is_present()) {
                    let first = odd(*kind);
                    let kinds = operator.inputs.last().copied().unwrap_or_default();
                    let other = kinds.iter().find(|other| *other == kind || other.is_present());
                    let second = odd(if kinds.contains(kind) { *kind } else { *other.unwrap() });
                    for (a, b) in first.iter().flat_map(|a| second.iter().map(move |b| (a, b))) {
                        let inputs: Vec<&Tensor> =
                            std::iter::once(a).chain(vec![b; count - 1]).collect();
                        let facts: Vec<Fact> =
                            inputs.iter().map(|tensor| Fact::of(tensor.data_type())).collect();
                        let facts: Vec<Option<&Fact>> = facts.iter().map(Some).collect();
                        if check_types(operator, &facts).is_err() || kernel.infer(&facts).is_err() {
                            continue;
                        }
                        let what = format!("{operator:?} {version} {:?} {:?}", a.dims(), b.dims());
                        ran += usize::from(check(&what, &*kernel, &inputs));
                    }
                }
            }
            assert!(ran > 0, "{operator:?} was never run");
        }
    }
}
