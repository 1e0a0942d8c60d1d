//! The value that flows into and out of a model: elements of one type, with a shape.

mod data_type;
mod rare;

pub use data_type::DataType;
pub use rare::{Rare, rare};

use crate::error::{Code, Error, Result, list};

/// The most bytes of text that copying elements makes: 512 MiB. A text of any length is one
/// element, so that to count elements bounds no memory.
pub const MAX_TEXT: usize = 1 << 29;

/// The elements of a tensor, row-major. `F16` holds IEEE binary16 bit patterns.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Bit patterns of binary16.
    F16(Rare<u16>),
    /// `Float32`.
    F32(Vec<f32>),
    /// `Float64`.
    F64(Vec<f64>),
    /// `Int8`.
    I8(Rare<i8>),
    /// `Int16`.
    I16(Rare<i16>),
    /// `Int32`.
    I32(Vec<i32>),
    /// `Int64`.
    I64(Vec<i64>),
    /// `Uint8`.
    U8(Vec<u8>),
    /// `Uint16`.
    U16(Rare<u16>),
    /// `Uint32`.
    U32(Rare<u32>),
    /// `Uint64`.
    U64(Rare<u64>),
    /// `Bool`.
    Bool(Vec<bool>),
    /// `String`.
    Str(Vec<String>),
}

/// Runs `$body` with `$values` bound to the vector inside, whatever its type.
#[macro_export]
#[doc(hidden)]
macro_rules! each_data {
    ($data:expr, $values:ident => $body:expr) => {
        match $data {
            $crate::tensor::Data::F16($values) => $body,
            $crate::tensor::Data::F32($values) => $body,
            $crate::tensor::Data::F64($values) => $body,
            $crate::tensor::Data::I8($values) => $body,
            $crate::tensor::Data::I16($values) => $body,
            $crate::tensor::Data::I32($values) => $body,
            $crate::tensor::Data::I64($values) => $body,
            $crate::tensor::Data::U8($values) => $body,
            $crate::tensor::Data::U16($values) => $body,
            $crate::tensor::Data::U32($values) => $body,
            $crate::tensor::Data::U64($values) => $body,
            $crate::tensor::Data::Bool($values) => $body,
            $crate::tensor::Data::Str($values) => $body,
        }
    };
}

