//! Rows of numbers ↔ the tensors that a model takes and gives.
//!
//! A *row* is the values of one prediction, flat: all inputs' values, one input after the other,
//! in the signature's order. With one input of shape rows × 4 a row has 4 values; with four
//! inputs of shape rows × 1 it has 4 as well, one for each.

use serde::Serialize;

use crate::error::{Code, Error, Result};
use crate::onnx::{Class, Dimension, Roles, Signature, Slot};
use crate::tensor::{Data, DataType, Tensor};

/// In which type a row's values are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Buffer {
    F32,
    F64,
}

/// How many rows one run of the graph takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Batch {
    /// Any number.
    Free,
    /// This many, no more and no fewer.
    Fixed(usize),
    /// One, without a dimension for it.
    Single,
}

/// How one input takes its part of a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InputLayout {
    pub name: String,
    #[serde(rename = "type")]
    pub data_type: DataType,
    pub buffer: Buffer,
    /// Values a row; `None` where the file leaves it open.
    pub width: Option<usize>,
    /// The dimensions after the rows', where they are known.
    #[serde(skip)]
    tail: Option<Vec<usize>>,
}

/// How the inputs of a model take rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Layout {
    pub inputs: Vec<InputLayout>,
    /// Values a row, all inputs together; `None` where the file leaves it open.
    pub width: Option<usize>,
    #[serde(skip)]
    pub(crate) batch: Batch,
}

fn run_instead(code: Code, slot: &Slot, why: &str) -> Error {
    Error::new(
        code,
        format!("`predict` takes rows of numbers, and the input `{}` {why}. Use `run` with named tensors.", slot.name),
    )
    .with("input", &*slot.name)
}

impl Layout {
    /// How `signature`'s inputs take rows.
    ///
    /// # Errors
    /// `INPUT_TYPE` for a model with an input that takes no numbers, `INPUT_SHAPE` for one with a
    /// free dimension beside the rows'; such models are run with named tensors.
    pub fn new(signature: &Signature) -> Result<Self> {
        let mut batch = None;
        let mut inputs = vec![];
        for slot in &signature.inputs {
            if slot.data_type == DataType::String {
                return Err(run_instead(Code::InputType, slot, "takes strings"));
            }
            let (own, tail) = shape_of_rows(slot, signature.inputs.len() == 1)?;
            if *batch.get_or_insert(own) != own {
                return Err(run_instead(
                    Code::InputShape,
                    slot,
                    "takes another number of rows than the first one",
                ));
            }
            let narrow = matches!(slot.data_type, DataType::Float32 | DataType::Float16);
            inputs.push(InputLayout {
                name: slot.name.clone(),
                data_type: slot.data_type,
                buffer: if narrow { Buffer::F32 } else { Buffer::F64 },
                width: tail.as_ref().map(|tail| tail.iter().product()),
                tail,
            });
        }
        let Some(batch) = batch else {
            return Err(Error::new(Code::InputShape, "This model has no inputs: use `run({})`."));
        };
        let width = inputs.iter().map(|input| input.width).sum();
        Ok(Layout { inputs, width, batch })
    }

    /// Each input's width for rows of `width` values.
    ///
    /// # Errors
    /// `INPUT_SHAPE` where the model takes rows of another width.
    pub fn widths(&self, width: usize) -> Result<Vec<usize>> {
        match self.width {
            Some(expected) if expected != width => Err(Error::new(
                Code::InputShape,
                format!("This model takes {expected} values a row, and got {width}."),
            )
            .with("expected", expected)
            .with("got", width)),
            // Only a single input may leave its width open.
            _ => Ok(self.inputs.iter().map(|input| input.width.unwrap_or(width)).collect()),
        }
    }

