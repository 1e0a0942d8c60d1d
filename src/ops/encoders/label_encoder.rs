//! `LabelEncoder` (ai.onnx.ml 1, 2, 4): each element replaced by the value that its key has.
//!
//! Version 1 knows one list of texts, and maps each to its index or back. From version 2 on there
//! are two lists; NaN is a key like any other. Of repeated keys the first counts in version 2, as
//! for onnxruntime, and the last in version 4, as specified.

use super::features::{integers, same_shape};
use super::lookup::{Lookup, Repeated};
use crate::error::Result;
use crate::ops::{
    Attributes, Definition, Fact, Kernel, Operator, failed, invalid, one_tensor, required,
};
use crate::tensor::{Data, DataType, Tensor, rare};

const TYPES: &[DataType] = &[
    DataType::String,
    DataType::Int64,
    DataType::Float32,
    DataType::Int32,
    DataType::Int16,
    DataType::Float64,
];

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "ai.onnx.ml",
    name: "LabelEncoder",
    versions: &[1, 2, 4],
    inputs: &[TYPES],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    if definition.version == 1 {
        return index(attributes);
    }
    let tensors = definition.version >= 4;
    let keys = list(attributes, "keys", tensors)?;
    let mut values = list(attributes, "values", tensors)?;
    if keys.len() != values.len() {
        return Err(invalid(format!(
            "A LabelEncoder needs a value for each key, and has {} keys and {} values.",
            keys.len(),
            values.len()
        )));
    }
    let default = default(attributes, values.data_type())?;
    values.extend_from(&default, 0..1);
    let repeated = if tensors { Repeated::Last } else { Repeated::First };
    let lookup = Lookup::new(&keys, repeated)?;
    Ok(Box::new(LabelEncoder { key_type: keys.data_type(), lookup, values }))
}

fn index(attributes: &mut Attributes) -> Result<Box<dyn Kernel>> {
    let mut classes = attributes.strings("classes_strings")?.unwrap_or_default();
    let default_text = attributes.string("default_string")?;
    let default_integer = attributes.int("default_int64")?.unwrap_or(-1);
    let lookup = Lookup::new(&Data::Str(classes.clone()), Repeated::Last)?;
    classes.push(default_text.unwrap_or_else(|| UNUSED.to_owned()));
    Ok(Box::new(Index { lookup, classes: Data::Str(classes), default_integer }))
}

const UNUSED: &str = "_Unused";

/// The one list of keys or of values.
fn list(attributes: &mut Attributes, what: &str, tensors: bool) -> Result<Data> {
    let mut lists = vec![
        attributes.ints(&format!("{what}_int64s"))?.map(Data::I64),
        attributes.floats(&format!("{what}_floats"))?.map(Data::F32),
        attributes.strings(&format!("{what}_strings"))?.map(Data::Str),
    ];
    if tensors {
        let tensor = attributes.tensor(&format!("{what}_tensor"))?;
        lists.push(tensor.map(|tensor| tensor.into_parts().1));
    }
    let mut lists = lists.into_iter().flatten();
    match (lists.next(), lists.next()) {
        (Some(list), None) if TYPES.contains(&list.data_type()) => Ok(list),
        _ => {
            Err(invalid(format!("A LabelEncoder needs exactly one of the `{what}_*` attributes.")))
        }
    }
}

/// What elements become that are no key: one element of type `data_type`.
fn default(attributes: &mut Attributes, data_type: DataType) -> Result<Data> {
    let integer = attributes.int("default_int64")?.unwrap_or(-1);
    let float = attributes.float("default_float")?.unwrap_or(-0.0);
    let text = attributes.string("default_string")?.unwrap_or_else(|| UNUSED.to_owned());
    if let Some(tensor) = attributes.tensor("default_tensor")? {
        if tensor.data_type() == data_type && tensor.data().len() == 1 {
            return Ok(tensor.into_parts().1);
        }
        return Err(invalid("`default_tensor` must hold one element of the values' type."));
    }
    Ok(match data_type {
        DataType::Int64 => Data::I64(vec![integer]),
        DataType::Float32 => Data::F32(vec![float]),
        DataType::Float64 => Data::F64(vec![-0.0]),
        DataType::Int32 => Data::I32(vec![-1]),
        DataType::Int16 => Data::I16(rare(vec![-1])),
        _ => Data::Str(vec![text]),
    })
}