impl Data {
    /// How many elements there are.
    pub fn len(&self) -> usize {
        each_data!(self, values => values.len())
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// No elements of that type, with room for `capacity`.
    pub fn with_capacity(data_type: DataType, capacity: usize) -> Self {
        match data_type {
            DataType::Float16 => Data::F16(Rare::with_capacity(capacity)),
            DataType::Float32 => Data::F32(Vec::with_capacity(capacity)),
            DataType::Float64 => Data::F64(Vec::with_capacity(capacity)),
            DataType::Int8 => Data::I8(Rare::with_capacity(capacity)),
            DataType::Int16 => Data::I16(Rare::with_capacity(capacity)),
            DataType::Int32 => Data::I32(Vec::with_capacity(capacity)),
            DataType::Int64 => Data::I64(Vec::with_capacity(capacity)),
            DataType::Uint8 => Data::U8(Vec::with_capacity(capacity)),
            DataType::Uint16 => Data::U16(Rare::with_capacity(capacity)),
            DataType::Uint32 => Data::U32(Rare::with_capacity(capacity)),
            DataType::Uint64 => Data::U64(Rare::with_capacity(capacity)),
            DataType::Bool => Data::Bool(Vec::with_capacity(capacity)),
            DataType::String => Data::Str(Vec::with_capacity(capacity)),
        }
    }

    /// `count` zeros of that type: `false` and the empty text where it has no numbers.
    pub fn zeros(data_type: DataType, count: usize) -> Self {
        let mut data = Data::with_capacity(data_type, count);
        each_data!(&mut data, values => values.resize(count, Default::default()));
        data
    }

    /// Zero and one of that type; `None` for texts.
    pub fn zero_and_one(data_type: DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Float16 => Data::F16(rare(vec![0, 0x3c00])),
            DataType::Float32 => Data::F32(vec![0.0, 1.0]),
            DataType::Float64 => Data::F64(vec![0.0, 1.0]),
            DataType::Int8 => Data::I8(rare(vec![0, 1])),
            DataType::Int16 => Data::I16(rare(vec![0, 1])),
            DataType::Int32 => Data::I32(vec![0, 1]),
            DataType::Int64 => Data::I64(vec![0, 1]),
            DataType::Uint8 => Data::U8(vec![0, 1]),
            DataType::Uint16 => Data::U16(rare(vec![0, 1])),
            DataType::Uint32 => Data::U32(rare(vec![0, 1])),
            DataType::Uint64 => Data::U64(rare(vec![0, 1])),
            DataType::Bool => Data::Bool(vec![false, true]),
            DataType::String => return None,
        })
    }

    /// Makes these a copy of `other`'s elements, in the memory that they have already where that
    /// is enough.
    pub fn assign(&mut self, other: &Data) {
        macro_rules! assign {
            ($($variant:ident),*) => {
                match (&mut *self, other) {
                    $((Data::$variant(target), Data::$variant(source)) => {
                        target.clone_from(source);
                    })*
                    _ => *self = other.clone(),
                }
            };
        }
        assign!(F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Bool, Str);
    }

    /// A copy of the elements in `range`; `None` where there are not that many.
    pub fn slice(&self, range: std::ops::Range<usize>) -> Option<Data> {
        let mut data = Data::with_capacity(self.data_type(), range.len());
        data.extend_from(self, range).then_some(data)
    }

    /// Appends the elements of `other` in `range`. False, and nothing is appended, where `other`
    /// has another type or not that many elements.
    pub fn extend_from(&mut self, other: &Data, range: std::ops::Range<usize>) -> bool {
        macro_rules! extend {
            ($($variant:ident),*) => {
                match (self, other) {
                    $((Data::$variant(target), Data::$variant(source)) => {
                        let Some(source) = source.get(range) else { return false };
                        target.extend_from_slice(source);
                        true
                    })*
                    _ => false,
                }
            };
        }
        extend!(F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Bool, Str)
    }

    /// For how many elements there is memory.
    pub fn capacity(&self) -> usize {
        each_data!(self, values => values.capacity())
    }

    /// Overwrites the elements from `at` on with those of `other` in `range`. False, and nothing is
    /// written, where `other` has another type or one of the two not that many elements.
    pub fn put(&mut self, at: usize, other: &Data, range: std::ops::Range<usize>) -> bool {
        let Some(end) = at.checked_add(range.len()) else { return false };
        macro_rules! put {
            ($($variant:ident),*) => {
                match (self, other) {
                    $((Data::$variant(target), Data::$variant(source)) => {
                        match (target.get_mut(at..end), source.get(range)) {
                            (Some(target), Some(source)) => {
                                target.clone_from_slice(source);
                                true
                            }
                            _ => false,
                        }
                    })*
                    _ => false,
                }
            };
        }
        put!(F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Bool, Str)
    }

    /// Whether `count` copies of elements are no more text than [`MAX_TEXT`]; `chosen` are the same
    /// copies of the elements' lengths, for when that does not follow from the longest one.
    fn fits(&self, count: usize, chosen: impl FnOnce(&Data) -> Option<Data>) -> bool {
        let Data::Str(texts) = self else { return true };
        let longest = texts.iter().map(String::len).max().unwrap_or(0);
        if longest.saturating_mul(count) <= MAX_TEXT {
            return true;
        }
        let lengths = Data::I64(texts.iter().map(|text| text.len() as i64).collect());
        match chosen(&lengths) {
            Some(Data::I64(lengths)) => {
                lengths.iter().fold(0i64, |sum, length| sum.saturating_add(*length))
                    <= MAX_TEXT as i64
            }
            _ => false,
        }
    }

    /// `count` times the first element; nothing where there is none, or where it would be more
    /// text than [`MAX_TEXT`].
    pub fn filled(&self, count: usize) -> Data {
        if !self.fits(count, |lengths| Some(lengths.filled(count))) {
            return Data::with_capacity(self.data_type(), 0);
        }
        let mut data = Data::with_capacity(self.data_type(), count);
        macro_rules! fill {
            ($($variant:ident),*) => {
                match (&mut data, self) {
                    $((Data::$variant(target), Data::$variant(source)) => {
                        source.first().into_iter().for_each(|v| target.resize(count, v.clone()));
                    })*
                    _ => {}
                }
            };
        }
        fill!(F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Bool, Str);
        data
    }

    /// The elements at `positions`; `None` where one of them lies beyond the end, or where they
    /// are more text than [`MAX_TEXT`].
    pub fn pick(&self, positions: &[usize]) -> Option<Data> {
        self.pick_blocks(positions, 1)
    }

    /// Blocks of `length` elements that begin at `starts`, one behind the other; `None` where one
    /// reaches beyond the end, or where they are more text than [`MAX_TEXT`].
    pub fn pick_blocks(&self, starts: &[usize], length: usize) -> Option<Data> {
        let count = starts.len().checked_mul(length)?;
        if !self.fits(count, |lengths| lengths.pick_blocks(starts, length)) {
            return None;
        }
        let mut data = Data::with_capacity(self.data_type(), count);
        macro_rules! pick {
            ($($variant:ident),*) => {
                match (&mut data, self) {
                    $((Data::$variant(target), Data::$variant(source)) => {
                        pick_blocks(source, starts, length, target)
                    })*
                    _ => None,
                }
            };
        }
        pick!(F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Bool, Str)?;
        Some(data)
    }

    /// The elements at every sum of one offset an axis, the last axis running fastest: what
    /// transposing, slicing, repeating and gathering along axes have in common. `None` where a
    /// sum lies beyond the end, or where they are more text than [`MAX_TEXT`].
    pub fn select(&self, axes: &[Vec<usize>]) -> Option<Data> {
        let count = axes.iter().try_fold(1usize, |count, axis| count.checked_mul(axis.len()))?;
        if count == 0 {
            return Some(Data::with_capacity(self.data_type(), 0));
        }
        // The innermost axes that read on without a gap are copied in one piece.
        let (mut base, mut block, mut outer) = (0usize, 1usize, axes);
        while let Some((last, rest)) = outer.split_last() {
            if last.windows(2).any(|pair| pair[1] != pair[0].wrapping_add(block)) {
                break;
            }
            base = base.checked_add(*last.first()?)?;
            block *= last.len();
            outer = rest;
        }
        let furthest = outer.iter().try_fold(base.checked_add(block)?, |sum, axis| {
            sum.checked_add(axis.iter().copied().max()?)
        })?;
        if furthest > self.len() {
            return None;
        }
        let mut starts = vec![base];
        for axis in outer {
            let mut next = Vec::with_capacity(starts.len() * axis.len());
            for start in starts {
                next.extend(axis.iter().map(|offset| start + offset));
            }
            starts = next;
        }
        self.pick_blocks(&starts, block)
    }

    /// Writes blocks of `length` elements of `source`, one after the other, to where `starts`
    /// says; a later one overwrites an earlier one. False where types differ, `source` is too
    /// short or a block reaches beyond the end; blocks before that one are written.
    pub fn put_blocks(&mut self, starts: &[usize], length: usize, source: &Data) -> bool {
        macro_rules! put {
            ($($variant:ident),*) => {
                match (self, source) {
                    $((Data::$variant(target), Data::$variant(source)) => {
                        put_blocks(target, starts, length, source).is_some()
                    })*
                    _ => false,
                }
            };
        }
        put!(F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Bool, Str)
    }

    /// The elements' type.
    pub fn data_type(&self) -> DataType {
        match self {
            Data::F16(_) => DataType::Float16,
            Data::F32(_) => DataType::Float32,
            Data::F64(_) => DataType::Float64,
            Data::I8(_) => DataType::Int8,
            Data::I16(_) => DataType::Int16,
            Data::I32(_) => DataType::Int32,
            Data::I64(_) => DataType::Int64,
            Data::U8(_) => DataType::Uint8,
            Data::U16(_) => DataType::Uint16,
            Data::U32(_) => DataType::Uint32,
            Data::U64(_) => DataType::Uint64,
            Data::Bool(_) => DataType::Bool,
            Data::Str(_) => DataType::String,
        }
    }
}