    /// How many rows one run takes when `rows` are asked for.
    ///
    /// # Errors
    /// `INPUT_SHAPE` for no rows, or for a number that a fixed batch does not divide.
    pub(crate) fn rows_a_run(&self, rows: usize) -> Result<usize> {
        if rows == 0 {
            return Err(Error::new(
                Code::InputShape,
                "There are no rows to predict: pass at least one.",
            )
            .with("got", 0usize));
        }
        match self.batch {
            Batch::Free => Ok(rows),
            Batch::Single => Ok(1),
            Batch::Fixed(fixed) if rows.is_multiple_of(fixed) => Ok(fixed),
            Batch::Fixed(fixed) => Err(Error::new(
                Code::InputShape,
                format!(
                    "This model was exported for batches of {fixed} rows, and got {rows}. Pass a multiple of {fixed}, or export it with a free batch dimension."
                ),
            )
            .with("expected", fixed)
            .with("got", rows)),
        }
    }

    /// The shape of an input in a run of `rows` rows.
    pub(crate) fn dims(&self, input: usize, rows: usize, width: usize, out: &mut Vec<usize>) {
        out.clear();
        if self.batch != Batch::Single {
            out.push(rows);
        }
        match &self.inputs[input].tail {
            Some(tail) => out.extend(tail),
            None => out.push(width),
        }
    }
}

/// Splits a declared shape into the rows' dimension and the rest.
fn shape_of_rows(slot: &Slot, only: bool) -> Result<(Batch, Option<Vec<usize>>)> {
    let Some(shape) = &slot.shape else {
        return if only {
            Ok((Batch::Free, None))
        } else {
            Err(run_instead(Code::InputShape, slot, "declares no shape"))
        };
    };
    let Some((first, rest)) = shape.split_first() else {
        return Err(run_instead(Code::InputShape, slot, "is a scalar"));
    };
    let tail: Option<Vec<usize>> = rest
        .iter()
        .map(|dim| dim.fixed().and_then(|length| usize::try_from(length).ok()))
        .collect();
    match (first.fixed(), tail) {
        (Some(length), Some(_)) if rest.is_empty() && only && length > 1 => {
            Ok((Batch::Single, Some(vec![length as usize])))
        }
        (Some(0), _) => Err(run_instead(Code::InputShape, slot, "has a dimension of 0")),
        (Some(length), Some(tail)) => Ok((Batch::Fixed(length as usize), Some(tail))),
        (None, Some(tail)) => Ok((Batch::Free, Some(tail))),
        (None, None) if only && rest.len() == 1 => Ok((Batch::Free, None)),
        _ => Err(run_instead(Code::InputShape, slot, "has a free dimension beside its rows")),
    }
}

/// The rows' values for one input, in a memory that callers write to directly.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowBuffer {
    /// `F32` or `F64`.
    pub data: Option<Data>,
    /// Values a row.
    pub width: usize,
}

impl RowBuffer {
    /// Makes room for `rows` rows of `width` values.
    pub fn reserve(&mut self, buffer: Buffer, rows: usize, width: usize) {
        let count = rows * width;
        match (&mut self.data, buffer) {
            (Some(Data::F32(values)), Buffer::F32) => values.resize(count, 0.0),
            (Some(Data::F64(values)), Buffer::F64) => values.resize(count, 0.0),
            (data, Buffer::F32) => *data = Some(Data::F32(vec![0.0; count])),
            (data, Buffer::F64) => *data = Some(Data::F64(vec![0.0; count])),
        }
        self.width = width;
    }
}

