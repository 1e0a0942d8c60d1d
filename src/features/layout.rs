//! How a model's inputs take rows.

use serde::Serialize;

use crate::error::{Code, Error, Result};
use crate::onnx::{Signature, Slot};
use crate::tensor::DataType;

/// In which type a row's values are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Buffer {
    /// 32-bit floats.
    F32,
    /// 64-bit floats.
    F64,
    /// Texts.
    Str,
}

impl Buffer {
    /// The name as callers see it.
    pub fn name(self) -> &'static str {
        match self {
            Buffer::F32 => "f32",
            Buffer::F64 => "f64",
            Buffer::Str => "str",
        }
    }
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
    /// The input's name.
    pub name: String,
    /// The type that the input takes; values are cast to it.
    #[serde(rename = "type")]
    pub data_type: DataType,
    /// In which type its values are written.
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
    /// One entry an input, in the signature's order.
    pub inputs: Vec<InputLayout>,
    /// Values a row, all inputs together; `None` where the file leaves it open.
    pub width: Option<usize>,
    /// Whether columns that a record leaves out are 0, and those that the model does not know are
    /// passed over.
    pub sparse: bool,
    #[serde(skip)]
    pub(crate) batch: Batch,
}

fn run_instead(slot: &Slot, why: &str) -> Error {
    Error::new(
        Code::InputShape,
        format!(
            "`predict` takes rows, and the input `{}` {why}. Use `run` with named tensors.",
            slot.name
        ),
    )
    .with("input", &*slot.name)
}

impl Layout {
    /// How `signature`'s inputs take rows.
    ///
    /// # Errors
    /// `INPUT_SHAPE` for a model with a free dimension beside the rows', which is run with named
    /// tensors.
    pub fn new(signature: &Signature) -> Result<Self> {
        let mut batch = None;
        let mut inputs = vec![];
        for slot in &signature.inputs {
            let (own, tail) = shape_of_rows(slot, signature.inputs.len() == 1)?;
            if *batch.get_or_insert(own) != own {
                return Err(run_instead(slot, "takes another number of rows than the first one"));
            }
            inputs.push(InputLayout {
                name: slot.name.clone(),
                data_type: slot.data_type,
                buffer: match slot.data_type {
                    DataType::Float32 | DataType::Float16 => Buffer::F32,
                    DataType::String => Buffer::Str,
                    _ => Buffer::F64,
                },
                width: tail.as_ref().map(|tail| tail.iter().product()),
                tail,
            });
        }
        let Some(batch) = batch else {
            return Err(Error::new(Code::InputShape, "This model has no inputs: use `run({})`."));
        };
        let width = inputs.iter().map(|input| input.width).sum();
        Ok(Layout { inputs, width, sparse: false, batch })
    }

    /// Refuses rows of another width than the model takes. A single input may leave its width open.
    ///
    /// # Errors
    /// `INPUT_SHAPE`.
    pub fn check_width(&self, width: usize) -> Result<()> {
        match self.width {
            Some(expected) if expected != width => Err(Error::new(
                Code::InputShape,
                format!("This model takes {expected} values a row, and got {width}."),
            )
            .with("expected", expected)
            .with("got", width)),
            _ => Ok(()),
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
            Err(run_instead(slot, "declares no shape"))
        };
    };
    let Some((first, rest)) = shape.split_first() else {
        return Err(run_instead(slot, "is a scalar"));
    };
    let tail: Option<Vec<usize>> = rest
        .iter()
        .map(|dim| dim.fixed().and_then(|length| usize::try_from(length).ok()))
        .collect();
    match (first.fixed(), tail) {
        (Some(length), Some(_)) if rest.is_empty() && only && length > 1 => {
            Ok((Batch::Single, Some(vec![length as usize])))
        }
        (Some(length), Some(_)) if rest.is_empty() && length > 1 => {
            Err(run_instead(slot, "is a vector of fixed length beside other inputs"))
        }
        (Some(0), _) => Err(run_instead(slot, "has a dimension of 0")),
        (Some(length), Some(tail)) => Ok((Batch::Fixed(length as usize), Some(tail))),
        (None, Some(tail)) => Ok((Batch::Free, Some(tail))),
        (None, None) if only && rest.len() == 1 => Ok((Batch::Free, None)),
        _ => Err(run_instead(slot, "has a free dimension beside its rows")),
    }
}
