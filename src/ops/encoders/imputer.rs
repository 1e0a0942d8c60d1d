//! `Imputer` (ai.onnx.ml 1): one value of each feature replaced by another.

use predikt_kernels::rows;

use super::features::{per_feature, row, same_shape};
use crate::error::Result;
use crate::ops::{
    Definition, Fact, Kernel, Operator, fresh, invalid, made, required, types, unsupported_type,
};
use crate::tensor::{Data, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "ai.onnx.ml",
    name: "Imputer",
    versions: &[1],
    inputs: &[types::ML],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let floats = attributes.floats("imputed_value_floats")?.unwrap_or_default();
    let ints = attributes.ints("imputed_value_int64s")?.unwrap_or_default();
    let float = attributes.float("replaced_value_float")?.unwrap_or(0.0);
    let int = attributes.int("replaced_value_int64")?.unwrap_or(0);
    match (floats.is_empty(), ints.is_empty()) {
        (false, true) => Ok(Box::new(Imputer::Floats(float, floats))),
        (true, false) => Ok(Box::new(Imputer::Integers(int, ints))),
        _ => Err(invalid(
            "An Imputer needs either `imputed_value_floats` or `imputed_value_int64s`.",
        )),
    }
}

/// What is replaced, and by what: one value for all features, or one for each.
#[derive(Debug)]
enum Imputer {
    Floats(f32, Vec<f32>),
    Integers(i64, Vec<i64>),
}

impl Kernel for Imputer {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        if x.data_type.is_float() != matches!(self, Imputer::Floats(..)) {
            return Err(invalid(format!(
                "The Imputer's values are of another kind than its input, {}.",
                x.data_type.name()
            )));
        }
        same_shape(inputs, x.data_type)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 1)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let x = required(inputs, 0)?;
        let row = row(x.dims());
        let out = made(outputs, 0)?;
        if let (Imputer::Floats(gone, imputed), Data::F32(values)) = (self, x.data()) {
            let imputed = per_feature(WHAT, imputed, row)?;
            rows::impute(values, *gone, &imputed, out.reuse_f32(x.dims()));
            return Ok(());
        }
        out.assign(x);
        match (self, out.data_mut()) {
            (Imputer::Floats(gone, imputed), Data::F64(values)) => {
                let target = f64::from(*gone);
                let is = |value: f64| value == target || (value.is_nan() && gone.is_nan());
                impute(values, row, is, imputed, f64::from)
            }
            (Imputer::Integers(gone, imputed), Data::I64(values)) => {
                impute(values, row, |value| value == *gone, imputed, |value| value)
            }
            (Imputer::Integers(gone, imputed), Data::I32(values)) => {
                let is = |value: i32| i64::from(value) == *gone;
                impute(values, row, is, imputed, |value| value as i32)
            }
            (_, other) => Err(unsupported_type(other.data_type())),
        }
    }
}

const WHAT: &str = "imputed_value";

fn impute<T: Copy, V: Copy>(
    values: &mut [T],
    row: usize,
    replaced: impl Fn(T) -> bool,
    imputed: &[V],
    cast: impl Fn(V) -> T,
) -> Result<()> {
    let imputed = per_feature(WHAT, imputed, row)?;
    for row in values.chunks_mut(row.max(1)) {
        for (value, new) in row.iter_mut().zip(&*imputed) {
            if replaced(*value) {
                *value = cast(*new);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Attribute;
    use crate::ops::encoders::testing::{build, floats, ints, run};
    use crate::tensor::DataType;

    /// Values from onnxruntime 1.31; it has no kernel for `f64`.
    #[test]
    fn missing_values_are_replaced() {
        let nan = ("replaced_value_float", Attribute::Float(f32::NAN));
        let attributes = [("imputed_value_floats", floats(&[5.0, 6.5])), nan];
        let kernel = build("Imputer", 1, &attributes).unwrap();
        let x = Tensor::new(vec![2, 2], Data::F32(vec![1.0, f32::NAN, f32::NAN, 4.0])).unwrap();
        assert_eq!(run(&*kernel, &x).unwrap().data(), &Data::F32(vec![1.0, 6.5, 5.0, 4.0]));
        let x = Tensor::new(vec![1, 2], Data::F64(vec![0.1, f64::NAN])).unwrap();
        assert_eq!(run(&*kernel, &x).unwrap().data(), &Data::F64(vec![0.1, 6.5]));
        let wide = Tensor::new(vec![1, 3], Data::F32(vec![0.0; 3])).unwrap();
        assert!(run(&*kernel, &wide).is_err());
        assert!(kernel.infer(&[Some(&Fact::of(DataType::Int64))]).is_err());

        let kernel = build("Imputer", 1, &[("imputed_value_floats", floats(&[5.0]))]).unwrap();
        let x = Tensor::new(vec![3], Data::F32(vec![-0.0, 0.0, 1.0])).unwrap();
        assert_eq!(run(&*kernel, &x).unwrap().data(), &Data::F32(vec![5.0, 5.0, 1.0]));

        let one = ("replaced_value_int64", Attribute::Int(1));
        let attributes = [("imputed_value_int64s", ints(&[5, 6])), one];
        let kernel = build("Imputer", 1, &attributes).unwrap();
        let x = Tensor::new(vec![2, 2], Data::I64(vec![1, 2, 3, 1])).unwrap();
        assert_eq!(run(&*kernel, &x).unwrap().data(), &Data::I64(vec![5, 2, 3, 6]));
        assert!(build("Imputer", 1, &[]).is_err());
    }
}
