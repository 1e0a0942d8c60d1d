//! Models of scikit-learn, LightGBM, XGBoost and CatBoost answer as their trainers did
//! (`tests/fixtures/models/*/samples.json`, which `scripts/fixtures.sh` makes).
#![cfg(not(target_arch = "wasm32"))]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use predikt::engine::{EngineKind, compact};
use predikt::onnx::{self, Limits};
use predikt::{Class, Data, DataType, Dimension, LoadOptions, Model, Prediction, Tensor, Value};
use serde_json::Value as Json;

/// Numbers of rows that one loaded model is asked for, beside each row alone and all of them.
const BATCHES: [usize; 2] = [7, 1000];

struct Fixture {
    name: String,
    model: Vec<u8>,
    samples: Json,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/models")
}

fn json(path: &Path) -> Json {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn fixtures() -> Vec<Fixture> {
    let only = std::env::var("PREDIKT_FIXTURE").ok();
    json(&folder().join("index.json"))["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["name"].as_str().unwrap().to_owned())
        .filter(|name| only.as_ref().is_none_or(|only| name.contains(only)))
        .map(|name| {
            let folder = folder().join(&name);
            Fixture {
                model: std::fs::read(folder.join("model.onnx")).unwrap(),
                samples: json(&folder.join("samples.json")),
                name,
            }
        })
        .collect()
}

/// What went wrong: an answer that is not the trainer's, or none at all.
enum Fault {
    Wrong(String),
    Refused(String),
}

impl From<predikt::Error> for Fault {
    fn from(error: predikt::Error) -> Self {
        Fault::Refused(format!("{} {error}", error.code().as_str()))
    }
}

type Checked = Result<(), Fault>;

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Fault::Wrong(why())) }
}

/// `want` with the size of its column, to which small values are compared.
struct Wanted<'j> {
    values: Vec<&'j Json>,
    sizes: Vec<f64>,
    rtol: f64,
}

impl<'j> Wanted<'j> {
    fn new(values: Vec<&'j Json>, columns: usize, least: f64, rtol: f64) -> Self {
        let columns = columns.max(1);
        let mut sizes = vec![least; columns];
        for (index, value) in values.iter().enumerate() {
            let size = &mut sizes[index % columns];
            *size = size.max(value.as_f64().map_or(0.0, f64::abs));
        }
        Wanted { values, sizes, rtol }
    }

    fn columns(&self) -> usize {
        self.sizes.len()
    }

    /// Whether `got` is the value at `index`; numbers that are no labels within the tolerance.
    fn is(&self, index: usize, got: f64, exact: bool) -> bool {
        let want = self.values[index].as_f64().unwrap_or(f64::NAN);
        let size = self.sizes[index % self.sizes.len()].max(want.abs());
        got == want
            || (got.is_nan() && want.is_nan())
            || (!exact && (got - want).abs() <= self.rtol * size)
    }
}

fn flat(rows: &Json) -> Vec<&Json> {
    rows.as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().map_or(vec![row], |row| row.iter().collect()))
        .collect()
}

/// Rows in the model's order of columns.
fn features(model: &Model, samples: &Json) -> Vec<Vec<Value>> {
    let value = |json: &Json| match json {
        Json::String(text) => Value::Text(text.clone()),
        Json::Null => Value::Missing,
        number => Value::Number(number.as_f64().unwrap()),
    };
    samples["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| match row {
            Json::Object(record) => model
                .signature()
                .features
                .as_ref()
                .expect("a model of columns names them")
                .iter()
                .map(|name| record.get(name).map_or(Value::Number(0.0), value))
                .collect(),
            row => row.as_array().unwrap().iter().map(value).collect(),
        })
        .collect()
}

fn predict(model: &mut Model, rows: &[&Vec<Value>]) -> predikt::Result<Prediction> {
    let values: Vec<Value> = rows.iter().flat_map(|row| row.iter().cloned()).collect();
    let numbers: Option<Vec<f64>> = values
        .iter()
        .map(|value| match value {
            Value::Number(number) => Some(*number),
            _ => None,
        })
        .collect();
    Ok(match numbers {
        Some(numbers) => model.predict(&numbers)?.clone(),
        None => model.predict_values(&values)?.clone(),
    })
}

