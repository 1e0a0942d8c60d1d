//! Rows of which few numbers are not zero: what makes them need not write the zeros, and what
//! weighs them need not read those.

use predikt_kernels::linear::Scaling;
use predikt_kernels::words::Counter;

use super::Kernel;
use crate::error::Result;
use crate::tensor::Tensor;

/// Rows of `width` numbers. What is not listed is zero.
#[derive(Debug, Clone, Default)]
pub struct Sparse {
    /// Numbers in each row.
    pub width: usize,
    /// Where each row ends in the two lists.
    pub ends: Vec<usize>,
    /// The columns of numbers that may be other than zero, in order.
    pub columns: Vec<usize>,
    /// Those numbers.
    pub values: Vec<f32>,
}

impl Sparse {
    /// Adds what was counted as a row.
    pub fn push(&mut self, counter: &mut Counter) {
        counter.drain(&mut self.columns, &mut self.values);
        self.ends.push(self.columns.len());
    }
}

/// What happens to each row in turn.
#[derive(Debug, Clone)]
pub enum Change {
    /// `(x - offset) * scale`: the only one that makes zeros other numbers.
    Scale(Scaling),
    /// Each column times a finite number.
    Times(Vec<f32>),
    /// Division by the length of the row: signs stay, squares add up to one.
    Unit,
    /// Division by the sum of magnitudes.
    Share,
}

impl Change {
    fn apply(&self, columns: &[usize], row: &mut [f32]) {
        match self {
            Change::Scale(_) => {}
            Change::Times(factors) => {
                for (value, column) in row.iter_mut().zip(columns) {
                    *value *= factors.get(*column).copied().unwrap_or_default();
                }
            }
            Change::Unit => predikt_kernels::rows::unit(row),
            Change::Share => predikt_kernels::rows::share(row),
        }
    }
}

/// A kernel whose output is sparse, and what happens to it before it is read.
#[derive(Debug)]
pub struct Source {
    /// Its first output is what counts.
    pub kernel: Box<dyn Kernel>,
    /// First to last.
    pub changes: Vec<Change>,
}

impl Source {
    /// The rows.
    ///
    /// # Errors
    /// As [`Kernel::run`].
    pub fn rows(&self, inputs: &[Option<&Tensor>]) -> Result<Sparse> {
        let mut rows = Sparse::default();
        self.kernel.run_sparse(inputs, &mut rows)?;
        let Sparse { ends, columns, values, .. } = &mut rows;
        let mut start = 0;
        for end in ends {
            if let (Some(columns), Some(row)) =
                (columns.get(start..*end), values.get_mut(start..*end))
            {
                self.changes.iter().for_each(|change| change.apply(columns, row));
            }
            start = *end;
        }
        Ok(rows)
    }
}