/// The values of `buffer` in an input's own type, or `None` where they are already.
///
/// # Errors
/// `INPUT_TYPE` where a value does not fit an integer or boolean input.
pub(crate) fn cast(input: &InputLayout, buffer: &Data, count: usize) -> Result<Option<Data>> {
    macro_rules! whole {
        ($values:expr, $kind:ty, $variant:ident) => {
            Data::$variant(
                $values
                    .iter()
                    .map(|value| integer(input, *value).map(|v| v as $kind))
                    .collect::<Result<_>>()?,
            )
        };
    }
    Ok(Some(match (buffer, input.data_type) {
        (Data::F32(_), DataType::Float32) | (Data::F64(_), DataType::Float64) => return Ok(None),
        (Data::F32(values), _) => {
            Data::F16(values[..count].iter().map(|value| f32_to_f16(*value)).collect())
        }
        (Data::F64(values), kind) => {
            let values = &values[..count];
            match kind {
                DataType::Int8 => whole!(values, i8, I8),
                DataType::Int16 => whole!(values, i16, I16),
                DataType::Int32 => whole!(values, i32, I32),
                DataType::Int64 => whole!(values, i64, I64),
                DataType::Uint8 => whole!(values, u8, U8),
                DataType::Uint16 => whole!(values, u16, U16),
                DataType::Uint32 => whole!(values, u32, U32),
                DataType::Uint64 => whole!(values, u64, U64),
                DataType::Bool => Data::Bool(
                    values
                        .iter()
                        .map(|value| integer(input, *value).map(|v| v != 0))
                        .collect::<Result<_>>()?,
                ),
                _ => return Ok(None),
            }
        }
        _ => return Ok(None),
    }))
}

/// Doubles count whole numbers exactly up to here.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn integer(input: &InputLayout, value: f64) -> Result<i128> {
    let (low, high) = match input.data_type {
        DataType::Int8 => (-128.0, 127.0),
        DataType::Int16 => (-32_768.0, 32_767.0),
        DataType::Int32 => (-2_147_483_648.0, 2_147_483_647.0),
        DataType::Uint8 => (0.0, 255.0),
        DataType::Uint16 => (0.0, 65_535.0),
        DataType::Uint32 => (0.0, 4_294_967_295.0),
        DataType::Uint64 => (0.0, EXACT),
        DataType::Bool => (0.0, 1.0),
        _ => (-EXACT, EXACT),
    };
    if value.fract() == 0.0 && (low..=high).contains(&value) {
        return Ok(value as i128);
    }
    Err(Error::new(
        Code::InputType,
        format!(
            "The input `{}` takes {} values, and {value} is none.",
            input.name,
            input.data_type.name()
        ),
    )
    .with("input", &*input.name)
    .with("expected", input.data_type.name())
    .with("got", value.to_string()))
}

/// IEEE binary32 → binary16, to nearest, ties to even.
pub(crate) fn f32_to_f16(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = ((bits >> 16) & 0x8000) as u16;
    let exponent = ((bits >> 23) & 0xff) as i32;
    let mantissa = bits & 0x7f_ffff;
    if exponent == 0xff {
        return sign | 0x7c00 | if mantissa != 0 { 0x200 } else { 0 };
    }
    let target = exponent - 127 + 15;
    if target >= 0x1f {
        return sign | 0x7c00;
    }
    // Subnormal halves drop more bits, and below the smallest nothing is left.
    let (mantissa, dropped) = match target {
        1.. => (mantissa, 13),
        -10..=0 => (mantissa | 0x80_0000, 14 - target),
        _ => return sign,
    };
    let kept = mantissa >> dropped;
    let rest = mantissa & ((1 << dropped) - 1);
    let half = 1 << (dropped - 1);
    let rounded = kept + u32::from(rest > half || (rest == half && kept & 1 == 1));
    // A carry out of the mantissa raises the exponent, as it should.
    sign | ((if target > 0 { (target as u32) << 10 } else { 0 }) + rounded) as u16
}

/// IEEE binary16 → binary64, exact.
pub(crate) fn f16_to_f64(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from((bits >> 10) & 0x1f);
    let mantissa = f64::from(bits & 0x3ff);
    sign * match exponent {
        0 => mantissa * (-24f64).exp2(),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * f64::from(exponent - 25).exp2(),
    }
}