/// Two lists.
#[derive(Debug)]
struct LabelEncoder {
    key_type: DataType,
    lookup: Lookup,
    /// A value a key, and the default behind them.
    values: Data,
}

impl Kernel for LabelEncoder {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        if x.data_type != self.key_type {
            return Err(invalid(format!(
                "The LabelEncoder's keys are of type {}, and its input of type {}.",
                self.key_type.name(),
                x.data_type.name()
            )));
        }
        same_shape(inputs, self.values.data_type())
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        pick(x, &self.values, self.lookup.positions(x.data())?)
    }
}

/// One list of texts.
#[derive(Debug)]
struct Index {
    lookup: Lookup,
    /// The texts, and the default behind them.
    classes: Data,
    default_integer: i64,
}

impl Kernel for Index {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        match required(inputs, 0)?.data_type {
            DataType::String => same_shape(inputs, DataType::Int64),
            DataType::Int64 => same_shape(inputs, DataType::String),
            other => Err(invalid(format!(
                "LabelEncoder version 1 takes string or int64, not {}.",
                other.name()
            ))),
        }
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        if x.data_type() == DataType::String {
            let positions = self.lookup.positions(x.data())?;
            let index = |at: Option<usize>| at.map_or(self.default_integer, |at| at as i64);
            let data = Data::I64(positions.into_iter().map(index).collect());
            return one_tensor(x.dims().to_vec(), data);
        }
        let indices = integers(x.data())?;
        pick(x, &self.classes, indices.iter().map(|index| usize::try_from(*index).ok()).collect())
    }
}

