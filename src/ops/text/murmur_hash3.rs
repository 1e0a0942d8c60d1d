//! `MurmurHash3` (com.microsoft 1): the 32-bit hash of each element's bytes.

use crate::error::Result;
use crate::ops::{Definition, Fact, Kernel, Operator, one_tensor, required, unsupported_type};
use crate::tensor::{Data, DataType, Tensor};

const TYPES: &[DataType] = &[
    DataType::Int32,
    DataType::Uint32,
    DataType::Int64,
    DataType::Uint64,
    DataType::Float32,
    DataType::Float64,
    DataType::String,
];

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "com.microsoft",
    name: "MurmurHash3",
    versions: &[1],
    inputs: &[TYPES],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let seed = definition.attributes.int("seed")?.unwrap_or(0) as u32;
    let positive = definition.attributes.int("positive")?.unwrap_or(1) == 1;
    Ok(Box::new(MurmurHash3 { seed, positive }))
}

#[derive(Debug)]
struct MurmurHash3 {
    seed: u32,
    /// Whether hashes are unsigned.
    positive: bool,
}

impl Kernel for MurmurHash3 {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data_type = if self.positive { DataType::Uint32 } else { DataType::Int32 };
        Ok(vec![required(inputs, 0)?.with_type(data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        macro_rules! hashes {
            ($values:expr) => {
                $values.iter().map(|value| hash(&value.to_le_bytes(), self.seed)).collect()
            };
        }
        let hashes: Vec<u32> = match x.data() {
            Data::I32(values) => hashes!(values),
            Data::U32(values) => hashes!(values),
            Data::I64(values) => hashes!(values),
            Data::U64(values) => hashes!(values),
            Data::F32(values) => hashes!(values),
            Data::F64(values) => hashes!(values),
            Data::Str(values) => values.iter().map(|v| hash(v.as_bytes(), self.seed)).collect(),
            other => return Err(unsupported_type(other.data_type())),
        };
        let data = if self.positive {
            Data::U32(hashes)
        } else {
            Data::I32(hashes.into_iter().map(|hash| hash as i32).collect())
        };
        one_tensor(x.dims().to_vec(), data)
    }
}

/// MurmurHash3 x86 32.
fn hash(bytes: &[u8], seed: u32) -> u32 {
    let scramble =
        |block: u32| block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let (blocks, tail) = bytes.as_chunks();
    let mut hash = seed;
    for block in blocks {
        hash ^= scramble(u32::from_le_bytes(*block));
        hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let rest = tail.iter().rev().fold(0, |rest, byte| (rest << 8) | u32::from(*byte));
    hash ^= scramble(rest);
    hash ^= bytes.len() as u32;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Attribute;
    use crate::ops::encoders::testing::{build_of, run_vector, texts};

    /// Values from onnxruntime 1.31.
    #[test]
    fn hashes() {
        let attributes = [("positive", Attribute::Int(0)), ("seed", Attribute::Int(7))];
        let unsigned = build_of("com.microsoft", "MurmurHash3", 1, 1, &[]).unwrap();
        let signed = build_of("com.microsoft", "MurmurHash3", 1, 1, &attributes).unwrap();
        for (x, positive, negative) in [
            (
                texts(&["foo", "", "é", "abcd", "abcdefg"]),
                vec![4138058784, 0, 269551495, 1139631978, 2285673222],
                vec![977864409, 415870660, 312290774, 1425861819, -615018135],
            ),
            (Data::I32(vec![3, 0]), vec![847579505, 593689054], vec![-823678547, -1729787003]),
            (Data::U32(vec![3, 0]), vec![847579505, 593689054], vec![-823678547, -1729787003]),
            (Data::I64(vec![3, 0]), vec![2738575283, 1669671676], vec![-2020699886, -1248612099]),
            (Data::U64(vec![3, 0]), vec![2738575283, 1669671676], vec![-2020699886, -1248612099]),
            (Data::F32(vec![3.0, 0.0]), vec![6814352, 593689054], vec![1575991279, -1729787003]),
            (
                Data::F64(vec![3.0, 0.0]),
                vec![3554953595, 1669671676],
                vec![-223163683, -1248612099],
            ),
        ] {
            assert_eq!(run_vector(&*unsigned, x.clone()).unwrap(), Data::U32(positive));
            assert_eq!(run_vector(&*signed, x).unwrap(), Data::I32(negative));
        }
    }
}
