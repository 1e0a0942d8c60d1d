//! Axes, strides, broadcasting and sizes.

use super::fact::Dim;
use super::{failed, invalid};
use crate::error::{Code, Error, Result, list};
use crate::tensor::MAX_TEXT;

/// The most elements that one tensor may have, 512 MiB of doubles: beyond it a run is refused
/// before memory is asked for.
pub const MAX_ELEMENTS: usize = 1 << 26;

/// The number of elements of a tensor that is about to be made.
///
/// # Errors
/// `LIMIT_EXCEEDED` above [`MAX_ELEMENTS`]. What stands beside a 0 counts all the same: loops over
/// the other axes take their time although there is nothing in them.
pub fn elements(dims: &[usize]) -> Result<usize> {
    dims.iter()
        .try_fold(1usize, |product, dim| product.checked_mul((*dim).max(1)))
        .filter(|count| *count <= MAX_ELEMENTS)
        .map(|count| if dims.contains(&0) { 0 } else { count })
        .ok_or_else(|| {
            Error::new(
                Code::LimitExceeded,
                format!(
                    "A tensor of shape {} is more than one run makes. Pass fewer rows at a time.",
                    list(dims)
                ),
            )
            .with("got", dims.iter().map(ToString::to_string).collect::<Vec<_>>())
        })
}

/// Shapes as they stand in messages.
#[cold]
pub fn lists(shapes: &[&[usize]]) -> String {
    shapes.iter().map(|dims| list(dims)).collect::<Vec<_>>().join(", ")
}

/// Refuses so many bytes of text in one tensor.
///
/// # Errors
/// `LIMIT_EXCEEDED` above 512 MiB.
pub fn texts(bytes: usize) -> Result<()> {
    if bytes <= MAX_TEXT {
        return Ok(());
    }
    Err(Error::new(
        Code::LimitExceeded,
        format!("{bytes} bytes of text are more than one tensor holds. Pass fewer rows at a time."),
    )
    .with("expected", MAX_TEXT)
    .with("got", bytes))
}

/// `axis` counted from the front; negative ones count from the back.
///
/// # Errors
/// `MODEL_INVALID` where the rank has no such axis.
pub fn axis(axis: i64, rank: usize) -> Result<usize> {
    let counted = if axis < 0 { axis.checked_add(rank as i64) } else { Some(axis) };
    match counted {
        Some(counted) if (0..rank as i64).contains(&counted) => Ok(counted as usize),
        _ => Err(invalid(format!("Axis {axis} is none of a tensor of {rank} dimensions."))),
    }
}

/// Row-major strides in elements.
pub fn strides(dims: &[usize]) -> Vec<usize> {
    let mut strides = vec![1usize; dims.len()];
    for index in (1..dims.len()).rev() {
        strides[index - 1] = strides[index].saturating_mul(dims[index]);
    }
    strides
}

/// The shape that shapes broadcast to, as numpy has it.
///
/// # Errors
/// `ENGINE_FAILED` where they do not fit.
pub fn broadcast(shapes: &[&[usize]]) -> Result<Vec<usize>> {
    let rank = shapes.iter().map(|dims| dims.len()).max().unwrap_or(0);
    let mut out = vec![1; rank];
    for dims in shapes {
        for (target, dim) in out[rank - dims.len()..].iter_mut().zip(*dims) {
            if *target == 1 {
                *target = *dim;
            } else if *dim != 1 && *dim != *target {
                return Err(failed(format!("Shapes {} do not broadcast.", lists(shapes))));
            }
        }
    }
    Ok(out)
}

/// Strides with which a tensor of shape `dims` is read as one of shape `out`, which it broadcasts
/// to: 0 along the axes that are repeated.
pub fn broadcast_strides(dims: &[usize], out: &[usize]) -> Vec<usize> {
    let mut result = vec![0; out.len() - dims.len()];
    result.extend(
        dims.iter().zip(strides(dims)).map(|(dim, stride)| if *dim == 1 { 0 } else { stride }),
    );
    result
}

/// The shape that shapes known in part broadcast to; `None` where a rank is not known.
///
/// # Errors
/// `MODEL_INVALID` where known dimensions do not fit.
pub fn broadcast_dims(shapes: &[Option<&[Dim]>]) -> Result<Option<Vec<Dim>>> {
    let Some(shapes) = shapes.iter().copied().collect::<Option<Vec<&[Dim]>>>() else {
        return Ok(None);
    };
    let rank = shapes.iter().map(|dims| dims.len()).max().unwrap_or(0);
    let mut out = vec![Dim::Known(1); rank];
    for dims in &shapes {
        for (target, dim) in out[rank - dims.len()..].iter_mut().zip(*dims) {
            *target = match (*target, *dim) {
                (Dim::Known(1), other) | (other, Dim::Known(1)) => other,
                (Dim::Known(a), Dim::Known(b)) if a != b => {
                    return Err(invalid(format!("Dimensions {a} and {b} do not broadcast.")));
                }
                (Dim::Known(a), _) | (_, Dim::Known(a)) => Dim::Known(a),
                (a, b) if a == b => a,
                _ => Dim::Unknown,
            };
        }
    }
    Ok(Some(out))
}

/// Walks all positions of a shape in row-major order and calls `visit` with each operand's offset.
/// `strides` has one list an operand, each as long as `dims`.
pub fn walk(dims: &[usize], strides: &[&[usize]], visit: &mut dyn FnMut(&[usize])) {
    if dims.contains(&0) {
        return;
    }
    let mut index = vec![0usize; dims.len()];
    let mut offsets = vec![0usize; strides.len()];
    loop {
        visit(&offsets);
        let mut axis = dims.len();
        loop {
            if axis == 0 {
                return;
            }
            axis -= 1;
            index[axis] += 1;
            if index[axis] < dims[axis] {
                for (offset, strides) in offsets.iter_mut().zip(strides) {
                    *offset += strides[axis];
                }
                break;
            }
            for (offset, strides) in offsets.iter_mut().zip(strides) {
                *offset -= strides[axis] * (dims[axis] - 1);
            }
            index[axis] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_broadcast_as_numpy_has_it() {
        assert_eq!(broadcast(&[&[3, 1], &[4]]).unwrap(), [3, 4]);
        assert_eq!(broadcast(&[&[], &[0]]).unwrap(), [0]);
        assert_eq!(broadcast(&[&[1], &[0]]).unwrap(), [0]);
        assert!(broadcast(&[&[2], &[3]]).is_err());
        let symbol = [Dim::Symbol(0), Dim::Known(1)];
        assert_eq!(
            broadcast_dims(&[Some(&symbol), Some(&[Dim::Known(4)])]).unwrap(),
            Some(vec![Dim::Symbol(0), Dim::Known(4)])
        );
    }

    #[test]
    fn walking_visits_in_order() {
        let mut seen = vec![];
        walk(&[2, 3], &[&[3, 1], &[0, 1], &[1, 0]], &mut |offsets| seen.push(offsets.to_vec()));
        assert_eq!(seen[4], [4, 1, 1]);
        assert_eq!(seen.len(), 6);
        let mut scalars = 0;
        walk(&[], &[&[]], &mut |_| scalars += 1);
        assert_eq!(scalars, 1);
    }

    #[test]
    fn sizes_are_bounded() {
        assert_eq!(elements(&[3, 0]).unwrap(), 0);
        assert!(elements(&[usize::MAX, 0]).is_err());
        assert!(elements(&[usize::MAX, 2]).is_err());
        assert_eq!(axis(-1, 3).unwrap(), 2);
        assert!(axis(i64::MIN, 3).is_err());
    }
}
