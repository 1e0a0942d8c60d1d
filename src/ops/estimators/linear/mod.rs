//! `LinearClassifier` and `LinearRegressor` (ai.onnx.ml 1).

mod classifier;
mod regressor;

use std::borrow::Cow;

use predikt_kernels::linear::{NARROW, Scaling, scores, sparse_scores};

use super::input;
use crate::error::Result;
use crate::ops::sparse::{Change, Source, Sparse};
use crate::ops::{Attributes, Operator, failed, required, types};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "ai.onnx.ml",
        name: "LinearClassifier",
        versions: &[1],
        inputs: &[types::ML],
        build: classifier::build,
    },
    Operator {
        domain: "ai.onnx.ml",
        name: "LinearRegressor",
        versions: &[1],
        inputs: &[types::ML],
        build: regressor::build,
    },
];

/// `coefficients` and `intercepts`: one row of coefficients a score.
#[derive(Debug)]
struct Weights {
    coefficients: Vec<f32>,
    intercepts: Vec<f32>,
    /// What becomes of the features first.
    scaling: Scaling,
    /// What makes the features, where that is part of this.
    source: Option<Source>,
}

impl Weights {
    fn read(attributes: &mut Attributes) -> Result<Self> {
        Ok(Weights {
            coefficients: attributes.floats("coefficients")?.unwrap_or_default(),
            intercepts: attributes.floats("intercepts")?.unwrap_or_default(),
            scaling: Scaling::default(),
            source: None,
        })
    }

    /// Those intercepts that are missing for `count` scores are zero.
    fn fill(&mut self, count: usize) {
        let given = self.intercepts.len();
        self.intercepts.resize(given.max(count), 0.0);
    }

    /// Refuses features of another width than `count` scores have coefficients for.
    fn check(&self, count: usize, width: usize) -> Result<()> {
        if count.checked_mul(width) == Some(self.coefficients.len()) {
            return Ok(());
        }
        Err(failed(format!(
            "The model has {} coefficients for {count} scores, and the input has {width} columns.",
            self.coefficients.len()
        )))
    }

    /// Only a few columns are scaled on the way.
    fn begin_with(&mut self, change: &Change, width: usize) -> bool {
        let Change::Scale(scaling) = change else { return false };
        let begins =
            width <= NARROW && self.scaling.scale.is_empty() && self.intercepts.len() <= NARROW;
        if begins {
            self.scaling = scaling.clone();
        }
        begins
    }

    /// Whether rows may come without their zeros.
    fn reads_sparse(&self, width: usize) -> bool {
        width > NARROW && self.coefficients.iter().all(|coefficient| coefficient.is_finite())
    }

    /// The features, and how many rows of which width they are.
    fn features<'t>(&self, inputs: &[Option<&'t Tensor>]) -> Result<(Features<'t>, usize, usize)> {
        if let Some(source) = &self.source {
            let rows = source.rows(inputs)?;
            let (count, width) = (rows.ends.len(), rows.width);
            return Ok((Features::Sparse(rows), count, width));
        }
        let features = required(inputs, 0)?;
        let (rows, width) = input::shape(features)?;
        Ok((Features::Dense(input::singles(features.data())?), rows, width))
    }

    /// The `count` scores of each row of features, into the first places of `out`'s rows.
    fn scores(
        &self,
        features: &Features<'_>,
        width: usize,
        count: usize,
        out: &mut [f32],
        columns: usize,
    ) {
        let intercepts = self.intercepts.get(..count).unwrap_or_default();
        match features {
            Features::Dense(values) => {
                scores(values, width, &self.scaling, &self.coefficients, intercepts, out, columns);
            }
            Features::Sparse(rows) => {
                let mut start = 0;
                for (end, out) in rows.ends.iter().zip(out.chunks_mut(columns.max(1))) {
                    let (columns, values) = (&rows.columns[start..*end], &rows.values[start..*end]);
                    sparse_scores(columns, values, width, &self.coefficients, intercepts, out);
                    start = *end;
                }
            }
        }
    }
}

