//! Folders of cases: a model, its inputs, and what it must answer.
//!
//! `FOLDER/<case>/` holds `model.onnx`, `input_N.pb`, `output_N.pb` and `tolerance.json`, as
//! `tools/onnx_cases.py` writes them.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use predikt::engine::EngineKind;
use predikt::onnx::elements;
use predikt::{Code, Data, Limits, LoadOptions, Model, Tensor};

/// How a case came out.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
pub enum Outcome {
    Equal,
    Refused,
    Failed,
    Panicked,
    Wrong,
}

/// |got - wanted| <= max(atol, share * largest wanted) + rtol * |wanted|.
struct Tolerance {
    rtol: f64,
    atol: f64,
    share: Option<f64>,
}

fn read_tensors(case: &Path, prefix: &str) -> Vec<(String, Tensor)> {
    (0..)
        .map(|index| case.join(format!("{prefix}_{index}.pb")))
        .take_while(|path| path.exists())
        .map(|path| elements::read(&std::fs::read(path).unwrap(), &Limits::default()).unwrap())
        .collect()
}

fn run(case: &Path, engine: EngineKind) -> (Outcome, String) {
    let json = std::fs::read(case.join("tolerance.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let tolerance = Tolerance {
        rtol: json["rtol"].as_f64().unwrap(),
        atol: json["atol"].as_f64().unwrap(),
        share: json["share"].as_f64(),
    };
    let bytes = std::fs::read(case.join("model.onnx")).unwrap();
    let mut model = match Model::load(&bytes, LoadOptions { engine, ..LoadOptions::default() }) {
        Ok(model) => model,
        Err(error) if error.code() == Code::OpUnsupported => {
            return (Outcome::Refused, error.to_string());
        }
        Err(error) => return (Outcome::Failed, error.to_string()),
    };
    let outputs = match model.run(&read_tensors(case, "input")) {
        Ok(outputs) => outputs,
        Err(error) => return (Outcome::Failed, error.to_string()),
    };
    for ((name, got), (_, want)) in outputs.iter().zip(read_tensors(case, "output")) {
        if let Some(difference) = difference(got, &want, &tolerance) {
            return (Outcome::Wrong, format!("{name}: {difference}"));
        }
    }
    (Outcome::Equal, String::new())
}

fn doubles(data: &Data) -> Option<Vec<f64>> {
    Some(match data {
        Data::F32(values) => values.iter().map(|v| f64::from(*v)).collect(),
        Data::F64(values) => values.clone(),
        Data::F16(values) => values.iter().map(|v| half(*v)).collect(),
        _ => return None,
    })
}

fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from((bits >> 10) & 0x1f), f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => mantissa * (-24f64).exp2(),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * f64::from(exponent - 25).exp2(),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

fn difference(got: &Tensor, want: &Tensor, tolerance: &Tolerance) -> Option<String> {
    if got.data_type() != want.data_type() || got.dims() != want.dims() {
        return Some(format!(
            "{:?} {:?} instead of {:?} {:?}",
            got.data_type(),
            got.dims(),
            want.data_type(),
            want.dims()
        ));
    }
    let (Some(ours), Some(theirs)) = (doubles(got.data()), doubles(want.data())) else {
        return (got.data() != want.data()).then(|| "other elements".to_owned());
    };
    // Exponentials and tangents are approximated to a few units in the last place of the largest
    // element, which the bound of ONNX's own cases leaves no room for near zero.
    let largest = theirs.iter().filter(|v| v.is_finite()).fold(0.0f64, |max, v| max.max(v.abs()));
    let unit = if matches!(want.data(), Data::F16(_)) { 2e-3 } else { 5e-6 };
    let floor = tolerance.atol.max(tolerance.share.unwrap_or(unit) * largest);
    let far = |(a, b): &(&f64, &f64)| {
        !(a == b
            || (a.is_nan() && b.is_nan())
            || (**a - **b).abs() <= floor + tolerance.rtol * b.abs())
    };
    let count = ours.iter().zip(&theirs).filter(far).count();
    (count > 0).then(|| {
        let (a, b) = ours.iter().zip(&theirs).find(far).unwrap();
        format!("{count} of {} elements differ, the first: {a} instead of {b}", ours.len())
    })
}

/// The cases in the folders that a variable names, separated by colons; `None` where it is not set.
pub fn cases(variable: &str) -> Option<Vec<PathBuf>> {
    let Ok(folders) = std::env::var(variable) else {
        eprintln!("{variable} is not set: no cases to run. `make test` sets it.");
        return None;
    };
    let mut cases: Vec<PathBuf> = folders
        .split(':')
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    Some(cases)
}

/// Runs each case, prints how many came out how, and answers one line a case. The variable
/// `PREDIKT_ONNX_REPORT` names a file to write the lines to, with `what` as its extension's first half.
pub fn report(what: &str, cases: &[PathBuf], engine: EngineKind) -> Vec<String> {
    let mut table: BTreeMap<Outcome, usize> = BTreeMap::new();
    let mut report = vec![];
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let (outcome, why) = catch_unwind(AssertUnwindSafe(|| run(case, engine)))
            .unwrap_or_else(|_| (Outcome::Panicked, "a panic".to_owned()));
        *table.entry(outcome).or_default() += 1;
        report.push(format!("{outcome:?}\t{name}\t{why}"));
    }
    if let Some(path) = std::env::var_os("PREDIKT_ONNX_REPORT") {
        let path = PathBuf::from(path).with_extension(format!("{what}.tsv"));
        std::fs::write(path, report.join("\n")).unwrap();
    }
    eprintln!("Cases, {what}: {}, {table:?}", cases.len());
    report
}
