//! Arithmetic, comparison and reduction of numbers, element by element or along axes (ai.onnx).
//!
//! [`element`] has the types that kernels compute in, [`loops`] the loops over broadcast operands,
//! [`binary`] what two operands have in common, [`axes`] and [`lanes`] what runs along axes.

mod arithmetic;
mod axes;
mod binary;
mod bitwise;
mod cast;
mod clip;
mod compare;
mod cumulative;
pub(crate) mod element;
mod elementwise;
mod erf;
mod extreme;
mod lanes;
mod logic;
mod loops;
mod modulo;
mod normalization;
mod power;
mod predicate;
mod prelu;
mod reduce;
mod select;
mod softmax;
mod statistics;
#[cfg(test)]
mod testing;
mod text;
mod variadic;

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[
    arithmetic::OPERATORS,
    bitwise::OPERATORS,
    cast::OPERATORS,
    clip::OPERATORS,
    compare::OPERATORS,
    cumulative::OPERATORS,
    elementwise::OPERATORS,
    extreme::OPERATORS,
    logic::OPERATORS,
    modulo::OPERATORS,
    normalization::OPERATORS,
    power::OPERATORS,
    predicate::OPERATORS,
    prelu::OPERATORS,
    reduce::OPERATORS,
    select::OPERATORS,
    softmax::OPERATORS,
    statistics::OPERATORS,
    variadic::OPERATORS,
];