/// Compares the answer to `rows`, which are positions in the samples.
fn compare(
    answer: &Prediction,
    rows: &[usize],
    classes: Option<&[Class]>,
    prediction: &Wanted<'_>,
    probabilities: Option<&Wanted<'_>>,
) -> Checked {
    let columns = prediction.columns();
    ensure(answer.columns == columns, || format!("{} columns, not {columns}", answer.columns))?;
    let labels = probabilities.is_some();
    for (at, row) in rows.iter().enumerate() {
        for column in 0..columns {
            let (at, index) = (at * columns + column, row * columns + column);
            let want = prediction.values[index];
            let number = answer.values.get(at).copied();
            let (same, got) = if !answer.texts.is_empty() {
                let got = answer.texts.get(at).cloned().unwrap_or_default();
                (want.as_str() == Some(&*got), got)
            } else if let (true, Some(classes), Some(position)) = (answer.is_class, classes, number)
            {
                match &classes[position as usize] {
                    Class::Text(text) => (want.as_str() == Some(text), text.clone()),
                    Class::Int(label) => (want.as_i64() == Some(*label), label.to_string()),
                }
            } else {
                let got = number.unwrap_or(f64::NAN);
                (number.is_some() && prediction.is(index, got, labels), got.to_string())
            };
            ensure(same, || format!("row {row} of {} predicts {got}, not {want}", rows.len()))?;
        }
    }
    let Some(wanted) = probabilities else { return Ok(()) };
    let width = wanted.columns();
    ensure(answer.classes == width, || format!("{} probabilities, not {width}", answer.classes))?;
    for (at, row) in rows.iter().enumerate() {
        for class in 0..width {
            let got = answer.probabilities[at * width + class];
            let index = row * width + class;
            ensure(wanted.is(index, got, false), || {
                let want = wanted.values[index];
                format!("row {row} of {} has the probability {got}, not {want}", rows.len())
            })?;
        }
    }
    Ok(())
}

fn check_predict(model: &mut Model, samples: &Json, rows: &[Vec<Value>]) -> Checked {
    let rtol = samples["rtol"].as_f64().unwrap();
    let values = flat(&samples["prediction"]);
    let columns = values.len() / rows.len();
    let prediction = Wanted::new(values, columns, 0.0, rtol);
    let probabilities = samples.get("probabilities").map(|probabilities| {
        let values = flat(probabilities);
        let columns = values.len() / rows.len();
        Wanted::new(values, columns, 1.0, rtol)
    });
    let classes = model.signature().classes.clone();
    if let (Some(want), Some(_)) = (samples.get("classes"), &probabilities) {
        let got = serde_json::to_value(&classes).unwrap();
        ensure(got == *want, || format!("the classes are {got}, not {want}"))?;
    }
    let alone = (0..rows.len()).map(|row| vec![row]);
    let cycled = BATCHES.map(|count| (0..count).map(|row| row % rows.len()).collect());
    for batch in alone.chain([(0..rows.len()).collect()]).chain(cycled) {
        let asked: Vec<&Vec<Value>> = batch.iter().map(|row| &rows[*row]).collect();
        let answer = predict(model, &asked)?;
        compare(&answer, &batch, classes.as_deref(), &prediction, probabilities.as_ref())?;
    }
    Ok(())
}

/// The inputs as tensors of the types that the signature declares.
fn feeds(model: &Model, rows: &[Vec<Value>]) -> predikt::Result<Vec<(String, Tensor)>> {
    let layout = model.layout()?;
    let mut first = 0;
    let mut feeds = vec![];
    for (slot, input) in model.signature().inputs.iter().zip(&layout.inputs) {
        let width = input.width.unwrap_or(rows[0].len());
        let values = rows.iter().flat_map(|row| &row[first..first + width]);
        let numbers = values.clone().map(|value| match value {
            Value::Number(number) => *number,
            _ => f64::NAN,
        });
        let data = match slot.data_type {
            DataType::Float32 => Data::F32(numbers.map(|value| value as f32).collect()),
            DataType::Float64 => Data::F64(numbers.collect()),
            DataType::Int64 => Data::I64(numbers.map(|value| value as i64).collect()),
            DataType::Bool => Data::Bool(numbers.map(|value| value != 0.0).collect()),
            DataType::String => Data::Str(
                values
                    .map(|value| match value {
                        Value::Text(text) => text.clone(),
                        _ => String::new(),
                    })
                    .collect(),
            ),
            other => panic!("no fixture has an input of {other:?}"),
        };
        let rank = slot.shape.as_ref().map_or(2, Vec::<Dimension>::len);
        let dims = if rank == 1 { vec![rows.len()] } else { vec![rows.len(), width] };
        feeds.push((slot.name.clone(), Tensor::new(dims, data)?));
        first += width;
    }
    Ok(feeds)
}

fn check_run(model: &mut Model, samples: &Json, rows: &[Vec<Value>]) -> Checked {
    let rtol = samples["rtol"].as_f64().unwrap();
    let outputs = model.run(&feeds(model, rows)?)?;
    for (name, want) in samples["outputs"].as_object().unwrap() {
        let Some((_, got)) = outputs.iter().find(|(own, _)| own == name) else {
            return Err(Fault::Wrong(format!("no output `{name}`")));
        };
        let dims: Vec<usize> = serde_json::from_value(want["dims"].clone()).unwrap();
        let kind: DataType = serde_json::from_value(want["type"].clone()).unwrap();
        ensure(got.dims() == dims && got.data_type() == kind, || {
            format!("`{name}` is {:?} {:?}, not {kind:?} {dims:?}", got.data_type(), got.dims())
        })?;
        let columns = if dims.len() > 1 { dims[dims.len() - 1] } else { 1 };
        let wanted = Wanted::new(flat(&want["data"]), columns, scale(samples, kind), rtol);
        check_tensor(name, got.data(), &wanted)?;
    }
    Ok(())
}

