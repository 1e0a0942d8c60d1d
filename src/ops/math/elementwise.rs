//! One number in, one number out: `Neg` `Abs` `Sign` `Exp` `Log` `Sqrt` `Reciprocal` `Floor` `Ceil`
//! `Round` `Sigmoid` `Tanh` `Relu` `LeakyRelu` `Elu` `Celu` `Selu` `ThresholdedRelu` `HardSigmoid`
//! `HardSwish` `Swish` `Mish` `Gelu` `Erf` `Softplus` `Softsign` and the trigonometric and hyperbolic
//! functions with their inverses (ai.onnx; the versions are in the table).
//!
//! All are computed in doubles, whatever the elements' type, and rounded once.

#[cfg(feature = "extra")]
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI};

use predikt_kernels::neighbours::roots;

use super::element::{map_floats, map_integers};
#[cfg(feature = "extra")]
use super::erf::erf;
use super::real;
use crate::error::Result;
use crate::ops::{
    Definition, Fact, Kernel, Operator, invalid, made, one_tensor, replaced, required, types,
};
use crate::tensor::{Data, Tensor};

/// A function of a number and the node's attributes.
type Function = fn(f64, [f64; 2]) -> f64;

/// Attributes by name with their defaults.
type Parameters = &'static [(&'static str, f32)];

