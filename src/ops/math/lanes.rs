//! The rows of elements along one axis, or along all from one axis on.

use crate::error::Result;
use crate::ops::shape;

/// Where the elements of one lane lie: `length` of them, `step` apart.
#[derive(Debug, Clone, Copy)]
pub struct Lanes {
    /// Elements a lane.
    pub length: usize,
    /// How far one element is from the next.
    pub step: usize,
    count: usize,
}

impl Lanes {
    /// The lanes along an axis.
    ///
    /// # Errors
    /// `MODEL_INVALID` where there is no such axis.
    pub fn along(dims: &[usize], axis: i64) -> Result<Self> {
        let axis = shape::axis(axis, dims.len())?;
        let step = product(&dims[axis + 1..]);
        Ok(Lanes { length: dims[axis], step, count: product(&dims[..axis]).saturating_mul(step) })
    }

    /// The lanes over all axes from one on.
    ///
    /// # Errors
    /// `MODEL_INVALID` where there is no such axis.
    pub fn from(dims: &[usize], axis: i64) -> Result<Self> {
        let axis = shape::axis(axis, dims.len())?;
        let (outer, inner) = dims.split_at(axis);
        Ok(Lanes { length: product(inner), step: 1, count: product(outer) })
    }

    /// The positions of the lanes' first elements, in order.
    pub fn starts(self) -> impl Iterator<Item = usize> {
        (0..self.count).map(move |lane| {
            let (outer, inner) = (lane / self.step, lane % self.step);
            outer * self.length * self.step + inner
        })
    }

    /// The elements of the lane that begins at `start`.
    pub fn read<T: Copy>(self, values: &[T], start: usize) -> impl Iterator<Item = T> {
        values[start..].iter().step_by(self.step.max(1)).take(self.length).copied()
    }

    /// Lets a function rewrite each lane.
    pub fn rewrite<T: Copy>(self, values: &mut [T], mut function: impl FnMut(&mut [T])) {
        if self.length == 0 || values.is_empty() {
            return;
        }
        if self.step == 1 {
            values.chunks_exact_mut(self.length).for_each(function);
            return;
        }
        let mut lane = Vec::with_capacity(self.length);
        for start in self.starts() {
            lane.clear();
            lane.extend(self.read(values, start));
            function(&mut lane);
            for (value, made) in values[start..].iter_mut().step_by(self.step).zip(&lane) {
                *value = *made;
            }
        }
    }
}

/// Shapes of tensors without elements may multiply to any size.
fn product(dims: &[usize]) -> usize {
    dims.iter().fold(1, |product, dim| product.saturating_mul(*dim))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_cover_a_tensor() {
        let middle = Lanes::along(&[2, 3, 2], 1).unwrap();
        assert_eq!(middle.starts().collect::<Vec<_>>(), [0, 1, 6, 7]);
        let values: Vec<usize> = (0..12).collect();
        assert_eq!(middle.read(&values, 7).collect::<Vec<_>>(), [7, 9, 11]);
        let mut sums = values.clone();
        middle.rewrite(&mut sums, |lane| lane.fill(lane.iter().sum()));
        assert_eq!(sums, [6, 9, 6, 9, 6, 9, 24, 27, 24, 27, 24, 27]);
        let flat = Lanes::from(&[2, 3, 2], -2).unwrap();
        assert_eq!((flat.length, flat.starts().count()), (6, 2));
    }

    #[test]
    fn empty_tensors_have_lanes() {
        let none = Lanes::along(&[0, 3], 1).unwrap();
        assert_eq!(none.starts().count(), 0);
        let empty = Lanes::along(&[2, 0], 1).unwrap();
        assert_eq!(empty.starts().count(), 2);
        let gone = Lanes::along(&[2, 3, 0], 1).unwrap();
        assert_eq!(gone.starts().count(), 0);
        gone.rewrite(&mut Vec::<f64>::new(), |_| unreachable!());
        assert!(Lanes::along(&[], 0).is_err());
    }
}