/// Probabilities are compared to one, whatever the largest among them is.
fn scale(samples: &Json, kind: DataType) -> f64 {
    if kind.is_float() && samples.get("probabilities").is_some() { 1.0 } else { 0.0 }
}

fn check_tensor(name: &str, data: &Data, wanted: &Wanted<'_>) -> Checked {
    let numbers: Vec<f64> = match data {
        Data::F32(values) => values.iter().map(|value| f64::from(*value)).collect(),
        Data::F64(values) => values.clone(),
        Data::I64(values) => values.iter().map(|value| *value as f64).collect(),
        Data::I32(values) => values.iter().map(|value| f64::from(*value)).collect(),
        Data::Bool(values) => values.iter().map(|value| f64::from(u8::from(*value))).collect(),
        Data::Str(values) => {
            let same = values.iter().zip(&wanted.values).all(|(a, b)| Some(&**a) == b.as_str());
            return ensure(same, || format!("`{name}` has other texts"));
        }
        other => panic!("no fixture has an output of {:?}", other.data_type()),
    };
    let exact = !data.data_type().is_float();
    for (index, got) in numbers.iter().enumerate() {
        ensure(wanted.is(index, *got, exact), || {
            format!("`{name}` has {got} at {index}, not {}", wanted.values[index])
        })?;
    }
    Ok(())
}

fn check(fixture: &Fixture, engine: EngineKind) -> Checked {
    let options = LoadOptions { engine, ..LoadOptions::default() };
    let mut model = Model::load(&fixture.model, options)?;
    let rows = features(&model, &fixture.samples);
    check_run(&mut model, &fixture.samples, &rows)?;
    check_predict(&mut model, &fixture.samples, &rows)
}

/// Checks all, prints the table and what is not equal; answers (wrong, refused).
fn table(engine: EngineKind) -> (usize, usize) {
    let fixtures = fixtures();
    let (mut wrong, mut refused) = (vec![], vec![]);
    for fixture in &fixtures {
        match catch_unwind(AssertUnwindSafe(|| check(fixture, engine))) {
            Ok(Ok(())) => {}
            Ok(Err(Fault::Wrong(why))) => wrong.push(format!("wrong   {}: {why}", fixture.name)),
            Ok(Err(Fault::Refused(why))) => {
                refused.push(format!("refused {}: {why}", fixture.name))
            }
            Err(panic) => {
                let why = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                wrong.push(format!("panic   {}: {why}", fixture.name));
            }
        }
    }
    for line in wrong.iter().chain(&refused) {
        eprintln!("{line}");
    }
    eprintln!(
        "{engine:?}: models {}, equal {}, wrong {}, refused {}",
        fixtures.len(),
        fixtures.len() - wrong.len() - refused.len(),
        wrong.len(),
        refused.len()
    );
    (wrong.len(), refused.len())
}

/// How many models have operators or functions that this build leaves to a larger one.
fn lacking() -> usize {
    let runs = |fixture: &&Fixture| {
        let read = onnx::read(&fixture.model, &Limits::default());
        read.is_ok_and(|checked| compact::has_operators(&checked))
    };
    let fixtures = fixtures();
    fixtures.len() - fixtures.iter().filter(runs).count()
}

#[test]
fn every_model_equals_its_trainer() {
    assert_eq!(table(EngineKind::Auto), (0, lacking()));
}

#[test]
fn every_model_equals_its_trainer_on_the_compact_engine() {
    assert_eq!(table(EngineKind::Compact), (0, lacking()));
}

#[cfg(feature = "extra")]
#[test]
fn every_model_has_operators_of_our_own() {
    assert_eq!(lacking(), 0);
}

/// tract refuses many of these; what it does not refuse is equal.
#[cfg(feature = "tract")]
#[test]
fn what_tract_takes_equals_its_trainer() {
    let (wrong, _) = table(EngineKind::Tract);
    assert_eq!(wrong, 0);
}

#[test]
fn the_index_lists_what_is_there() {
    let index = json(&folder().join("index.json"));
    let listed: Vec<&str> = index["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["name"].as_str().unwrap())
        .collect();
    let mut found: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(listed, found);
    assert!(listed.len() >= 600, "only {} models", listed.len());
    for entry in index["models"].as_array().unwrap() {
        let path = folder().join(entry["name"].as_str().unwrap()).join("model.onnx");
        assert_eq!(std::fs::metadata(&path).unwrap().len(), entry["bytes"], "{}", path.display());
    }
}