/// What `predict` answers, in plain numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prediction {
    /// rows × `columns`, row-major: class labels, class positions or values.
    pub values: Vec<f64>,
    /// Values a row.
    pub columns: usize,
    /// Whether `values` are positions in the signature's classes.
    pub is_class: bool,
    /// rows × `classes`, row-major; empty where the model gives none.
    pub probabilities: Vec<f64>,
    /// Probabilities a row; 0 where the model gives none.
    pub classes: usize,
}

impl Prediction {
    /// Forgets the last answer, keeps its memory.
    pub(crate) fn clear(&mut self) {
        self.values.clear();
        self.probabilities.clear();
        self.columns = 1;
        self.is_class = false;
        self.classes = 0;
    }

    /// Adds what one run on `rows` rows gave out.
    ///
    /// # Errors
    /// `ENGINE_FAILED` where an output has another number of rows or of classes than it should.
    pub(crate) fn extend(
        &mut self,
        rows: usize,
        outputs: &[Tensor],
        roles: Roles,
        classes: Option<&[Class]>,
    ) -> Result<()> {
        if let Some(probabilities) = roles.probabilities.and_then(|index| outputs.get(index)) {
            self.classes = append(rows, probabilities, classes, &mut self.probabilities)?;
            if let Some(classes) = classes
                && classes.len() != self.classes
            {
                return Err(Error::new(
                    Code::EngineFailed,
                    format!(
                        "The model gives {} probabilities a row for {} classes.",
                        self.classes,
                        classes.len()
                    ),
                )
                .with("expected", classes.len())
                .with("got", self.classes));
            }
        }
        let Some(output) = outputs.get(roles.prediction) else {
            return Err(Error::new(Code::EngineFailed, "The model gave no output."));
        };
        if roles.probabilities == Some(roles.prediction) {
            let start = self.probabilities.len() - rows * self.classes;
            self.values
                .extend(self.probabilities[start..].chunks(self.classes.max(1)).map(largest));
            self.is_class = classes.is_some();
            return Ok(());
        }
        // A whole number beside named classes is a position among them.
        self.is_class = match output.data_type() {
            DataType::String => classes.is_some(),
            kind => {
                kind.is_integer()
                    && classes.is_some_and(|classes| {
                        classes.iter().all(|class| matches!(class, Class::Text(_)))
                    })
            }
        };
        self.columns = append(rows, output, classes, &mut self.values)?;
        if let (true, Some(classes)) = (self.is_class, classes) {
            let start = self.values.len() - rows * self.columns;
            if let Some(label) = self.values[start..]
                .iter()
                .find(|value| !(0.0..classes.len() as f64).contains(value))
            {
                return Err(Error::new(
                    Code::EngineFailed,
                    format!("The model gave the label {label}, which is no position among its {} classes.", classes.len()),
                )
                .with("got", label.to_string()));
            }
        }
        Ok(())
    }
}

/// The position of the first largest value, as numpy's `argmax` has it.
fn largest(row: &[f64]) -> f64 {
    let mut best = 0;
    for (index, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = index;
        }
    }
    best as f64
}

