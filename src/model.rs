//! [`Model`]: load, signature, predict, run.

use serde::Deserialize;

use crate::engine::{self, Engine, EngineKind, Feed, missing};
use crate::error::{Code, Error, Result, list};
use crate::features::{self, Labels, Layout, Prediction, RowBuffer, Value};
use crate::few::Few;
use crate::manifest::Golden;
use crate::onnx::{self, Class, Limits, Roles, Signature};
use crate::tensor::{Data, Tensor};

/// How a model is loaded. All fields have defaults.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct LoadOptions {
    /// What an untrusted file may ask for.
    pub limits: Limits,
    /// Which engine runs the model.
    pub engine: EngineKind,
    /// How many compiled plans are kept, one for each set of input shapes. Default 8.
    pub plan_cache: Option<usize>,
    /// Class labels, in the order of the probabilities: instead of the file's own, one for each, or
    /// to make a classifier of a network that gives one probability a class.
    pub classes: Option<Vec<Class>>,
    /// Names of the columns of a row.
    pub features: Option<Vec<String>>,
}

/// How many values one call takes: 512 MiB of doubles, which fits wherever a model does.
const MAX_VALUES: usize = 1 << 26;

/// A loaded model.
///
/// ```
/// # fn main() -> predikt::Result<()> {
/// let bytes = include_bytes!("../models/iris/1/model.onnx");
/// let mut model = predikt::Model::load(bytes, Default::default())?;
/// let answer = model.predict(&[5.1, 3.5, 1.4, 0.2])?;
/// assert_eq!(answer.values, [0.0]);
/// # Ok(())
/// # }
/// ```
pub struct Model {
    signature: Signature,
    roles: Roles,
    /// The file's own labels, where the caller gave other ones for them.
    renamed: Option<Vec<Class>>,
    layout: Result<Layout>,
    engine: Box<dyn Engine>,
    buffers: Vec<RowBuffer>,
    capacity: usize,
    outputs: Vec<Tensor>,
    prediction: Prediction,
    /// For each input the operator that would choose on a missing value.
    chooses: Vec<Option<String>>,
    /// The signature's classes, where they are whole numbers.
    numbers: Vec<f64>,
}

impl Model {
    /// Loads an ONNX file that is wholly in memory.
    ///
    /// # Errors
    /// `MODEL_TOO_LARGE`, `MODEL_INVALID`, `LIMIT_EXCEEDED`, `OP_UNSUPPORTED`, `OPTIONS_INVALID`,
    /// `ENGINE_UNSUPPORTED` or `ENGINE_FAILED`; the message says which part and what to do.
    pub fn load(bytes: &[u8], options: LoadOptions) -> Result<Self> {
        let mut checked = onnx::read(bytes, &options.limits)?;
        let renamed = match options.classes {
            Some(classes) => name_classes(classes, &mut checked.signature, &mut checked.roles)?,
            None => None,
        };
        let mut layout = Layout::new(&checked.signature);
        if let Ok(layout) = &mut layout {
            layout.sparse = checked.dictionary.is_some();
        }
        let names = options.features.or(checked.dictionary.take());
        checked.signature.features = features::feature_names(names, layout.as_ref().ok())?;
        let signature = checked.signature.clone();
        let roles = checked.roles.clone();
        let chooses = missing::choosing_operators(&checked.model, &signature.inputs);
        let engine = engine::load(checked, options.engine, options.limits, options.plan_cache)?;
        let numbers = features::whole_numbers(signature.classes.as_deref());
        let buffers = signature.inputs.iter().map(|_| RowBuffer::default()).collect();
        Ok(Model {
            signature,
            roles,
            renamed,
            layout,
            engine,
            buffers,
            capacity: 0,
            outputs: vec![],
            prediction: Prediction::default(),
            chooses,
            numbers,
        })
    }

    /// What the model takes and gives.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// How the inputs take rows.
    ///
    /// # Errors
    /// `INPUT_SHAPE` where the model can only be [`run`](Self::run).
    pub fn layout(&self) -> Result<&Layout> {
        self.layout.as_ref().map_err(Clone::clone)
    }

    /// Predicts rows × width numbers, flat and row-major.
    ///
    /// # Errors
    /// `INPUT_TYPE` where the model takes texts too, `INPUT_SHAPE` where the length is no multiple
    /// of a row's, and whatever [`predict_reserved`](Self::predict_reserved) can fail with.
    pub fn predict(&mut self, features: &[f64]) -> Result<&Prediction> {
        let (rows, width) = self.rows(features.len())?;
        self.reserve(rows, width)?;
        let mut first = 0;
        for (index, buffer) in self.buffers.iter_mut().enumerate() {
            let own = buffer.width;
            for (row, values) in features.chunks_exact(width).enumerate() {
                let values = &values[first..first + own];
                match buffer.data() {
                    Some(Data::F32(target)) => {
                        for (slot, value) in target[row * own..].iter_mut().zip(values) {
                            *slot = *value as f32;
                        }
                    }
                    Some(Data::F64(target)) => target[row * own..][..own].copy_from_slice(values),
                    _ => {
                        let name = &self.signature.inputs[index].name;
                        return Err(Error::new(
                            Code::InputType,
                            format!("The input `{name}` takes texts: use `predict_values`."),
                        )
                        .with("input", &**name));
                    }
                }
            }
            first += own;
        }
        self.predict_reserved(rows)
    }

