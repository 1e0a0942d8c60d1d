//! Two tensors, element by element, with numpy's broadcasting.

use super::element::{Number, Wide, widen};
use super::loops::Loops;
use crate::error::Result;
use crate::ops::{Fact, Kernel, invalid, required, shape, unsupported_type};
use crate::tensor::{Data, DataType, Tensor};

/// Computes a run of elements: both operands have as many, or one has a single element, which
/// counts for all.
pub type Row<T, R = T> = fn(&[T], &[T], &mut Vec<R>);

/// A run of elements through a function of two.
pub fn row<T: Copy, R>(a: &[T], b: &[T], out: &mut Vec<R>, function: impl Fn(T, T) -> R) {
    match (a, b) {
        ([a], b) => out.extend(b.iter().map(|b| function(*a, *b))),
        (a, [b]) => out.extend(a.iter().map(|a| function(*a, *b))),
        (a, b) => out.extend(a.iter().zip(b).map(|(a, b)| function(*a, *b))),
    }
}

/// A run through a function that is called: for what is seldom or costs more than a call.
pub fn called<T: Copy, R>(a: &[T], b: &[T], out: &mut Vec<R>, function: fn(T, T) -> R) {
    short(a, b, out, function);
}

/// A run in one loop: a third of the code of [`row`], and slower.
pub fn short<T: Copy, R>(a: &[T], b: &[T], out: &mut Vec<R>, function: impl Fn(T, T) -> R) {
    let count = if a.len() == 1 { b.len() } else { a.len() };
    let (x, y) = (usize::from(a.len() != 1), usize::from(b.len() != 1));
    out.extend((0..count).map(|index| function(a[index * x], b[index * y])));
}

/// An operation of the full build only.
pub const fn rare(row: Row<u64>) -> Option<Row<u64>> {
    if cfg!(feature = "extra") { Some(row) } else { None }
}

/// One operation in each type that is computed in; `None` where it has no meaning.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rows {
    /// For float16 and float32.
    pub f32: Option<Row<f32>>,
    /// For float64.
    pub f64: Option<Row<f64>>,
    /// For all integers but uint64, and for booleans.
    pub i64: Option<Row<i64>>,
    /// For uint64.
    pub u64: Option<Row<u64>>,
}

/// An operator that is one such operation, whose result has its operands' type.
#[derive(Debug)]
pub struct Binary {
    /// The operation.
    pub rows: Rows,
}

impl Kernel for Binary {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        infer(inputs, None)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        Ok(vec![compute(&self.rows, required(inputs, 0)?, required(inputs, 1)?)?])
    }
}

/// Two operands, each with its shape, as one of shape `dims`, to which they broadcast.
///
/// # Errors
/// `LIMIT_EXCEEDED` where the result would be too large.
pub fn zip<T, R>(
    dims: &[usize],
    (a_dims, a): (&[usize], &[T]),
    (b_dims, b): (&[usize], &[T]),
    row: Row<T, R>,
) -> Result<Vec<R>> {
    let mut out = Vec::with_capacity(shape::elements(dims)?);
    let (loops, [a_length, b_length]) = runs(dims, [a_dims, b_dims]);
    loops.each(&mut |offsets| {
        row(&a[offsets[0]..][..a_length], &b[offsets[1]..][..b_length], &mut out);
    });
    Ok(out)
}

/// The loops over two operands that broadcast to `dims`, and how many elements of each one run has.
fn runs(dims: &[usize], operands: [&[usize]; 2]) -> (Loops, [usize; 2]) {
    let loops = Loops::new(dims, &operands.map(|own| shape::broadcast_strides(own, dims)));
    let length = |operand: usize| if loops.steps[operand] == 0 { 1 } else { loops.length };
    let lengths = [length(0), length(1)];
    (loops, lengths)
}

/// Two tensors of one type through an operation.
///
/// # Errors
/// `ENGINE_FAILED` where the shapes do not broadcast, `LIMIT_EXCEEDED`, and `OP_UNSUPPORTED` for
/// types that the operation does not have.
pub fn compute(rows: &Rows, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let kind = a.data_type();
    if b.data_type() != kind {
        return Err(unsupported_type(b.data_type()));
    }
    let dims = shape::broadcast(&[a.dims(), b.dims()])?;
    let missing = || unsupported_type(kind);
    macro_rules! of {
        ($row:expr, $x:expr, $y:expr) => {
            Number::narrow(
                zip(&dims, (a.dims(), &$x), (b.dims(), &$y), $row.ok_or_else(missing)?)?,
                kind,
            )
        };
    }
    let data = match (widen(a.data())?, widen(b.data())?) {
        (Wide::F32(x), Wide::F32(y)) => of!(rows.f32, x, y),
        (Wide::F64(x), Wide::F64(y)) => of!(rows.f64, x, y),
        (Wide::I64(x), Wide::I64(y)) => of!(rows.i64, x, y),
        (Wide::U64(x), Wide::U64(y)) => of!(rows.u64, x, y),
        _ => return Err(missing()),
    };
    Tensor::new(dims, data)
}

/// As [`compute`], in the memory of `out`, where that is simple: floating-point numbers of one
/// shape, or of which one is a single number. False where it is not.
pub fn compute_into(rows: &Rows, a: &Tensor, b: &Tensor, out: &mut Tensor) -> bool {
    let Some(dims) = simple(a, b) else { return false };
    macro_rules! of {
        ($row:expr, $variant:ident, $kind:ident, $a:expr, $b:expr) => {{
            let Some(row) = $row else { return false };
            if let Data::$variant(out) = out.reuse(DataType::$kind, dims) {
                out.clear();
                row($a, $b, out);
            }
            true
        }};
    }
    match (a.data(), b.data()) {
        (Data::F32(a), Data::F32(b)) => of!(rows.f32, F32, Float32, a, b),
        (Data::F64(a), Data::F64(b)) => of!(rows.f64, F64, Float64, a, b),
        _ => false,
    }
}

/// The shape that two tensors make, where they are of one shape or one is a single number.
pub fn simple<'t>(a: &'t Tensor, b: &'t Tensor) -> Option<&'t [usize]> {
    let single = |one: &Tensor, other: &Tensor| {
        one.data().len() == 1 && one.dims().len() <= other.dims().len()
    };
    if a.dims() == b.dims() || single(b, a) {
        return Some(a.dims());
    }
    single(a, b).then(|| b.dims())
}

/// What two tensors of one type make: their shapes broadcast, elements of type `kind`, or of
/// their own.
///
/// # Errors
/// `MODEL_INVALID` where the types differ or the shapes do not broadcast.
pub fn infer(inputs: &[Option<&Fact>], kind: Option<DataType>) -> Result<Vec<Fact>> {
    let first = required(inputs, 0)?;
    let mut shapes = vec![];
    for fact in inputs.iter().flatten() {
        if fact.data_type != first.data_type {
            return Err(invalid(format!(
                "The inputs are of different types, {} and {}. Cast one of them.",
                first.data_type.name(),
                fact.data_type.name()
            )));
        }
        shapes.push(fact.shape.as_deref());
    }
    Ok(vec![Fact::new(kind.unwrap_or(first.data_type), shape::broadcast_dims(&shapes)?)])
}