/// Rows of features.
enum Features<'t> {
    Dense(Cow<'t, [f32]>),
    Sparse(Sparse),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::ops::Attribute;
    use crate::ops::estimators::testing::{Named, close, floats, ints, run, strings, text};
    use crate::tensor::Data;

    fn rows() -> Data {
        Data::F32(vec![-1.0, 2.0, 0.3, 0.1, f32::NAN, 1.0])
    }

    fn classify(extra: Vec<Named>) -> Vec<Tensor> {
        run("LinearClassifier", 1, &extra, rows(), 2).unwrap()
    }

    /// Values from onnxruntime 1.31.1.
    #[test]
    fn a_single_score_for_two_classes() {
        let nan = f32::NAN;
        let model = |transform: &str| {
            vec![
                ("coefficients", floats(&[0.5, 0.25])),
                ("intercepts", floats(&[0.1])),
                ("classlabels_ints", ints(&[10, 20])),
                ("post_transform", text(transform)),
            ]
        };
        let plain = classify(model("NONE"));
        assert_eq!(plain[0].data(), &Data::I64(vec![20, 20, 10]));
        close(&plain[1], &[0.9, 0.1, 0.725, 0.275, nan, nan]);
        let logistic = classify(model("LOGISTIC"));
        close(&logistic[1], &[0.475_020_83, 0.524_979_2, 0.431_680_02, 0.568_32, nan, nan]);
        let mut unlabelled = model("LOGISTIC");
        unlabelled.remove(2);
        let unlabelled = classify(unlabelled);
        assert_eq!(unlabelled[0].data(), &Data::I64(vec![1, 1, 0]));
        close(&unlabelled[1], &[0.1, 0.275, nan]);
    }

    /// Values from onnxruntime 1.31.1.
    #[test]
    fn a_score_for_each_class() {
        let nan = f32::NAN;
        let model = classify(vec![
            ("coefficients", floats(&[0.5, 0.25, -0.5, -0.25, 0.0, 1.0])),
            ("intercepts", floats(&[0.1, -0.1, 0.0])),
            ("classlabels_strings", strings(&["a", "b", "c"])),
            ("multi_class", Attribute::Int(1)),
        ]);
        assert_eq!(model[0].data(), &Data::Str(["c", "a", "a"].map(String::from).to_vec()));
        close(&model[1], &[0.1, -0.1, 2.0, 0.275, -0.275, 0.1, nan, nan, nan]);
    }

    /// Values from onnxruntime 1.31.1.
    #[test]
    fn regression() {
        let model = |transform: &str, targets: i64, coefficients: &[f32], intercepts: &[f32]| {
            let attributes = vec![
                ("coefficients", floats(coefficients)),
                ("intercepts", floats(intercepts)),
                ("targets", Attribute::Int(targets)),
                ("post_transform", text(transform)),
            ];
            run("LinearRegressor", 1, &attributes, rows(), 2).map(|mut made| made.swap_remove(0))
        };
        let nan = f32::NAN;
        let one = model("LOGISTIC", 1, &[0.5, 0.25], &[0.1]).unwrap();
        close(&one, &[0.1, 0.275, nan]);
        let two = model("LOGISTIC", 2, &[0.5, 0.25, 0.1, 0.2], &[0.1, 0.2]).unwrap();
        close(&two, &[0.524_979_2, 0.622_459_3, 0.568_32, 0.562_176_47, nan, nan]);
        let code = |result: Result<Tensor>| result.unwrap_err().code();
        assert_eq!(code(model("NONE", 3, &[0.5, 0.25], &[])), Code::ModelInvalid);
        assert_eq!(code(model("NONE", 1, &[0.5, 0.25, 0.1], &[])), Code::EngineFailed);
        assert_eq!(code(model("NONE", 1, &[0.5, 0.25], &[1.0, 2.0])), Code::ModelInvalid);
        assert!(model("NONE", 2, &[0.5, 0.25, 0.1, 0.2], &[0.0]).is_ok());
    }
}
