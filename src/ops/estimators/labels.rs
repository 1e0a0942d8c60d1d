//! The names of a classifier's classes.

use predikt_kernels::linear::name;

use crate::error::Result;
use crate::ops::Attributes;
use crate::ops::shape::texts;
use crate::tensor::{Data, DataType};

/// One label a class: whole numbers or texts.
#[derive(Debug, Clone, PartialEq)]
pub enum Labels {
    /// Whole numbers.
    Ints(Vec<i64>),
    /// Texts.
    Strings(Vec<String>),
}

impl Labels {
    /// Reads `classlabels_strings` and the list of integers, which has another name in each
    /// operator. Texts come first where a file has both.
    ///
    /// # Errors
    /// `MODEL_INVALID` where an attribute has another type.
    pub fn read(attributes: &mut Attributes, ints: &str) -> Result<Labels> {
        let strings = attributes.strings("classlabels_strings")?.unwrap_or_default();
        let ints = attributes.ints(ints)?.unwrap_or_default();
        Ok(if strings.is_empty() { Labels::Ints(ints) } else { Labels::Strings(strings) })
    }

    /// How many classes there are.
    pub fn len(&self) -> usize {
        match self {
            Labels::Ints(labels) => labels.len(),
            Labels::Strings(labels) => labels.len(),
        }
    }

    /// The type of a label.
    pub fn data_type(&self) -> DataType {
        match self {
            Labels::Ints(_) => DataType::Int64,
            Labels::Strings(_) => DataType::String,
        }
    }

    /// Refuses so many rows' labels where the longest one would be too much text.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`.
    pub fn fit(&self, rows: usize) -> Result<()> {
        let Labels::Strings(labels) = self else { return Ok(()) };
        let longest = labels.iter().map(String::len).max().unwrap_or(0);
        texts(longest.saturating_mul(rows))
    }

    /// Writes the label of a class by number to `row` of `out`, which has labels' type. A number
    /// beyond the last class has the default label.
    pub fn write(&self, out: &mut Data, row: usize, class: usize) {
        match (self, out) {
            (Labels::Ints(labels), Data::I64(out)) => {
                if let Some(out) = out.get_mut(row) {
                    *out = labels.get(class).copied().unwrap_or_default();
                }
            }
            (Labels::Strings(labels), Data::Str(out)) => {
                if let Some(out) = out.get_mut(row) {
                    match labels.get(class) {
                        Some(label) => out.clone_from(label),
                        None => out.clear(),
                    }
                }
            }
            _ => {}
        }
    }

    /// Writes the labels of classes by number from `row` of `out` on, as far as there are rows.
    pub fn write_all(&self, out: &mut Data, row: usize, classes: &[i64]) {
        match (self, out) {
            (Labels::Ints(labels), Data::I64(out)) => {
                name(out.get_mut(row..).unwrap_or_default(), classes, labels);
            }
            (_, out) => {
                let rows = row..out.len();
                for (row, class) in rows.zip(classes) {
                    self.write(out, row, usize::try_from(*class).unwrap_or(usize::MAX));
                }
            }
        }
    }
}

/// The number of the highest score, the first of those that are as high; NaN is never higher.
pub fn top(scores: &[f32]) -> usize {
    let mut best = 0;
    for (class, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = class;
        }
    }
    best
}
