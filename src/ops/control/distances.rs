//! Scans that compute distances, as converters write them: each row that is gone through is
//! subtracted from all rows of the state, and the differences are summed up by row. All steps
//! are one loop here, with the roundings of the operators one by one.

use predikt_kernels::neighbours::distances;

use crate::error::Result;
use crate::ops::shape::elements;
use crate::tensor::{Data, Tensor};

/// What a body sums up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    /// `ReduceSumSquare` of the differences.
    Squares,
    /// `ReduceSum` of the differences' magnitudes.
    Magnitudes,
}

impl Distance {
    /// One row of `out` for each of `steps`' rows, with its distance to each row of `state`.
    /// False, and what `out` is then is not said, where these are no matrices of one width.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`.
    pub fn all(self, state: &Tensor, steps: &Tensor, out: &mut Tensor) -> Result<bool> {
        let (&[rows, width], &[count, other]) = (state.dims(), steps.dims()) else {
            return Ok(false);
        };
        if width != other || width == 0 {
            return Ok(false);
        }
        let dims = [count, rows];
        elements(&dims)?;
        match (state.data(), steps.data()) {
            (Data::F32(state), Data::F32(steps)) => {
                distances(state, steps, width, self == Distance::Squares, out.reuse_f32(&dims));
            }
            (Data::F64(state), Data::F64(steps)) => {
                let out = out.reuse_f64(&dims).chunks_mut(rows.max(1));
                for (step, out) in steps.chunks_exact(width).zip(out) {
                    for (row, out) in state.chunks_exact(width).zip(out) {
                        *out = self.sum(row.iter().zip(step).map(|(a, b)| a - b));
                    }
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn sum(self, apart: impl Iterator<Item = f64>) -> f64 {
        match self {
            Distance::Squares => apart.fold(0.0, |sum, x| sum + x * x),
            Distance::Magnitudes => apart.fold(0.0, |sum, x| sum + x.abs()),
        }
    }
}
