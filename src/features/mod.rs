//! Rows of numbers and texts ↔ the tensors that a model takes and gives.
//!
//! A *row* is the values of one prediction, flat: all inputs' values, one input after the other,
//! in the signature's order. With one input of shape rows × 4 a row has 4 values; with four
//! inputs of shape rows × 1 it has 4 as well, one for each.

mod cast;
mod layout;
mod prediction;
mod value;

pub use layout::{Buffer, InputLayout, Layout};
pub(crate) use prediction::Labels;
pub use prediction::Prediction;
pub(crate) use prediction::whole_numbers;
pub use value::Value;

pub(crate) use cast::cast;
pub(crate) use value::write;

use crate::names::Names;

use crate::engine::Feed;
use crate::error::{Code, Error, Result};
use crate::onnx::{Class, Dimension, Roles, Signature};
use crate::tensor::{Data, DataType, Tensor};

/// Rows of more columns than this have no names that nobody gave them.
const MAX_NAMES: usize = 10_000;

/// Doubles count whole numbers exactly up to here.
pub(crate) const EXACT: f64 = 9_007_199_254_740_992.0;

/// The rows' values for one input, in a memory that callers write to directly.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowBuffer {
    /// `F32`, `F64` or `Str`.
    pub held: Option<Tensor>,
    /// Values a row.
    pub width: usize,
    /// The values in the input's own type, where that is another.
    pub cast: Option<Data>,
    /// The input's shape in a run.
    pub dims: Vec<usize>,
    /// Rows of the run that `dims` are made for; 0 where they must be made anew.
    rows: usize,
    /// Whether the tensor has that shape.
    whole: bool,
}

impl RowBuffer {
    /// Makes room for `rows` rows of `width` values.
    pub fn reserve(&mut self, buffer: Buffer, rows: usize, width: usize) {
        let kind = match buffer {
            Buffer::F32 => DataType::Float32,
            Buffer::F64 => DataType::Float64,
            Buffer::Str => DataType::String,
        };
        self.held.get_or_insert_default().reuse(kind, &[rows * width]);
        self.width = width;
        self.rows = 0;
    }

    /// The values.
    pub fn data(&mut self) -> Option<&mut Data> {
        self.rows = 0;
        self.held.as_mut().map(Tensor::data_mut)
    }

    /// Prepares for runs of `rows` rows.
    pub fn shape(&mut self, layout: &Layout, input: usize, rows: usize) {
        if self.rows == rows {
            return;
        }
        layout.dims(input, rows, self.width, &mut self.dims);
        self.whole = self.held.as_mut().is_some_and(|held| held.reshape(&self.dims));
        self.rows = rows;
    }

    /// What a run takes whose first row is `first`.
    pub fn feed(&self, first: usize) -> Feed<'_> {
        let tensor = self.held.as_ref();
        Feed {
            dims: &self.dims,
            data: self.cast.as_ref().or(tensor.map(Tensor::data)).unwrap_or(Feed::NONE.data),
            start: first * self.width,
            tensor: tensor.filter(|_| self.whole && self.cast.is_none()),
        }
    }
}

/// The names of a row's columns: as given, or made of the inputs' own where there are several, or one of
/// a single value. An input of several values gives `name[0]`, `name[1]`…
///
/// # Errors
/// `OPTIONS_INVALID` where the number of names is not the width of a row, or a name comes twice.
pub(crate) fn feature_names(
    given: Option<Vec<String>>,
    layout: Option<&Layout>,
) -> Result<Option<Vec<String>>> {
    let Some(names) = given else {
        let several = layout.filter(|layout| match &*layout.inputs {
            [only] => only.width == Some(1),
            inputs => !inputs.is_empty(),
        });
        return Ok(several.and_then(|layout| {
            let mut names = vec![];
            for input in &layout.inputs {
                match input.width? {
                    1 => names.push(input.name.clone()),
                    width if names.len() + width <= MAX_NAMES => {
                        names.extend((0..width).map(|index| format!("{}[{index}]", input.name)))
                    }
                    _ => return None,
                }
            }
            Some(names)
        }));
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
    let mut seen = Names::new();
    if let Some(name) = names.iter().find(|name| !seen.insert(name)) {
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
/// `OPTIONS_INVALID` where there is another number of them than of probabilities, or one comes
/// twice.
pub(crate) fn check_classes(classes: &[Class], signature: &Signature, roles: &Roles) -> Result<()> {
    if let Some(class) =
        classes.iter().enumerate().find(|(index, class)| classes[..*index].contains(class))
    {
        let name = match class.1 {
            Class::Int(label) => label.to_string(),
            Class::Text(label) => label.clone(),
        };
        return Err(Error::new(
            Code::OptionsInvalid,
            format!("The class `{name}` is given twice."),
        )
        .with("name", name));
    }
    let declared = match &*roles.probabilities {
        [index] => signature
            .outputs
            .get(*index)
            .and_then(|slot| slot.shape.as_ref()?.last().and_then(Dimension::fixed)),
        [] => None,
        columns => Some(columns.len() as u64),
    }
    .or(signature.classes.as_ref().map(|own| own.len() as u64));
    match declared {
        Some(declared) if declared != classes.len() as u64 => Err(Error::new(
            Code::OptionsInvalid,
            format!("{} classes were given, and the model has {declared}.", classes.len()),
        )
        .with("expected", declared)
        .with("got", classes.len())),
        _ => Ok(()),
    }
}
