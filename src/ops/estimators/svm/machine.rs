//! Support vectors and the kernel that compares features with them, in binary32.

use predikt_kernels::svm::{Compare, Vectors, compare};

use crate::error::Result;
use crate::ops::estimators::input;
use crate::ops::math::real;
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
    vectors: Vectors,
    count: usize,
    width: usize,
}

/// So many rows are compared at a time.
pub const ROWS: usize = 4;

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
        Ok(Machine { function, vectors: Vectors::new(&vectors, width), count, width })
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

    /// How many vectors there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many numbers [`compare`](Self::compare) gives for a row.
    pub fn stride(&self) -> usize {
        self.count.next_multiple_of(4)
    }

    /// The kernel of each of up to [`ROWS`] rows with each vector, into `out`, whose rows have
    /// [`stride`](Self::stride) places.
    pub fn compare(&self, rows: &[f32], out: &mut [f32]) {
        let how = match self.function {
            Function::Rbf { gamma } => Compare::Rbf(gamma),
            _ => Compare::Product,
        };
        compare(rows, &self.vectors, how, out);
        match self.function {
            // Vectors of no numbers.
            Function::Rbf { .. } if self.width == 0 => out.fill(1.0),
            _ if self.width == 0 => out.fill(0.0),
            _ => {}
        }
        match self.function {
            Function::Linear | Function::Rbf { .. } => {}
            Function::Sigmoid { gamma, coef0 } => {
                out.iter_mut().for_each(|product| *product = (gamma * *product + coef0).tanh());
            }
            Function::Poly { gamma, coef0, degree } => {
                for product in out {
                    let x = gamma * *product + coef0;
                    *product = match degree {
                        2.0 => x * x,
                        3.0 => x * x * x,
                        _ => real::pow(f64::from(x), f64::from(degree)) as f32,
                    };
                }
            }
        }
    }
}
