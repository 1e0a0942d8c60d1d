//! Nested loops over operands with strides, as few and as long as possible.

use crate::ops::shape::walk;

/// Loops over all positions of a shape. Axes that every operand walks without a gap are one loop,
/// so that the innermost is long.
#[derive(Debug)]
pub struct Loops {
    outer: Vec<usize>,
    strides: Vec<Vec<usize>>,
    /// Positions of the innermost loop.
    pub length: usize,
    /// How far each operand moves from one position of the innermost loop to the next.
    pub steps: Vec<usize>,
}

impl Loops {
    /// The loops over `dims`. `strides` has one list an operand, each as long as `dims`.
    pub fn new(dims: &[usize], strides: &[Vec<usize>]) -> Self {
        let mut merged: Vec<(usize, Vec<usize>)> = vec![];
        for (axis, dim) in dims.iter().enumerate() {
            if *dim == 1 {
                continue;
            }
            let steps: Vec<usize> = strides.iter().map(|strides| strides[axis]).collect();
            match merged.last_mut() {
                Some((length, held))
                    if held
                        .iter()
                        .zip(&steps)
                        .all(|(outer, inner)| *outer == inner.saturating_mul(*dim)) =>
                {
                    *length = length.saturating_mul(*dim);
                    *held = steps;
                }
                _ => merged.push((*dim, steps)),
            }
        }
        let (length, steps) = merged.pop().unwrap_or((1, vec![0; strides.len()]));
        let outer = merged.iter().map(|(length, _)| *length).collect();
        let strides = (0..strides.len())
            .map(|operand| merged.iter().map(|(_, steps)| steps[operand]).collect())
            .collect();
        Loops { outer, strides, length, steps }
    }

    /// Calls `visit` with the operands' offsets at the start of each innermost loop, in order.
    pub fn each(&self, visit: &mut dyn FnMut(&[usize])) {
        if self.length == 0 {
            return;
        }
        let strides: Vec<&[usize]> = self.strides.iter().map(|strides| &**strides).collect();
        walk(&self.outer, &strides, visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::shape::{broadcast_strides, strides};

    fn loops(out: &[usize], operands: &[&[usize]]) -> Loops {
        let strides: Vec<_> = operands.iter().map(|dims| broadcast_strides(dims, out)).collect();
        Loops::new(out, &strides)
    }

    #[test]
    fn what_is_contiguous_is_one_loop() {
        let same = loops(&[2, 3, 4], &[&[2, 3, 4], &[1]]);
        assert_eq!((same.length, &*same.steps), (24, &[1, 0][..]));
        let bias = loops(&[2, 3, 4], &[&[2, 3, 4], &[4]]);
        assert_eq!((bias.length, &*bias.steps, &*bias.outer), (4, &[1, 1][..], &[6][..]));
        let column = loops(&[5, 3], &[&[5, 3], &[5, 1]]);
        assert_eq!((column.length, &*column.steps), (3, &[1, 0][..]));
        let mut seen = vec![];
        column.each(&mut |offsets| seen.push(offsets.to_vec()));
        assert_eq!(seen[4], [12, 4]);
    }

    #[test]
    fn nothing_and_scalars() {
        let mut visits = 0;
        loops(&[], &[&[]]).each(&mut |_| visits += 1);
        assert_eq!(visits, 1);
        loops(&[0, 3], &[&[0, 3]]).each(&mut |_| visits += 1);
        Loops::new(&[3, 0], &[strides(&[3, 0])]).each(&mut |_| visits += 1);
        assert_eq!(visits, 1);
    }
}
