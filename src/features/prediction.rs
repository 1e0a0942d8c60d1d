//! What `predict` answers, out of a model's outputs.

use predikt_kernels::rows;

use super::EXACT;
use crate::decimal;
use crate::error::{Code, Error, Result, list};
use crate::half::f16_to_f64;
use crate::onnx::{Class, Roles};
use crate::tensor::{Data, DataType, Tensor};

/// What the labels that a model gives out stand for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Labels<'m> {
    /// The signature's classes.
    pub classes: Option<&'m [Class]>,
    /// The file's own labels, in the same order, where the signature has other ones.
    pub renamed: Option<&'m [Class]>,
    /// The signature's classes where they are all whole numbers; else none.
    pub numbers: &'m [f64],
}

/// The classes, where they are all whole numbers; else none.
pub(crate) fn whole_numbers(classes: Option<&[Class]>) -> Vec<f64> {
    let number = |class: &Class| match class {
        Class::Int(number) => Some(*number as f64),
        Class::Text(_) => None,
    };
    classes.unwrap_or_default().iter().map(number).collect::<Option<_>>().unwrap_or_default()
}

/// What `predict` answers, in plain numbers and texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prediction {
    /// rows × `columns`, row-major: class labels, class positions or values.
    pub values: Vec<f64>,
    /// rows × `columns`, row-major, where the model gives texts that are no classes; `values` is
    /// empty then.
    pub texts: Vec<String>,
    /// Values or texts a row.
    pub columns: usize,
    /// Whether `values` are positions in the signature's classes.
    pub is_class: bool,
    /// rows × `classes`, row-major; empty where the model gives none.
    pub probabilities: Vec<f64>,
    /// Probabilities a row; 0 where the model gives none.
    pub classes: usize,
}

impl Prediction {
    /// Appends probabilities that come as one output a class; answers how many a row has.
    fn append_columns(
        &mut self,
        rows: usize,
        outputs: &[Tensor],
        columns: &[usize],
    ) -> Result<usize> {
        let mut flat = vec![];
        for index in columns {
            append(rows, output(outputs, *index)?, None, &mut flat)?;
        }
        if flat.len() != rows * columns.len() {
            return Err(Error::new(
                Code::EngineFailed,
                "The model gives no probability of each class for each row.",
            ));
        }
        self.probabilities.extend((0..rows).flat_map(|row| flat.iter().skip(row).step_by(rows)));
        Ok(columns.len())
    }

    /// Forgets the last answer, keeps its memory.
    pub(crate) fn clear(&mut self) {
        self.values.clear();
        self.texts.clear();
        self.probabilities.clear();
        self.columns = 1;
        self.is_class = false;
        self.classes = 0;
    }

    /// Adds what one run on `rows` rows gave out.
    ///
    /// # Errors
    /// `ENGINE_FAILED` where an output has another number of rows or of classes than it should, or
    /// of columns than the run before.
    pub(crate) fn extend(
        &mut self,
        rows: usize,
        outputs: &[Tensor],
        roles: &Roles,
        labels: Labels<'_>,
    ) -> Result<()> {
        let first = self.values.is_empty() && self.texts.is_empty();
        let before = (self.columns, self.classes);
        self.extend_one(rows, outputs, roles, labels)?;
        if first || before == (self.columns, self.classes) {
            return Ok(());
        }
        Err(Error::new(
            Code::EngineFailed,
            "The model gives rows of different lengths. Use `run` with named tensors.",
        )
        .with("expected", before.0)
        .with("got", self.columns))
    }

