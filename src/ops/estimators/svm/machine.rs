//! Support vectors and the kernel that compares features with them, in binary32.

use crate::error::Result;
use crate::ops::estimators::input;
use crate::ops::estimators::linear::dot;
use crate::ops::{Attributes, failed, invalid};
use crate::tensor::Tensor;

/// `kernel_type`, with what it takes of `kernel_params`.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Function {
    /// The scalar product.
    Linear,
    /// (gamma x·v + coef0) ^ degree.
    Poly { gamma: f32, coef0: f32, degree: f32 },
    /// e ^ (-gamma |x - v|²).
    Rbf { gamma: f32 },
    /// tanh(gamma x·v + coef0).
    Sigmoid { gamma: f32, coef0: f32 },
}

/// Vectors of one length, and how features are compared with them.
#[derive(Debug)]
pub struct Machine {
    function: Function,
    vectors: Vec<f32>,
    count: usize,
    width: usize,
}

impl Machine {
    /// Reads the kernel and its `count` support vectors. Where there are none, the model is a
    /// linear one, whatever the kernel: features are compared with `rows` rows of `coefficients`.
    ///
    /// # Errors
    /// `MODEL_INVALID` where the attributes contradict each other.
    pub fn read(
        attributes: &mut Attributes,
        count: usize,
        coefficients: &[f32],
        rows: usize,
    ) -> Result<Self> {
        let vectors = attributes.floats("support_vectors")?.unwrap_or_default();
        let params = attributes.floats("kernel_params")?.unwrap_or_default();
        let (gamma, coef0, degree) = match *params {
            [] => (0.0, 0.0, 0.0),
            [gamma, coef0, degree, ..] => (gamma, coef0, degree),
            _ => return Err(invalid("`kernel_params` should be gamma, coef0 and degree.")),
        };
        let function = match attributes.string("kernel_type")?.as_deref() {
            None | Some("LINEAR") => Function::Linear,
            Some("POLY") => Function::Poly { gamma, coef0, degree },
            Some("RBF") => Function::Rbf { gamma },
            Some("SIGMOID") => Function::Sigmoid { gamma, coef0 },
            Some(other) => {
                return Err(invalid(format!(
                    "The attribute `kernel_type` is {other}, and should be LINEAR, POLY, RBF or SIGMOID."
                )));
            }
        };
        let (function, vectors, count) = match count {
            0 => (Function::Linear, coefficients.to_vec(), rows),
            _ => (function, vectors, count),
        };
        let width = vectors.len().checked_div(count).unwrap_or_default();
        if width.checked_mul(count) != Some(vectors.len()) {
            return Err(invalid(format!(
                "{} numbers do not make {count} support vectors.",
                vectors.len()
            )));
        }
        Ok(Machine { function, vectors, count, width })
    }

    /// Rows and columns of the features; these are as many as the vectors have.
    ///
    /// # Errors
    /// `ENGINE_FAILED` where they are not.
    pub fn shape(&self, features: &Tensor) -> Result<(usize, usize)> {
        let (rows, width) = input::shape(features)?;
        if width == self.width {
            return Ok((rows, width));
        }
        Err(failed(format!(
            "The support vectors have {} columns, and the input has {width}.",
            self.width
        )))
    }

    /// The kernel of one row with each vector, into `out`.
    pub fn compare(&self, row: &[f32], out: &mut Vec<f32>) {
        out.clear();
        let vectors = input::rows(&self.vectors, self.count, self.width);
        out.extend(vectors.map(|vector| match self.function {
            Function::Linear => dot(row, vector),
            Function::Rbf { gamma } => (-gamma * distance(row, vector)).exp(),
            Function::Sigmoid { gamma, coef0 } => (gamma * dot(row, vector) + coef0).tanh(),
            Function::Poly { gamma, coef0, degree } => {
                let x = gamma * dot(row, vector) + coef0;
                match degree {
                    2.0 => x * x,
                    3.0 => x * x * x,
                    _ => x.powf(degree),
                }
            }
        }));
    }
}

/// The square of the distance.
fn distance(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
