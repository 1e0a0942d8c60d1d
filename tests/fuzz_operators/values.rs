//! Random shapes and tensors, with what is seldom and hard among them.

use predikt::{Data, DataType, Tensor};

use crate::random::Random;

pub const KINDS: [DataType; 13] = [
    DataType::Float32,
    DataType::Float64,
    DataType::Int64,
    DataType::String,
    DataType::Bool,
    DataType::Int32,
    DataType::Float16,
    DataType::Int8,
    DataType::Int16,
    DataType::Uint8,
    DataType::Uint16,
    DataType::Uint32,
    DataType::Uint64,
];

const INTEGERS: [i64; 16] = [
    i64::MIN,
    i64::MAX,
    i64::MIN + 1,
    i64::MAX - 1,
    1 << 62,
    1 << 40,
    1 << 32,
    u32::MAX as i64,
    i32::MAX as i64,
    i32::MIN as i64,
    -1,
    0,
    1000,
    255,
    128,
    -129,
];

const FLOATS: [f64; 20] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    -0.0,
    0.0,
    1e300,
    -1e300,
    1e-300,
    f64::MIN_POSITIVE,
    3.4e38,
    1e38,
    9.3e18,
    -9.3e18,
    1e10,
    65504.0,
    1e-45,
    0.5,
    1.5,
    2.5,
    -1.0,
];

pub const TEXTS: [&str; 24] = [
    "",
    "a",
    "b",
    "red rose",
    "Ünïcödé ß İ ﬁ",
    "日本語 テキスト",
    "\u{0}",
    "nan",
    "-inf",
    "1e400",
    "0x10",
    "12",
    "-3.5",
    "9223372036854775808",
    " 7 ",
    "a,b,,c",
    "👩‍👩‍👧‍👦 x",
    "\t\n",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
    "The quick the slow",
    "true",
    "e\u{301}",
    "#",
    "_Unused",
];

/// An integer: mostly small, seldom extreme.
pub fn integer(random: &mut Random) -> i64 {
    match random.below(12) {
        0 => INTEGERS[random.below(INTEGERS.len())],
        1..=3 => random.below(2) as i64,
        _ => random.below(8) as i64 - 2,
    }
}

/// A float: mostly small, seldom extreme.
pub fn float(random: &mut Random) -> f64 {
    match random.below(8) {
        0 => FLOATS[random.below(FLOATS.len())],
        1 => random.below(5) as f64 - 2.0,
        _ => random.below(2001) as f64 / 250.0 - 4.0,
    }
}

/// A text, seldom a long one.
pub fn text(random: &mut Random) -> String {
    match random.below(60) {
        0 => "ab ,ü".repeat(random.below(400)),
        _ => TEXTS[random.below(TEXTS.len())].to_owned(),
    }
}

/// A dimension.
fn dim(random: &mut Random) -> usize {
    const DIMS: [usize; 10] = [1, 2, 3, 2, 3, 1, 7, 4, 5, 0];
    let most = if random.below(3) == 0 { DIMS.len() } else { DIMS.len() - 1 };
    DIMS[random.below(most)]
}

/// A shape of up to five dimensions, mostly small.
pub fn shape(random: &mut Random) -> Vec<usize> {
    const RANKS: [usize; 10] = [0, 1, 1, 2, 2, 2, 3, 3, 4, 5];
    let rank = RANKS[random.below(RANKS.len())];
    let mut dims: Vec<usize> = (0..rank).map(|_| dim(random)).collect();
    match random.below(400) {
        // Nothing in it, however long the other axes say they are.
        0 if rank > 1 => {
            dims[random.below(rank)] = 1 << (20 + random.below(43));
            dims[random.below(rank)] = 0;
        }
        // One long axis.
        1..=2 if rank > 0 => {
            dims = vec![1; rank];
            dims[random.below(rank)] = 1 << random.below(14);
        }
        _ => {}
    }
    while !fits(&dims) {
        dims.pop();
    }
    dims
}

fn fits(dims: &[usize]) -> bool {
    let product = dims.iter().try_fold(1usize, |product, dim| product.checked_mul((*dim).max(1)));
    product.is_some_and(|product| dims.contains(&0) || product <= 1 << 14)
}

/// The shape, or one that broadcasts with it.
pub fn like(random: &mut Random, base: &[usize]) -> Vec<usize> {
    let mut dims = base.to_vec();
    if random.below(2) == 0 {
        dims.drain(..random.below(dims.len() + 1));
    }
    for dim in &mut dims {
        if random.below(4) == 0 {
            *dim = 1;
        }
    }
    if fits(&dims) { dims } else { base.to_vec() }
}

/// A tensor. `small`: whole numbers are small, as in shapes, axes and indices.
pub fn tensor(random: &mut Random, kind: DataType, dims: Vec<usize>, small: bool) -> Tensor {
    let kind = if kind.is_present() { kind } else { DataType::Float32 };
    let count = if dims.contains(&0) { 0 } else { dims.iter().product() };
    // Whole tensors are tame or wild, so that not every one has an extreme somewhere.
    let wild = random.below(4) == 0;
    let style = random.below(3);
    let integers = |random: &mut Random| match (wild, style) {
        (true, _) => integer(random),
        (_, 0) if small => random.below(3) as i64,
        (_, 1) if small => random.below(5) as i64 - 2,
        _ => random.below(12) as i64 - 3,
    };
    let floats = |random: &mut Random| match wild {
        true => float(random),
        false => random.below(2001) as f64 / 250.0 - 4.0,
    };
    macro_rules! whole {
        ($variant:ident, $kind:ty) => {
            Data::$variant((0..count).map(|_| integers(random) as $kind).collect())
        };
    }
    let data =
        match kind {
            DataType::Float16 => Data::F16(
                (0..count)
                    .map(|_| {
                        if wild { random.next() as u16 } else { 0x3800 + random.below(4096) as u16 }
                    })
                    .collect(),
            ),
            DataType::Float32 => Data::F32((0..count).map(|_| floats(random) as f32).collect()),
            DataType::Float64 => Data::F64((0..count).map(|_| floats(random)).collect()),
            DataType::Int8 => whole!(I8, i8),
            DataType::Int16 => whole!(I16, i16),
            DataType::Int32 => whole!(I32, i32),
            DataType::Int64 => whole!(I64, i64),
            DataType::Uint8 => whole!(U8, u8),
            DataType::Uint16 => whole!(U16, u16),
            DataType::Uint32 => whole!(U32, u32),
            DataType::Uint64 => whole!(U64, u64),
            DataType::Bool => Data::Bool((0..count).map(|_| random.below(2) == 0).collect()),
            DataType::String => Data::Str((0..count).map(|_| text(random)).collect()),
        };
    Tensor::new(dims, data).unwrap()
}
