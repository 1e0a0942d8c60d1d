//! `BitShift` (ai.onnx 11, 28), `BitwiseAnd`, `BitwiseOr`, `BitwiseXor`, `BitwiseNot` (18).
//!
//! An amount that is negative or not less than the number of bits shifts all bits out: what is
//! left is 0, or -1 for a negative number that is shifted to the right.

use super::binary::{self, Binary, Row, Rows, called};
use super::element::map_integers;
use crate::error::Result;
use crate::ops::{Definition, Fact, Kernel, Operator, invalid, one_tensor, required};
use crate::tensor::{DataType, Tensor};

const INTEGER: &[DataType] = &[
    DataType::Int8,
    DataType::Int16,
    DataType::Int32,
    DataType::Int64,
    DataType::Uint8,
    DataType::Uint16,
    DataType::Uint32,
    DataType::Uint64,
];

const fn operator(name: &'static str, versions: &'static [i64]) -> Operator {
    Operator { domain: "", name, versions, inputs: &[INTEGER], build }
}

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    operator("BitShift", &[11, 28]),
    operator("BitwiseAnd", &[18]),
    operator("BitwiseOr", &[18]),
    operator("BitwiseXor", &[18]),
    operator("BitwiseNot", &[18]),
];

const fn integers(signed: Row<i64>, unsigned: Row<u64>) -> Rows {
    Rows { f32: None, f64: None, i64: Some(signed), u64: binary::rare(unsigned) }
}

const AND: Rows = integers(
    |a, b, out| called(a, b, out, |a, b| a & b),
    |a, b, out| called(a, b, out, |a, b| a & b),
);
const OR: Rows = integers(
    |a, b, out| called(a, b, out, |a, b| a | b),
    |a, b, out| called(a, b, out, |a, b| a | b),
);
const XOR: Rows = integers(
    |a, b, out| called(a, b, out, |a, b| a ^ b),
    |a, b, out| called(a, b, out, |a, b| a ^ b),
);
// Narrower integers lie in 64 bits with their sign, so that shifting to the right is the same for
// all; to the left, narrowing drops what is shifted out.
const LEFT: Rows = integers(
    |a, b, out| called(a, b, out, |a, b| amount(b).and_then(|b| a.checked_shl(b)).unwrap_or(0)),
    |a, b, out| {
        called(a, b, out, |a, b| u32::try_from(b).ok().and_then(|b| a.checked_shl(b)).unwrap_or(0))
    },
);
const RIGHT: Rows = integers(
    |a, b, out| called(a, b, out, |a, b| a >> amount(b).unwrap_or(63).min(63)),
    |a, b, out| {
        called(a, b, out, |a, b| u32::try_from(b).ok().and_then(|b| a.checked_shr(b)).unwrap_or(0))
    },
);

/// How far to shift; `None` for all bits.
fn amount(shift: i64) -> Option<u32> {
    u32::try_from(shift).ok()
}

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    if definition.operator.name == "BitwiseNot" {
        definition.expect_inputs(1..=1)?;
        return Ok(Box::new(Not));
    }
    definition.expect_inputs(2..=2)?;
    let rows = match definition.operator.name {
        "BitwiseAnd" => AND,
        "BitwiseOr" => OR,
        "BitwiseXor" => XOR,
        _ => match definition.attributes.string("direction")?.as_deref() {
            Some("LEFT") => LEFT,
            Some("RIGHT") => RIGHT,
            _ => return Err(invalid("The `direction` of BitShift is LEFT or RIGHT.")),
        },
    };
    Ok(Box::new(Binary { rows }))
}

#[derive(Debug)]
struct Not;

impl Kernel for Not {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        Ok(vec![x.with_type(x.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        one_tensor(x.dims().to_vec(), map_integers(x.data(), &|x| !x)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::Attribute;
    use crate::ops::math::testing::{build, kernel, run, tensor};
    use crate::tensor::Data;

    fn shift(direction: &str, x: Data, by: Data) -> Data {
        let direction = ("direction", Attribute::String(direction.into()));
        let inputs = [tensor(&[x.len()], x), tensor(&[by.len()], by)];
        run(&*kernel("BitShift", 28, 2, vec![direction]), &inputs).unwrap().data().clone()
    }

    /// onnxruntime 1.31 for unsigned numbers; the specification of version 28 for signed ones.
    #[test]
    fn shifting_by_much_leaves_the_sign() {
        let x = || Data::U8(vec![255, 1, 3, 200]);
        let by = || Data::U8(vec![1, 8, 9, 255]);
        assert_eq!(shift("LEFT", x(), by()), Data::U8(vec![254, 0, 0, 0]));
        assert_eq!(shift("RIGHT", x(), by()), Data::U8(vec![127, 0, 0, 0]));
        let x = || Data::I8(vec![-5, -5, -5, 64, 64]);
        let by = || Data::I8(vec![1, -1, 100, 1, 100]);
        assert_eq!(shift("RIGHT", x(), by()), Data::I8(vec![-3, -1, -1, 32, 0]));
        assert_eq!(shift("LEFT", x(), by()), Data::I8(vec![-10, 0, 0, -128, 0]));
        let x = || Data::U64(vec![u64::MAX, 1]);
        assert_eq!(shift("RIGHT", x(), Data::U64(vec![63, 64])), Data::U64(vec![1, 0]));
        assert!(build("BitShift", 11, 2, vec![]).is_err());
    }

    #[test]
    fn bits_are_combined() {
        let of = |name, inputs: &[Data]| {
            let inputs: Vec<_> = inputs.iter().map(|d| tensor(&[d.len()], d.clone())).collect();
            run(&*kernel(name, 18, inputs.len(), vec![]), &inputs).unwrap().data().clone()
        };
        let (a, b) = (Data::U16(vec![0xff00, 0x0ff0]), Data::U16(vec![0x0f0f]));
        assert_eq!(of("BitwiseAnd", &[a.clone(), b.clone()]), Data::U16(vec![0x0f00, 0x0f00]));
        assert_eq!(of("BitwiseXor", &[a.clone(), b]), Data::U16(vec![0xf00f, 0x00ff]));
        assert_eq!(of("BitwiseNot", &[a]), Data::U16(vec![0x00ff, 0xf00f]));
    }
}