    /// Predicts rows × width numbers, texts and missing values, flat and row-major.
    ///
    /// # Errors
    /// `INPUT_TYPE` where a value does not fit its input, and as [`predict`](Self::predict).
    pub fn predict_values(&mut self, features: &[Value]) -> Result<&Prediction> {
        let (rows, width) = self.rows(features.len())?;
        self.reserve(rows, width)?;
        let layout = self.layout.as_ref().map_err(Clone::clone)?;
        let mut first = 0;
        for (buffer, input) in self.buffers.iter_mut().zip(&layout.inputs) {
            let own = buffer.width;
            if let Some(data) = buffer.data() {
                for (row, values) in features.chunks_exact(width).enumerate() {
                    features::write(input, data, row, &values[first..first + own])?;
                }
            }
            first += own;
        }
        self.predict_reserved(rows)
    }

    /// How many rows of which width so many values are.
    fn rows(&self, values: usize) -> Result<(usize, usize)> {
        let width = self.layout.as_ref().map_err(Clone::clone)?.width.unwrap_or(values);
        if values == 0 {
            return Err(Error::new(
                Code::InputShape,
                "There are no values to predict from: pass at least one row.",
            )
            .with("got", 0usize));
        }
        if width == 0 || !values.is_multiple_of(width) {
            return Err(Error::new(
                Code::InputShape,
                format!("This model takes {width} values a row, and {values} values are no whole number of rows."),
            )
            .with("expected", width)
            .with("got", values));
        }
        Ok((values / width, width))
    }

    /// Makes room for `rows` rows of `width` values. Room is kept until a later call changes it;
    /// what was written before may be lost.
    ///
    /// # Errors
    /// `INPUT_SHAPE` where the model takes rows of another width, or as [`layout`](Self::layout);
    /// `LIMIT_EXCEEDED` where the rows would not fit memory.
    pub fn reserve(&mut self, rows: usize, width: usize) -> Result<()> {
        let layout = self.layout.as_ref().map_err(Clone::clone)?;
        layout.check_width(width)?;
        if width == 0 {
            return Err(
                Error::new(Code::InputShape, "A row needs at least one value.").with("got", 0usize)
            );
        }
        if rows.checked_mul(width).is_none_or(|values| values > MAX_VALUES) {
            return Err(Error::new(
                Code::LimitExceeded,
                format!("{rows} rows of {width} values are more than one call takes. Pass fewer rows at a time."),
            )
            .with("got", rows));
        }
        for (buffer, input) in self.buffers.iter_mut().zip(&layout.inputs) {
            buffer.reserve(input.buffer, rows, input.width.unwrap_or(width));
        }
        self.capacity = rows;
        Ok(())
    }

    /// The reserved values of an input, rows × width, row-major: `F32`, `F64` or `Str` as
    /// [`layout`](Self::layout) says.
    pub fn buffer(&mut self, input: usize) -> Option<&mut Data> {
        self.buffers.get_mut(input)?.data()
    }

    /// Predicts the first `rows` of the reserved rows.
    ///
    /// # Errors
    /// `INPUT_SHAPE` for more rows than reserved, for none, or where a fixed batch does not divide
    /// them; `INPUT_TYPE` for a value that an integer input cannot take; `INPUT_NOT_FINITE` for a
    /// missing value (NaN) on which the model would choose all the same; `LIMIT_EXCEEDED` and
    /// `ENGINE_FAILED` from the engine.
    pub fn predict_reserved(&mut self, rows: usize) -> Result<&Prediction> {
        let layout = self.layout.as_ref().map_err(Clone::clone)?;
        if rows > self.capacity {
            return Err(no_room(self.capacity, rows));
        }
        let step = layout.rows_a_run(rows)?;
        for ((buffer, input), index) in self.buffers.iter_mut().zip(&layout.inputs).zip(0..) {
            if let Some(held) = &buffer.held
                && held.data_type() != input.data_type
            {
                features::cast(input, held.data(), rows * buffer.width, &mut buffer.cast)?;
            }
            buffer.shape(layout, index, step);
        }
        self.prediction.clear();
        for first in (0..rows).step_by(step) {
            let feeds = self.buffers.iter().map(|buffer| buffer.feed(first));
            let feeds: Few<Feed<'_>, 4> = Few::new(Feed::NONE, feeds);
            missing::check(&feeds, &self.chooses)?;
            self.engine.run_into(&feeds, &mut self.outputs)?;
            let labels = Labels {
                classes: self.signature.classes.as_deref(),
                renamed: self.renamed.as_deref(),
                numbers: &self.numbers,
            };
            self.prediction.extend(step, &self.outputs, &self.roles, labels)?;
        }
        Ok(&self.prediction)
    }