    fn extend_one(
        &mut self,
        rows: usize,
        outputs: &[Tensor],
        roles: &Roles,
        Labels { classes, renamed, numbers }: Labels<'_>,
    ) -> Result<()> {
        if !roles.probabilities.is_empty() {
            self.classes = match &*roles.probabilities {
                [index] => {
                    append(rows, output(outputs, *index)?, classes, &mut self.probabilities)?
                }
                columns => self.append_columns(rows, outputs, columns)?,
            };
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
        let output = output(outputs, roles.prediction)?;
        if *roles.probabilities == [roles.prediction] {
            let start = self.probabilities.len() - rows * self.classes;
            self.values
                .extend(self.probabilities[start..].chunks(self.classes.max(1)).map(largest));
            self.is_class = classes.is_some();
            return Ok(());
        }
        if let (Data::Str(texts), None) = (output.data(), classes) {
            self.columns = columns(rows, output)?;
            self.texts.extend(texts.iter().cloned());
            return Ok(());
        }
        let start = self.values.len();
        if let Some(own) = renamed {
            self.columns = append(rows, output, Some(own), &mut self.values)?;
            if output.data_type() != DataType::String {
                for value in &mut self.values[start..] {
                    *value = position(*value, own)? as f64;
                }
            }
            self.is_class = true;
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
        if let (false, true, Some(classes)) =
            (self.is_class, output.data_type().is_integer(), classes)
        {
            let labels = &self.values[start..];
            match numbers {
                [] => labels.iter().try_for_each(|label| position(*label, classes).map(drop))?,
                _ => {
                    let foreign = rows::foreign(labels, numbers);
                    foreign.map_or(Ok(0), |label| position(label, classes))?;
                }
            }
        }
        if let (true, Some(classes)) = (self.is_class, classes)
            && let Some(label) = self.values[start..]
                .iter()
                .find(|value| !(0.0..classes.len() as f64).contains(value))
        {
            let label = decimal::text(*label);
            return Err(Error::new(
                Code::EngineFailed,
                format!(
                    "The model gave the label {label}, which is no position among its {} classes.",
                    classes.len()
                ),
            )
            .with("got", label));
        }
        Ok(())
    }
}

fn output(outputs: &[Tensor], index: usize) -> Result<&Tensor> {
    outputs
        .get(index)
        .ok_or_else(|| Error::new(Code::EngineFailed, "The model gave fewer outputs than it has."))
}

/// The position of a label among those that the model was trained with. Some exporters squeeze
/// labels into 32 bits or floats, so that others come out.
fn position(label: f64, classes: &[Class]) -> Result<usize> {
    classes
        .iter()
        .position(|class| matches!(class, Class::Int(class) if *class as f64 == label))
        .ok_or_else(|| {
            let label = decimal::text(label);
            Error::new(
                Code::EngineFailed,
                format!("The model gave the label {label}, which is none of its classes. Train with smaller whole numbers as labels."),
            )
            .with("got", label)
        })
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

/// How many elements a row of an output has.
fn columns(rows: usize, output: &Tensor) -> Result<usize> {
    let count = output.data().len();
    // Some converters lay a column out as a row.
    let is_row = *output.dims() == [1, rows];
    if count.is_multiple_of(rows) && (rows == 1 || is_row || output.dims().first() == Some(&rows)) {
        return Ok(count / rows);
    }
    Err(Error::new(
        Code::EngineFailed,
        format!(
            "An output of shape {} has no row for each of the {rows} rows that went in. Use `run` with named tensors.",
            list(output.dims())
        ),
    )
    .with("expected", rows))
}

/// Appends an output's elements as doubles; answers how many a row has.
fn append(
    rows: usize,
    output: &Tensor,
    classes: Option<&[Class]>,
    out: &mut Vec<f64>,
) -> Result<usize> {
    let columns = columns(rows, output)?;
    match output.data() {
        Data::F16(values) => out.extend(values.iter().map(|bits| f16_to_f64(*bits))),
        Data::F32(values) => {
            let start = out.len();
            out.resize(start + values.len(), 0.0);
            rows::widen(values, &mut out[start..]);
        }
        Data::F64(values) => out.extend(values),
        Data::I8(values) => out.extend(values.iter().map(|value| f64::from(*value))),
        Data::I16(values) => out.extend(values.iter().map(|value| f64::from(*value))),
        Data::I32(values) => out.extend(values.iter().map(|value| f64::from(*value))),
        Data::U8(values) => out.extend(values.iter().map(|value| f64::from(*value))),
        Data::U16(values) => out.extend(values.iter().map(|value| f64::from(*value))),
        Data::U32(values) => out.extend(values.iter().map(|value| f64::from(*value))),
        Data::Bool(values) => out.extend(values.iter().map(|value| f64::from(u8::from(*value)))),
        Data::I64(values) => {
            let start = out.len();
            out.resize(start + values.len(), 0.0);
            let greatest = rows::from_whole(values, &mut out[start..]);
            exact(0.0, greatest)?;
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
    Ok(columns)
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

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: &Roles = &Roles { prediction: 0, probabilities: vec![] };

    fn floats(dims: &[usize]) -> [Tensor; 1] {
        let count = dims.iter().product();
        [Tensor::new(dims.to_vec(), Data::F32(vec![1.0; count])).unwrap()]
    }

    #[test]
    fn runs_of_one_call_give_rows_of_one_length() {
        let mut prediction = Prediction::default();
        prediction.clear();
        prediction.extend(1, &floats(&[1, 2]), VALUES, Labels::default()).unwrap();
        prediction.extend(1, &floats(&[1, 2]), VALUES, Labels::default()).unwrap();
        assert_eq!((prediction.values.len(), prediction.columns), (4, 2));
        let error = prediction.extend(1, &floats(&[1, 3]), VALUES, Labels::default()).unwrap_err();
        assert_eq!(error.code(), Code::EngineFailed);
    }

    #[test]
    fn a_label_is_one_of_the_classes() {
        let classes = [5, 3_000_000_001].map(Class::Int);
        let labels =
            Labels { classes: Some(&classes), renamed: None, numbers: &[5.0, 3_000_000_001.0] };
        let given = |label| [Tensor::new(vec![1], Data::I64(vec![label])).unwrap()];
        let mut prediction = Prediction::default();
        prediction.clear();
        prediction.extend(1, &given(3_000_000_001), VALUES, labels).unwrap();
        assert_eq!((prediction.is_class, prediction.values[0]), (false, 3_000_000_001.0));
        let error = prediction.extend(1, &given(-1_294_967_295), VALUES, labels).unwrap_err();
        assert_eq!(error.code(), Code::EngineFailed);
    }

    #[test]
    fn other_names_for_labels_go_by_the_files_own() {
        let own = [3, 1, 2].map(Class::Int);
        let names = ["c", "a", "b"].map(|name| Class::Text(name.to_owned()));
        let labels = Labels { classes: Some(&names), renamed: Some(&own), numbers: &[] };
        let given = |label| [Tensor::new(vec![1], Data::I64(vec![label])).unwrap()];
        let mut prediction = Prediction::default();
        prediction.clear();
        for label in [1, 2, 3] {
            prediction.extend(1, &given(label), VALUES, labels).unwrap();
        }
        assert!(prediction.is_class);
        assert_eq!(prediction.values, [1.0, 2.0, 0.0]);
        let error = prediction.extend(1, &given(0), VALUES, labels).unwrap_err();
        assert_eq!(error.code(), Code::EngineFailed);
    }
}