fn pick_blocks<T: Clone>(
    source: &[T],
    starts: &[usize],
    length: usize,
    target: &mut Vec<T>,
) -> Option<()> {
    if length == 1 {
        for start in starts {
            target.push(source.get(*start)?.clone());
        }
        return Some(());
    }
    for start in starts {
        target.extend_from_slice(source.get(*start..start.checked_add(length)?)?);
    }
    Some(())
}

fn put_blocks<T: Clone>(
    target: &mut [T],
    starts: &[usize],
    length: usize,
    source: &[T],
) -> Option<()> {
    if starts.len().checked_mul(length)? > source.len() {
        return None;
    }
    if length == 0 {
        return Some(());
    }
    for (start, block) in starts.iter().zip(source.chunks_exact(length)) {
        target.get_mut(*start..start.checked_add(length)?)?.clone_from_slice(block);
    }
    Some(())
}

/// Elements of one type with a shape, row-major. A scalar has the shape `[]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    dims: Vec<usize>,
    data: Data,
}

/// A tensor of no elements, to be [reused](Tensor::reuse).
impl Default for Tensor {
    fn default() -> Self {
        Tensor { dims: vec![0], data: Data::F32(vec![]) }
    }
}

/// [`Tensor::reuse`] for one type: its elements, as many as `dims` say.
macro_rules! reuse {
    ($name:ident, $variant:ident, $kind:ident, $element:ty) => {
        #[doc = concat!("[`reuse`](Self::reuse) for `", stringify!($element), "`: as many as `dims` say.")]
        pub fn $name(&mut self, dims: &[usize]) -> &mut [$element] {
            match self.reuse(DataType::$kind, dims) {
                Data::$variant(values) => values,
                _ => &mut [],
            }
        }
    };
}