    /// The last answer of [`predict_reserved`](Self::predict_reserved).
    pub fn prediction(&self) -> &Prediction {
        &self.prediction
    }

    /// Runs the graph on named tensors; answers its outputs in the signature's order.
    ///
    /// # Errors
    /// `INPUT_MISSING`, `INPUT_UNKNOWN`, `INPUT_TYPE` and `INPUT_SHAPE` where the tensors do not
    /// fit the signature; `LIMIT_EXCEEDED` and `ENGINE_FAILED` from the engine.
    pub fn run(&mut self, feeds: &[(String, Tensor)]) -> Result<Vec<(String, Tensor)>> {
        for (name, _) in feeds {
            if !self.signature.inputs.iter().any(|slot| slot.name == *name) {
                return Err(self.unknown_input(name));
            }
        }
        let mut ordered = vec![];
        for slot in &self.signature.inputs {
            let Some((_, tensor)) = feeds.iter().find(|(name, _)| *name == slot.name) else {
                return Err(Error::new(
                    Code::InputMissing,
                    format!("The input `{}` is missing: pass a tensor of that name.", slot.name),
                )
                .with("name", &*slot.name));
            };
            check_tensor(slot, tensor)?;
            ordered.push(Feed::from(tensor));
        }
        let outputs = self.engine.run(&ordered)?;
        Ok(self.signature.outputs.iter().map(|slot| slot.name.clone()).zip(outputs).collect())
    }

    fn unknown_input(&self, name: &str) -> Error {
        let names: Vec<String> =
            self.signature.inputs.iter().map(|slot| slot.name.clone()).collect();
        Error::new(
            Code::InputUnknown,
            format!("The model has no input `{name}`; its inputs are: {}.", names.join(", ")),
        )
        .with("name", name)
        .with("expected", names)
    }

    /// Replays golden samples and compares what comes out with what the trainer recorded.
    ///
    /// # Errors
    /// `SELF_TEST_FAILED` on the first difference beyond the samples' tolerance, and whatever
    /// [`predict`](Self::predict) can fail with.
    pub fn self_test(&mut self, golden: &Golden) -> Result<()> {
        let rows = golden.rows()?;
        let classes = self.signature.classes.clone();
        let answer = self.predict_values(&rows)?;
        golden.compare(answer, classes.as_deref())
    }
}

#[cold]
fn no_room(expected: usize, got: usize) -> Error {
    let message = format!("Room was made for {expected} rows, and {got} are to be predicted.");
    Error::new(Code::InputShape, message).with("expected", expected).with("got", got)
}

/// Makes `classes` the model's own, and answers the file's where it has others. A network without a label output becomes a classifier: its
/// only output of shape rows × classes holds the probabilities.
fn name_classes(
    classes: Vec<Class>,
    signature: &mut Signature,
    roles: &mut Roles,
) -> Result<Option<Vec<Class>>> {
    if roles.probabilities.is_empty() && signature.outputs.len() == 1 {
        let output = &signature.outputs[0];
        let rank = output.shape.as_ref().map_or(2, Vec::len);
        if output.data_type.is_float() && rank == 2 {
            *roles = Roles { prediction: 0, probabilities: vec![0] };
        }
    }
    features::check_classes(&classes, signature, roles)?;
    let own = signature.classes.replace(classes);
    Ok(own.filter(|own| signature.classes.as_ref() != Some(own)))
}

/// A tensor must have the type and the fixed dimensions that the signature declares.
fn check_tensor(slot: &onnx::Slot, tensor: &Tensor) -> Result<()> {
    if tensor.data_type() != slot.data_type {
        return Err(Error::new(
            Code::InputType,
            format!(
                "The input `{}` takes {}, and got {}.",
                slot.name,
                slot.data_type.name(),
                tensor.data_type().name()
            ),
        )
        .with("name", &*slot.name)
        .with("expected", slot.data_type.name())
        .with("got", tensor.data_type().name()));
    }
    let Some(shape) = &slot.shape else { return Ok(()) };
    let fits = shape.len() == tensor.dims().len()
        && shape
            .iter()
            .zip(tensor.dims())
            .all(|(declared, dim)| declared.fixed().is_none_or(|length| length == *dim as u64));
    if fits {
        return Ok(());
    }
    let expected: Vec<String> = shape
        .iter()
        .map(|dim| match dim {
            onnx::Dimension::Fixed(length) => length.to_string(),
            onnx::Dimension::Named(name) => name.clone(),
            onnx::Dimension::Free(()) => "?".to_owned(),
        })
        .collect();
    Err(Error::new(
        Code::InputShape,
        format!(
            "The input `{}` takes the shape [{}], and got {}.",
            slot.name,
            expected.join(", "),
            list(tensor.dims())
        ),
    )
    .with("name", &*slot.name)
    .with("expected", expected)
    .with("got", tensor.dims().iter().map(ToString::to_string).collect::<Vec<_>>()))
}
