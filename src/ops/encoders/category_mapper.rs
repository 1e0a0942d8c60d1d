//! `CategoryMapper` (ai.onnx.ml 1): texts to integers or back, by two lists of equal length. Of
//! repeated categories the last counts.

use super::features::same_shape;
use super::lookup::{Lookup, Repeated};
use crate::error::Result;
use crate::ops::{Definition, Fact, Kernel, Operator, failed, invalid, one_tensor, required};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "ai.onnx.ml",
    name: "CategoryMapper",
    versions: &[1],
    inputs: &[&[DataType::String, DataType::Int64]],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let mut integers = attributes.ints("cats_int64s")?.unwrap_or_default();
    let mut texts = attributes.strings("cats_strings")?.unwrap_or_default();
    if integers.len() != texts.len() {
        return Err(invalid(format!(
            "A CategoryMapper needs as many texts as integers, and has {} and {}.",
            texts.len(),
            integers.len()
        )));
    }
    integers.push(attributes.int("default_int64")?.unwrap_or(-1));
    let unused = || "_Unused".to_owned();
    texts.push(attributes.string("default_string")?.unwrap_or_else(unused));
    let (integers, texts) = (Data::I64(integers), Data::Str(texts));
    let keys = |data: &Data| {
        let keys = data.slice(0..data.len().saturating_sub(1));
        Lookup::new(&keys.ok_or_else(|| failed("No categories."))?, Repeated::Last)
    };
    Ok(Box::new(CategoryMapper {
        by_integer: keys(&integers)?,
        by_text: keys(&texts)?,
        integers,
        texts,
    }))
}

/// Both lists have their default at the end.
#[derive(Debug)]
struct CategoryMapper {
    by_integer: Lookup,
    by_text: Lookup,
    integers: Data,
    texts: Data,
}

impl Kernel for CategoryMapper {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        match required(inputs, 0)?.data_type {
            DataType::String => same_shape(inputs, DataType::Int64),
            _ => same_shape(inputs, DataType::String),
        }
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let (lookup, values) = match x.data_type() {
            DataType::String => (&self.by_text, &self.integers),
            _ => (&self.by_integer, &self.texts),
        };
        let default = values.len().saturating_sub(1);
        let positions = lookup.positions(x.data())?;
        let positions: Vec<usize> = positions.into_iter().map(|at| at.unwrap_or(default)).collect();
        let data = values.pick(&positions).ok_or_else(|| failed("No categories."))?;
        one_tensor(x.dims().to_vec(), data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Attribute;
    use crate::ops::encoders::testing::{build, ints, run_vector, strings, texts};

    /// Values from onnxruntime 1.31.
    #[test]
    fn both_ways() {
        let attributes = [
            ("cats_int64s", ints(&[1, 2, 1])),
            ("cats_strings", strings(&["a", "b", "c"])),
            ("default_string", Attribute::String("z".into())),
        ];
        let kernel = build("CategoryMapper", 1, &attributes).unwrap();
        let y = run_vector(&*kernel, Data::I64(vec![1, 2, 9])).unwrap();
        assert_eq!(y, texts(&["c", "b", "z"]));
        let y = run_vector(&*kernel, texts(&["a", "c", "q"])).unwrap();
        assert_eq!(y, Data::I64(vec![1, 1, -1]));
        assert!(build("CategoryMapper", 1, &attributes[..1]).is_err());
    }
}