/// Appends an output's elements as doubles; answers how many a row has.
fn append(
    rows: usize,
    output: &Tensor,
    classes: Option<&[Class]>,
    out: &mut Vec<f64>,
) -> Result<usize> {
    let count = output.data().len();
    if !count.is_multiple_of(rows) || (rows > 1 && output.dims().first() != Some(&rows)) {
        return Err(Error::new(
            Code::EngineFailed,
            format!(
                "An output of shape {:?} has no row for each of the {rows} rows that went in. Use `run` with named tensors.",
                output.dims()
            ),
        )
        .with("expected", rows));
    }
    match output.data() {
        Data::F16(values) => out.extend(values.iter().map(|bits| f16_to_f64(*bits))),
        Data::F32(values) => out.extend(values.iter().map(|value| f64::from(*value))),
        Data::F64(values) => out.extend(values),
        Data::I8(values) => out.extend(values.iter().map(|value| f64::from(*value))),
        Data::I16(values) => out.extend(values.iter().map(|value| f64::from(*value))),
        Data::I32(values) => out.extend(values.iter().map(|value| f64::from(*value))),
        Data::U8(values) => out.extend(values.iter().map(|value| f64::from(*value))),
        Data::U16(values) => out.extend(values.iter().map(|value| f64::from(*value))),
        Data::U32(values) => out.extend(values.iter().map(|value| f64::from(*value))),
        Data::Bool(values) => out.extend(values.iter().map(|value| f64::from(u8::from(*value)))),
        Data::I64(values) => {
            for value in values {
                out.push(exact(*value as f64, value.unsigned_abs())?);
            }
        }
        Data::U64(values) => {
            for value in values {
                out.push(exact(*value as f64, *value)?);
            }
        }
        Data::Str(values) => {
            for value in values {
                let position = classes.and_then(|classes| {
                    classes
                        .iter()
                        .position(|class| matches!(class, Class::Text(text) if text == value))
                });
                out.push(position.ok_or_else(|| {
                    Error::new(
                        Code::EngineFailed,
                        format!("The model gave the text `{value}`, which is none of its classes. Use `run` for texts."),
                    )
                    .with("got", &**value)
                })? as f64);
            }
        }
    }
    Ok(count / rows)
}

fn exact(value: f64, magnitude: u64) -> Result<f64> {
    if magnitude as f64 <= EXACT {
        return Ok(value);
    }
    Err(Error::new(
        Code::EngineFailed,
        format!(
            "The model gave the whole number {magnitude}, which a plain number cannot hold exactly. Use `run`, which gives int64."
        ),
    ))
}

/// The names of a row's columns: as given, or the inputs' own where each takes one value.
///
/// # Errors
/// `OPTIONS_INVALID` where the number of names is not the width of a row, or a name comes twice.
pub(crate) fn feature_names(
    given: Option<Vec<String>>,
    layout: Option<&Layout>,
) -> Result<Option<Vec<String>>> {
    let Some(names) = given else {
        let each = layout.filter(|layout| {
            layout.inputs.len() > 1 && layout.inputs.iter().all(|input| input.width == Some(1))
        });
        return Ok(
            each.map(|layout| layout.inputs.iter().map(|input| input.name.clone()).collect())
        );
    };
    if let Some(expected) = layout.and_then(|layout| layout.width)
        && expected != names.len()
    {
        return Err(Error::new(
            Code::OptionsInvalid,
            format!(
                "{} feature names were given, and the model takes {expected} values a row.",
                names.len()
            ),
        )
        .with("expected", expected)
        .with("got", names.len()));
    }
    if let Some(name) = names
        .iter()
        .enumerate()
        .find(|(index, name)| names[..*index].contains(name))
        .map(|(_, name)| name)
    {
        return Err(Error::new(
            Code::OptionsInvalid,
            format!("The feature name `{name}` is given twice."),
        )
        .with("name", &**name));
    }
    Ok(Some(names))
}

/// Checks class labels that a caller gives against what the outputs declare.
///
/// # Errors
/// `OPTIONS_INVALID` where there is another number of them than of probabilities.
pub(crate) fn check_classes(classes: &[Class], signature: &Signature, roles: Roles) -> Result<()> {
    let declared = roles.probabilities.and_then(|index| {
        signature.outputs.get(index)?.shape.as_ref()?.last().and_then(Dimension::fixed)
    });
    match declared {
        Some(declared) if declared != classes.len() as u64 => Err(Error::new(
            Code::OptionsInvalid,
            format!(
                "{} classes were given, and the model gives {declared} probabilities a row.",
                classes.len()
            ),
        )
        .with("expected", declared)
        .with("got", classes.len())),
        _ => Ok(()),
    }
}