impl Tensor {
    /// A tensor of shape `dims`.
    ///
    /// # Errors
    /// `INPUT_SHAPE` when the product of `dims` is not the number of elements.
    pub fn new(dims: Vec<usize>, data: Data) -> Result<Self> {
        // Nor may dimensions beside a 0 be so long that part of their product is no number.
        let expected =
            dims.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim.max(1)));
        let expected = expected.map(|product| if dims.contains(&0) { 0 } else { product });
        if expected != Some(data.len()) {
            return Err(Error::new(
                Code::InputShape,
                format!("A tensor of shape {} cannot hold {} elements.", list(&dims), data.len()),
            )
            .with("expected", expected.map_or_else(|| "too many".to_owned(), |n| n.to_string()))
            .with("got", data.len()));
        }
        Ok(Tensor { dims, data })
    }

    /// The shape, outermost dimension first.
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The elements, row-major.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The elements' type.
    pub fn data_type(&self) -> DataType {
        self.data.data_type()
    }

    /// Makes this a tensor of shape `dims` with elements of that type, in the memory that it has
    /// already where that is enough. What the elements are is not said: the caller writes them
    /// all. `dims` must have been bounded before.
    pub fn reuse(&mut self, data_type: DataType, dims: &[usize]) -> &mut Data {
        if self.data.data_type() != data_type {
            self.data = Data::with_capacity(data_type, 0);
        }
        self.set_dims(dims);
        let count = dims.iter().fold(1usize, |count, dim| count.saturating_mul(*dim));
        each_data!(&mut self.data, values => values.resize(count, Default::default()));
        &mut self.data
    }

    /// The elements, for writing; there must be as many afterwards.
    pub(crate) fn data_mut(&mut self) -> &mut Data {
        &mut self.data
    }

    /// Gives the elements another shape. False, and nothing changes, where there are not as many.
    pub(crate) fn reshape(&mut self, dims: &[usize]) -> bool {
        let count = dims.iter().try_fold(1usize, |count, dim| count.checked_mul(*dim));
        if count != Some(self.data.len()) {
            return false;
        }
        self.set_dims(dims);
        true
    }

    /// Makes this a copy of `other`, in the memory that it has already where that is enough.
    pub fn assign(&mut self, other: &Tensor) {
        self.data.assign(&other.data);
        self.set_dims(&other.dims);
    }

    /// Makes this a tensor of shape `dims` out of the elements of `data` in `range`, in the memory
    /// that it has already where that is enough. False, and what it is then is not said, where
    /// there are not that many.
    pub fn take_from(
        &mut self,
        dims: &[usize],
        data: &Data,
        range: std::ops::Range<usize>,
    ) -> bool {
        macro_rules! take {
            ($($variant:ident),*) => {
                match (self.reuse(data.data_type(), dims), data) {
                    $((Data::$variant(target), Data::$variant(source)) => {
                        match source.get(range) {
                            Some(source) if source.len() == target.len() => {
                                target.clone_from_slice(source);
                                true
                            }
                            _ => false,
                        }
                    })*
                    _ => false,
                }
            };
        }
        take!(F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Bool, Str)
    }

    fn set_dims(&mut self, dims: &[usize]) {
        if *self.dims != *dims {
            self.dims.clear();
            self.dims.extend_from_slice(dims);
        }
    }

    reuse!(reuse_f32, F32, Float32, f32);
    reuse!(reuse_f64, F64, Float64, f64);
    reuse!(reuse_i64, I64, Int64, i64);
    reuse!(reuse_strings, Str, String, String);

    /// Shape and elements, taken apart.
    pub fn into_parts(self) -> (Vec<usize>, Data) {
        (self.dims, self.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_must_fit_its_elements() {
        assert!(Tensor::new(vec![2, 3], Data::F32(vec![0.0; 6])).is_ok());
        assert!(Tensor::new(vec![], Data::I64(vec![1])).is_ok());
        assert!(Tensor::new(vec![0, 3], Data::F32(vec![])).is_ok());
        let error = Tensor::new(vec![2, 3], Data::F32(vec![0.0; 5])).unwrap_err();
        assert_eq!(error.code(), Code::InputShape);
        assert!(Tensor::new(vec![usize::MAX, 2], Data::F32(vec![])).is_err());
        assert!(Tensor::new(vec![0, usize::MAX, 2], Data::F32(vec![])).is_err());
    }

    #[test]
    fn memory_is_used_again() {
        let mut tensor = Tensor::default();
        tensor.reuse_f32(&[2, 3]).fill(1.0);
        assert_eq!(tensor, Tensor::new(vec![2, 3], Data::F32(vec![1.0; 6])).unwrap());
        assert_eq!(tensor.reuse_f32(&[1, 2]).len(), 2);
        assert_eq!(tensor.dims(), [1, 2]);
        tensor.reuse_strings(&[2])[1].push('a');
        let texts = Tensor::new(vec![2], Data::Str(vec![String::new(), "a".to_owned()])).unwrap();
        assert_eq!(tensor, texts);
        tensor.reuse_i64(&[]).fill(5);
        assert_eq!(tensor, Tensor::new(vec![], Data::I64(vec![5])).unwrap());
        tensor.assign(&texts);
        assert_eq!(tensor, texts);
        assert_eq!(tensor.reuse_f64(&[0, 3]), [0.0; 0]);
    }

    #[test]
    fn elements_are_picked_and_put() {
        let data = Data::Str((0..6).map(|n| n.to_string()).collect());
        let text = |wanted: &str| Data::Str(wanted.chars().map(|c| c.to_string()).collect());
        assert_eq!(data.pick(&[5, 0, 5]), Some(text("505")));
        assert_eq!(data.pick(&[6]), None);
        assert_eq!(data.filled(3), text("000"));
        assert_eq!(data.pick_blocks(&[3, 1], 3), Some(text("345123")));
        assert_eq!(data.pick_blocks(&[4], 3), None);
        assert_eq!(data.pick_blocks(&[usize::MAX], 3), None);
        let mut target = Data::I64(vec![0; 4]);
        assert!(target.put_blocks(&[2, 0], 2, &Data::I64(vec![1, 2, 3, 4])));
        assert_eq!(target, Data::I64(vec![3, 4, 1, 2]));
        assert!(!target.put_blocks(&[3], 2, &Data::I64(vec![1, 2])));
        assert!(!target.put_blocks(&[0, 1, 2], 1, &Data::I64(vec![1, 2])));
        assert!(!target.put_blocks(&[0], 1, &Data::F32(vec![1.0])));
    }

    #[test]
    fn offsets_of_all_axes_add_up() {
        let data = Data::I32((0..6).collect());
        let select = |axes: &[&[usize]]| {
            let axes: Vec<Vec<usize>> = axes.iter().map(|axis| axis.to_vec()).collect();
            data.select(&axes).map(|data| match data {
                Data::I32(values) => values,
                _ => vec![],
            })
        };
        assert_eq!(select(&[&[0, 1, 2], &[0, 3]]), Some(vec![0, 3, 1, 4, 2, 5]));
        assert_eq!(select(&[&[3, 0], &[1, 2]]), Some(vec![4, 5, 1, 2]));
        assert_eq!(select(&[&[0, 0], &[0, 3], &[0, 1, 2]]).unwrap().len(), 12);
        assert_eq!(select(&[&[0, 3], &[2, 1]]), Some(vec![2, 1, 5, 4]));
        assert_eq!(select(&[]), Some(vec![0]));
        assert_eq!(select(&[&[], &[usize::MAX]]), Some(vec![]));
        assert_eq!(select(&[&[3], &[2, 3]]), None);
        assert_eq!(select(&[&[usize::MAX], &[1]]), None);
        assert_eq!(Data::F32(vec![]).select(&[]), None);
    }

    #[test]
    fn names_are_the_ones_of_onnxruntime_web() {
        for kind in (1..=13).filter_map(DataType::from_onnx) {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        assert_eq!(DataType::onnx_name(16), "bfloat16");
    }
}
