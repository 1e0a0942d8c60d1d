//! `OneHotEncoder` (ai.onnx.ml 1): one float a category, along an axis behind the input's.

use super::features::{integers, one_more_axis};
use super::lookup::{Lookup, Repeated};
use crate::error::Result;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, fresh, invalid, made, required, shape,
};
use crate::tensor::{Data, DataType, Tensor};

const TYPES: &[DataType] =
    &[DataType::String, DataType::Int64, DataType::Int32, DataType::Float32, DataType::Float64];

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "ai.onnx.ml",
    name: "OneHotEncoder",
    versions: &[1],
    inputs: &[TYPES],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let integers = attributes.ints("cats_int64s")?.filter(|list| !list.is_empty());
    let texts = attributes.strings("cats_strings")?.filter(|list| !list.is_empty());
    let zeros = attributes.int("zeros")?.unwrap_or(1) != 0;
    let categories = match (integers, texts) {
        (Some(integers), None) => Data::I64(integers),
        (None, Some(texts)) => Data::Str(texts),
        _ => {
            return Err(invalid(
                "A OneHotEncoder needs either `cats_int64s` or `cats_strings`, and not empty.",
            ));
        }
    };
    let lookup = Lookup::new(&categories, Repeated::Last)?;
    Ok(Box::new(OneHotEncoder { lookup, count: categories.len(), zeros }))
}

#[derive(Debug)]
struct OneHotEncoder {
    lookup: Lookup,
    /// How many categories there are.
    count: usize,
    /// Whether what is no category is all zeros, rather than refused.
    zeros: bool,
}

impl Kernel for OneHotEncoder {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        if (x.data_type == DataType::String) != matches!(self.lookup, Lookup::Texts(_)) {
            return Err(invalid(format!(
                "The OneHotEncoder's categories are of another kind than its input, {}.",
                x.data_type.name()
            )));
        }
        one_more_axis(inputs, DataType::Float32, Dim::Known(self.count))
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 1)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let x = required(inputs, 0)?;
        let positions = match x.data() {
            // Looked up one by one.
            Data::Str(_) => vec![],
            numbers => self.lookup.positions(&Data::I64(integers(numbers)?.into_owned()))?,
        };
        let (near, far);
        let dims = if let &[rows, columns] = x.dims() {
            near = [rows, columns, self.count];
            &near[..]
        } else {
            far = [x.dims(), &[self.count]].concat();
            &far
        };
        shape::elements(dims)?;
        let out = made(outputs, 0)?.reuse_f32(dims);
        out.fill(0.0);
        for (index, hot) in out.chunks_mut(self.count.max(1)).enumerate() {
            let position = match x.data() {
                Data::Str(texts) => texts.get(index).and_then(|text| self.lookup.text(text)),
                _ => positions.get(index).copied().flatten(),
            };
            match position.and_then(|position| hot.get_mut(position)) {
                Some(hot) => *hot = 1.0,
                None if self.zeros => {}
                None => {
                    return Err(failed(format!(
                        "Element {index} of a OneHotEncoder's input is none of the {} categories that the model was trained on. Train it with `handle_unknown=\"ignore\"` to have it encoded as zeros.",
                        self.count
                    )));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Attribute;
    use crate::ops::encoders::testing::{build, ints, run, run_vector, strings, texts};

    /// Values from onnxruntime 1.31.
    #[test]
    fn a_category_is_hot() {
        let kernel =
            build("OneHotEncoder", 1, &[("cats_int64s", ints(&[0, 1, i64::MIN]))]).unwrap();
        let x = Data::F32(vec![0.0, f32::NAN, 1.7, -0.5, 1e30, 5.0]);
        let x = Tensor::new(vec![1, 6], x).unwrap();
        let y = run(&*kernel, &x).unwrap();
        assert_eq!(y.dims(), [1, 6, 3]);
        let rows =
            [[1., 0., 0.], [0., 0., 1.], [0., 1., 0.], [1., 0., 0.], [0., 0., 1.], [0., 0., 0.]];
        assert_eq!(y.data(), &Data::F32(rows.concat()));
        let scalar = Tensor::new(vec![], Data::I32(vec![1])).unwrap();
        assert_eq!(run(&*kernel, &scalar).unwrap().dims(), [3]);
        let none = Tensor::new(vec![0, 1], Data::I32(vec![])).unwrap();
        assert_eq!(run(&*kernel, &none).unwrap().dims(), [0, 1, 3]);

        let kernel = build("OneHotEncoder", 1, &[("cats_int64s", ints(&[0, 1, 0]))]).unwrap();
        let y = run_vector(&*kernel, Data::I64(vec![0])).unwrap();
        assert_eq!(y, Data::F32(vec![0.0, 0.0, 1.0]));
    }

    #[test]
    fn unknown_categories_are_refused_when_zeros_is_off() {
        let zeros = ("zeros", Attribute::Int(0));
        let kernel =
            build("OneHotEncoder", 1, &[("cats_strings", strings(&["a"])), zeros]).unwrap();
        assert_eq!(run_vector(&*kernel, texts(&["a"])).unwrap(), Data::F32(vec![1.0]));
        assert!(run_vector(&*kernel, texts(&["b"])).is_err());
        assert!(kernel.infer(&[Some(&Fact::of(DataType::Int64))]).is_err());
        let facts = kernel.infer(&[Some(&Fact::of(DataType::String))]).unwrap();
        assert_eq!(facts[0].data_type, DataType::Float32);
        let both = [("cats_strings", strings(&["a"])), ("cats_int64s", ints(&[1]))];
        assert!(build("OneHotEncoder", 1, &both).is_err());
        assert!(build("OneHotEncoder", 1, &[]).is_err());
    }
}
