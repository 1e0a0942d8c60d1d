//! `Constant` (ai.onnx 1, 9, 11, 12, 13, 19, 21, 23, 24, 25) without sparse tensors, and
//! `ConstantOfShape` (ai.onnx 9, 20, 21, 23, 24, 25).

use std::sync::Arc;

use super::shared::{bounded, constant, integers, length};
use crate::error::{Result, list};
use crate::ops::shape::elements;
use crate::ops::{
    Attribute, Definition, Dim, Fact, Kernel, Operator, failed, invalid, one_fact, one_tensor,
    required, types, unsupported,
};
use crate::tensor::{Data, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "",
        name: "Constant",
        versions: &[1, 9, 11, 12, 13, 19, 21, 23, 24, 25],
        inputs: &[types::ANY],
        build: build_constant,
    },
    Operator {
        domain: "",
        name: "ConstantOfShape",
        versions: &[9, 20, 21, 23, 24, 25],
        inputs: &[types::INT64],
        build: build_filled,
    },
];

fn build_constant(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(0..=0)?;
    let attributes = &mut definition.attributes;
    let scalar = |data| Tensor::new(vec![], data);
    let vector = |data: Data| Tensor::new(vec![data.len()], data);
    let names: &[&str] = &[
        "value",
        "value_float",
        "value_floats",
        "value_int",
        "value_ints",
        "value_string",
        "value_strings",
        "sparse_value",
    ];
    let mut given = names.iter().filter_map(|name| Some((*name, attributes.take(name)?)));
    let value = match given.next() {
        Some(("value", Attribute::Tensor(value))) => Ok(value),
        Some(("value_float", Attribute::Float(value))) => scalar(Data::F32(vec![value])),
        Some(("value_floats", Attribute::Floats(values))) => vector(Data::F32(values)),
        Some(("value_int", Attribute::Int(value))) => scalar(Data::I64(vec![value])),
        Some(("value_ints", Attribute::Ints(values))) => vector(Data::I64(values)),
        Some(("value_string", Attribute::String(value))) => scalar(Data::Str(vec![value])),
        Some(("value_strings", Attribute::Strings(values))) => vector(Data::Str(values)),
        Some(("sparse_value", _)) => Err(unsupported(
            "A sparse constant is not implemented. Export the model with dense weights.",
        )),
        Some((name, _)) => Err(invalid(format!("The attribute `{name}` has another type."))),
        None => Err(invalid("Constant has no value.")),
    }?;
    if let Some((name, _)) = given.next() {
        return Err(invalid(format!("Constant has a second value, `{name}`.")));
    }
    Ok(Box::new(Constant { value: Arc::new(value) }))
}

fn build_filled(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let value = match definition.attributes.tensor("value")? {
        None => Data::F32(vec![0.0]),
        Some(value) if value.data().len() == 1 => value.into_parts().1,
        Some(value) => {
            return Err(invalid(format!(
                "The attribute `value` has {} elements, and should have one.",
                value.data().len()
            )));
        }
    };
    Ok(Box::new(Filled { value }))
}

/// Always the same.
#[derive(Debug)]
struct Constant {
    value: Arc<Tensor>,
}

impl Kernel for Constant {
    fn infer(&self, _: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        Ok(vec![Fact::constant(self.value.clone())])
    }

    fn run(&self, _: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        Ok(vec![(*self.value).clone()])
    }
}

/// One value in the shape that the input says.
#[derive(Debug)]
struct Filled {
    value: Data,
}

fn lengths(shape: &[i64]) -> Option<Vec<usize>> {
    shape.iter().map(|length| usize::try_from(*length).ok()).collect()
}

impl Kernel for Filled {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let shape = match constant(inputs, 0) {
            Some(shape) => {
                let dims = lengths(&shape);
                let dims = dims.ok_or_else(|| invalid(format!("{} is no shape.", list(&shape))))?;
                Some(dims.into_iter().map(Dim::Known).collect())
            }
            None => length(required(inputs, 0)?).map(|rank| vec![Dim::Unknown; rank]),
        };
        one_fact(self.value.data_type(), shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let shape = integers(required(inputs, 0)?)?;
        let dims =
            lengths(&shape).ok_or_else(|| failed(format!("{} is no shape.", list(&shape))))?;
        bounded(&dims)?;
        let data = self.value.filled(elements(&dims)?);
        one_tensor(dims, data)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{build, check, floats, ints};
    use super::*;

    #[test]
    fn every_kind_of_value() {
        let constant = |name, value| check("Constant", 13, 1, vec![(name, value)], &[]);
        let made = constant("value_float", Attribute::Float(1.5)).unwrap();
        assert_eq!(made[0], floats(&[], &[1.5]));
        let made = constant("value_ints", Attribute::Ints(vec![1, 2])).unwrap();
        assert_eq!(made[0], ints(&[1, 2]));
        let made = constant("value", Attribute::Tensor(ints(&[3]))).unwrap();
        assert_eq!(made[0], ints(&[3]));
        let made = constant("value_strings", Attribute::Strings(vec!["a".into()])).unwrap();
        assert_eq!(made[0].data(), &Data::Str(vec!["a".into()]));
        assert!(constant("value_int", Attribute::Float(1.0)).is_err());
        assert!(constant("sparse_value", Attribute::Other("a sparse tensor")).is_err());
        assert!(build("Constant", 13, 0, 1, vec![]).is_err());
        let two = vec![("value_int", Attribute::Int(1)), ("value_float", Attribute::Float(1.0))];
        assert!(build("Constant", 13, 0, 1, two).is_err());
    }

    /// onnxruntime 1.31.
    #[test]
    fn a_shape_is_filled() {
        let fill = |shape: &[i64], value: Vec<(&str, Attribute)>| {
            check("ConstantOfShape", 9, 1, value, &[ints(shape)])
        };
        assert_eq!(fill(&[2, 1], vec![]).unwrap()[0], floats(&[2, 1], &[0.0, 0.0]));
        let text = Tensor::new(vec![1], Data::Str(vec!["x".into()])).unwrap();
        let made = fill(&[2], vec![("value", Attribute::Tensor(text))]).unwrap();
        assert_eq!(made[0].data(), &Data::Str(vec!["x".into(), "x".into()]));
        assert_eq!(fill(&[], vec![]).unwrap()[0], floats(&[], &[0.0]));
        assert_eq!(fill(&[0, 3], vec![]).unwrap()[0].dims(), [0, 3]);
        assert!(fill(&[-1], vec![]).is_err());
        assert!(fill(&[1 << 40, 1 << 40], vec![]).is_err());
        assert!(fill(&[0, i64::MAX, i64::MAX], vec![]).is_err());
        let two = vec![("value", Attribute::Tensor(ints(&[1, 2])))];
        assert!(build("ConstantOfShape", 9, 1, 1, two).is_err());
    }
}