macro_rules! operators {
    ($($(#[$when:meta])? $name:literal $versions:expr, $types:expr, $parameters:expr, $function:expr;)*) => {
        /// The family's operators.
        pub const OPERATORS: &[Operator] = &[$($(#[$when])? Operator {
            domain: "",
            name: $name,
            versions: &$versions,
            inputs: &[$types],
            build,
        }),*];

        const FUNCTIONS: &[(&str, Parameters, Function)] =
            &[$($(#[$when])? ($name, $parameters, $function)),*];
    };
}

operators! {
    "Neg" [6, 13], types::NUMBER, &[], |x, _| -x;
    "Abs" [6, 13], types::NUMBER, &[], |x, _| x.abs();
    "Sign" [9, 13], types::NUMBER, &[], |x, _| if x == 0.0 || x.is_nan() { x } else { x.signum() };
    "Exp" [6, 13], types::FLOAT, &[], |x, _| x.exp();
    "Log" [6, 13], types::FLOAT, &[], |x, _| x.ln();
    "Sqrt" [6, 13], types::FLOAT, &[], |x, _| x.sqrt();
    "Reciprocal" [6, 13], types::FLOAT, &[], |x, _| 1.0 / x;
    "Floor" [6, 13], types::FLOAT, &[], |x, _| x.floor();
    #[cfg(feature = "extra")]
    "Ceil" [6, 13], types::FLOAT, &[], |x, _| x.ceil();
    #[cfg(feature = "extra")]
    "Round" [11, 22], types::FLOAT, &[], |x, _| x.round_ties_even();
    "Sigmoid" [6, 13], types::FLOAT, &[], |x, _| sigmoid(x);
    "Tanh" [6, 13], types::FLOAT, &[], |x, _| real::tanh(x);
    "Relu" [6, 13, 14], types::NUMBER, &[], |x, _| if x < 0.0 { 0.0 } else { x };
    "LeakyRelu" [6, 16], types::FLOAT, &[("alpha", 0.01)], |x, [alpha, _]| if x < 0.0 { alpha * x } else { x };
    "Elu" [6, 22], types::FLOAT, &[("alpha", 1.0)], |x, [alpha, _]| if x < 0.0 { alpha * real::expm1(x) } else { x };
    #[cfg(feature = "extra")]
    "Celu" [12, 28], types::FLOAT, &[("alpha", 1.0)], |x, [alpha, _]| {
        if x < 0.0 { alpha * real::expm1(x / alpha) } else { x }
    };
    #[cfg(feature = "extra")]
    "Selu" [6, 22], types::FLOAT, &[("alpha", 1.673_263_2), ("gamma", 1.050_701)], |x, [alpha, gamma]| {
        gamma * if x <= 0.0 { alpha * real::expm1(x) } else { x }
    };
    #[cfg(feature = "extra")]
    "ThresholdedRelu" [10, 22], types::FLOAT, &[("alpha", 1.0)], |x, [alpha, _]| if x > alpha { x } else { 0.0 };
    #[cfg(feature = "extra")]
    "HardSigmoid" [6, 22], types::FLOAT, &[("alpha", 0.2), ("beta", 0.5)], |x, [alpha, beta]| {
        (alpha * x + beta).clamp(0.0, 1.0)
    };
    #[cfg(feature = "extra")]
    "HardSwish" [14, 22], types::FLOAT, &[], |x, _| x * (x / 6.0 + 0.5).clamp(0.0, 1.0);
    #[cfg(feature = "extra")]
    "Swish" [24], types::FLOAT, &[("alpha", 1.0)], |x, [alpha, _]| x * sigmoid(alpha * x);
    #[cfg(feature = "extra")]
    "Mish" [18, 22], types::FLOAT, &[], |x, _| x * softplus(x).tanh();
    #[cfg(feature = "extra")]
    "Erf" [9, 13], types::NUMBER, &[], |x, _| erf(x);
    "Softplus" [1, 22], types::FLOAT, &[], |x, _| softplus(x);
    #[cfg(feature = "extra")]
    "Softsign" [1, 22], types::FLOAT, &[], |x, _| x / (1.0 + x.abs());
    "Sin" [7, 22], types::FLOAT, &[], |x, _| real::sin(x);
    "Cos" [7, 22], types::FLOAT, &[], |x, _| real::cos(x);
    #[cfg(feature = "extra")]
    "Tan" [7, 22], types::FLOAT, &[], |x, _| x.tan();
    #[cfg(feature = "extra")]
    "Asin" [7, 22], types::FLOAT, &[], |x, _| x.asin();
    #[cfg(feature = "extra")]
    "Acos" [7, 22], types::FLOAT, &[], |x, _| x.acos();
    #[cfg(feature = "extra")]
    "Atan" [7, 22], types::FLOAT, &[], |x, _| x.atan();
    #[cfg(feature = "extra")]
    "Sinh" [9, 22], types::FLOAT, &[], |x, _| x.sinh();
    #[cfg(feature = "extra")]
    "Cosh" [9, 22], types::FLOAT, &[], |x, _| x.cosh();
    #[cfg(feature = "extra")]
    "Asinh" [9, 22], types::FLOAT, &[], |x, _| x.asinh();
    #[cfg(feature = "extra")]
    "Acosh" [9, 22], types::FLOAT, &[], |x, _| x.acosh();
    #[cfg(feature = "extra")]
    "Atanh" [9, 22], types::FLOAT, &[], |x, _| x.atanh();
    #[cfg(feature = "extra")]
    "Gelu" [20], types::FLOAT, &[], |x, _| 0.5 * x * (1.0 + erf(x * FRAC_1_SQRT_2));
}

/// What `Gelu` computes where its attribute `approximate` is `tanh`.
#[cfg(feature = "extra")]
const APPROXIMATE_GELU: Function =
    |x, _| 0.5 * x * (1.0 + (FRAC_2_PI.sqrt() * (x + 0.044_715 * x * x * x)).tanh());

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn softplus(x: f64) -> f64 {
    real::log1p((-x.abs()).exp()) + if x < 0.0 { 0.0 } else { x }
}

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let name = definition.operator.name;
    #[cfg_attr(not(feature = "extra"), allow(unused_mut))]
    let (_, names, mut function) = FUNCTIONS
        .iter()
        .find(|(held, ..)| *held == name)
        .copied()
        .ok_or_else(|| invalid(format!("{name} is no function of one number.")))?;
    let mut parameters = [0.0; 2];
    for (value, (name, default)) in parameters.iter_mut().zip(names) {
        *value = f64::from(definition.attributes.float(name)?.unwrap_or(*default));
    }
    #[cfg(feature = "extra")]
    if name == "Gelu" {
        match definition.attributes.string("approximate")?.as_deref() {
            None | Some("none") => {}
            Some("tanh") => function = APPROXIMATE_GELU,
            Some(other) => {
                return Err(invalid(format!(
                    "The attribute `approximate` of Gelu is none or tanh, and not {other}."
                )));
            }
        }
    }
    let integer = match name {
        "Neg" => |x: i128| -x,
        "Abs" => |x: i128| x.abs(),
        "Sign" => |x: i128| x.signum(),
        "Relu" => |x: i128| x.max(0),
        #[cfg(feature = "extra")]
        "Erf" => |x: i128| erf(x as f64) as i128,
        _ => |x: i128| x,
    };
    Ok(Box::new(Elementwise { function, integer, parameters, root: name == "Sqrt" }))
}

#[derive(Debug)]
struct Elementwise {
    function: Function,
    /// What whole numbers go through, where the operator takes them.
    integer: fn(i128) -> i128,
    parameters: [f64; 2],
    /// Whether it is `Sqrt`: rounded once, in whatever precision.
    root: bool,
}

impl Kernel for Elementwise {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        Ok(vec![x.with_type(x.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let (function, parameters) = (self.function, self.parameters);
        let data = if x.data_type().is_integer() {
            map_integers(x.data(), &self.integer)?
        } else {
            map_floats(x.data(), &|x| function(x, parameters))?
        };
        one_tensor(x.dims().to_vec(), data)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let x = required(inputs, 0)?;
        let Data::F32(values) = x.data() else { return replaced(self.run(inputs), outputs) };
        if self.root {
            roots(values, made(outputs, 0)?.reuse_f32(x.dims()));
            return Ok(());
        }
        let (function, parameters) = (self.function, self.parameters);
        for (out, x) in made(outputs, 0)?.reuse_f32(x.dims()).iter_mut().zip(values) {
            *out = function(f64::from(*x), parameters) as f32;
        }
        Ok(())
    }
}