/// The values at `positions`; the last one where there is none.
fn pick(x: &Tensor, values: &Data, positions: Vec<Option<usize>>) -> Result<Vec<Tensor>> {
    let last = values.len().saturating_sub(1);
    let positions: Vec<usize> =
        positions.into_iter().map(|at| at.map_or(last, |at| at.min(last))).collect();
    let data = values.pick(&positions).ok_or_else(|| failed("A LabelEncoder has no values."))?;
    one_tensor(x.dims().to_vec(), data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Attribute;
    use crate::ops::encoders::testing::{build, floats, ints, run, run_vector, strings, texts};

    /// Values from onnxruntime 1.31.
    #[test]
    fn one_list() {
        let classes = strings(&["a", "b", "a"]);
        let defaults = [
            ("default_int64", Attribute::Int(-5)),
            ("default_string", Attribute::String("q".into())),
        ];
        let attributes = [&defaults[..], &[("classes_strings", classes)]].concat();
        let kernel = build("LabelEncoder", 1, &attributes).unwrap();
        let y = run_vector(&*kernel, texts(&["a", "b", "z"])).unwrap();
        assert_eq!(y, Data::I64(vec![2, 1, -5]));
        let y = run_vector(&*kernel, Data::I64(vec![0, 1, 2, 5, -1, 3])).unwrap();
        assert_eq!(y, texts(&["a", "b", "a", "q", "q", "q"]));
    }

    /// Values from onnxruntime 1.31, except that version 2 does not find NaN there, which the
    /// specification says it should.
    #[test]
    fn two_lists() {
        let keys = ("keys_floats", floats(&[1.0, f32::NAN, -0.0]));
        let values = ("values_int64s", ints(&[10, 20, 30]));
        for version in [2, 4] {
            let attributes = [keys.clone(), values.clone()];
            let kernel = build("LabelEncoder", version, &attributes).unwrap();
            let y = run_vector(&*kernel, Data::F32(vec![1.0, f32::NAN, 0.0, -0.0, 7.0])).unwrap();
            assert_eq!(y, Data::I64(vec![10, 20, 30, 30, -1]));
        }
        let attributes = [
            ("keys_strings", strings(&["a", "b"])),
            ("values_floats", floats(&[2.0, 0.5])),
            ("default_int64", Attribute::Int(4)),
        ];
        let kernel = build("LabelEncoder", 2, &attributes).unwrap();
        let Data::F32(y) = run_vector(&*kernel, texts(&["b", "z"])).unwrap() else { panic!() };
        assert_eq!(y[0], 0.5);
        assert!(y[1] == 0.0 && y[1].is_sign_negative());
        let scalar = Tensor::new(vec![], texts(&["a"])).unwrap();
        assert_eq!(run(&*kernel, &scalar).unwrap().data(), &Data::F32(vec![2.0]));
    }

    /// onnxruntime 1.31 for version 2, the specification for version 4.
    #[test]
    fn repeated_keys() {
        let attributes =
            [("keys_int64s", ints(&[1, 2, 1])), ("values_int64s", ints(&[10, 20, 30]))];
        for (version, one) in [(2, 10), (4, 30)] {
            let kernel = build("LabelEncoder", version, &attributes).unwrap();
            let y = run_vector(&*kernel, Data::I64(vec![1, 2, 3])).unwrap();
            assert_eq!(y, Data::I64(vec![one, 20, -1]));
        }
    }

    #[cfg(feature = "extra")]
    fn tensor(data: Data) -> Attribute {
        Attribute::Tensor(Tensor::new(vec![data.len()], data).unwrap())
    }

    /// Values from onnxruntime 1.31, which has no kernel for int32.
    #[cfg(feature = "extra")]
    #[test]
    fn lists_that_are_tensors() {
        let doubles = tensor(Data::F64(vec![1.5, f64::NAN, 0.1]));
        for (values, default, wanted) in [
            (Data::F64(vec![3.0, 4.0, 5.0]), Some(Data::F64(vec![7.5])), Data::F64(vec![4.0, 7.5])),
            (Data::I16(vec![3, 4, 5]), None, Data::I16(vec![4, -1])),
            (Data::I32(vec![3, 4, 5]), None, Data::I32(vec![4, -1])),
            (texts(&["a", "b", "c"]), None, texts(&["b", "_Unused"])),
        ] {
            let mut attributes =
                vec![("keys_tensor", doubles.clone()), ("values_tensor", tensor(values))];
            attributes.extend(default.map(|data| ("default_tensor", tensor(data))));
            let kernel = build("LabelEncoder", 4, &attributes).unwrap();
            assert_eq!(run_vector(&*kernel, Data::F64(vec![f64::NAN, 0.2])).unwrap(), wanted);
        }
        let keys = ("keys_int64s", ints(&[1]));
        let values = ("values_int64s", ints(&[1]));
        let two = ("default_tensor", tensor(Data::I64(vec![1, 2])));
        assert!(build("LabelEncoder", 4, &[keys.clone(), values.clone(), two]).is_err());
        assert!(build("LabelEncoder", 4, std::slice::from_ref(&keys)).is_err());
        assert!(build("LabelEncoder", 2, &[keys, ("values_tensor", doubles)]).is_err());
    }

    #[test]
    fn types_and_lengths_are_checked() {
        let attributes = [("keys_int64s", ints(&[1])), ("values_int64s", ints(&[1]))];
        let kernel = build("LabelEncoder", 2, &attributes).unwrap();
        assert!(kernel.infer(&[Some(&Fact::of(DataType::Float32))]).is_err());
        assert!(kernel.infer(&[Some(&Fact::of(DataType::Int64))]).is_ok());
        let attributes = [("keys_int64s", ints(&[1, 2])), ("values_int64s", ints(&[1]))];
        assert!(build("LabelEncoder", 2, &attributes).is_err());
    }
}
