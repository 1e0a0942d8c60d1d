//! `SVMClassifier` (ai.onnx.ml 1): support vectors, one decision a pair of classes, or a linear
//! model with one score a class.

use predikt_kernels::svm::weigh;

use super::coupling;
use super::machine::{Machine, ROWS};
use crate::error::Result;
use crate::ops::estimators::input;
use crate::ops::estimators::labels::{Labels, top};
use crate::ops::estimators::post_transform::PostTransform;
use crate::ops::{Definition, Dim, Fact, Kernel, fresh, invalid, made, required, shape};
use crate::tensor::{DataType, Tensor};

#[derive(Debug)]
struct SvmClassifier {
    machine: Machine,
    labels: Labels,
    model: Model,
    rho: Vec<f32>,
    post_transform: PostTransform,
}

#[derive(Debug)]
enum Model {
    /// `rho[0]` is added to one score a class.
    Linear {
        /// Whether no coefficient is below zero.
        positive: bool,
    },
    /// Each pair of classes is decided between, and the winners have a vote.
    Pairs {
        /// Where each class's support vectors begin, and where the last one's end.
        starts: Vec<usize>,
        /// For all classes but one, a coefficient for each support vector.
        coefficients: Vec<f32>,
        /// Platt's a and b of each pair, if there are probabilities.
        platt: Option<(Vec<f32>, Vec<f32>)>,
    },
}

pub fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let labels = Labels::read(attributes, "classlabels_ints")?;
    let post_transform = PostTransform::read(attributes)?;
    let starts = starts(&attributes.ints("vectors_per_class")?.unwrap_or_default())?;
    let mut floats = |name: &str| Ok(attributes.floats(name)?.unwrap_or_default());
    let (rho, coefficients) = (floats("rho")?, floats("coefficients")?);
    let (a, b) = (floats("prob_a")?, floats("prob_b")?);
    let classes = labels.len();
    if classes == 0 {
        return Err(invalid("The classifier has no class labels."));
    }
    let vectors = starts.last().copied().unwrap_or_default();
    let machine = Machine::read(attributes, vectors, &coefficients, classes)?;
    let model = if vectors == 0 {
        if rho.is_empty() {
            return Err(invalid("The classifier has no `rho`."));
        }
        Model::Linear { positive: coefficients.iter().all(|coefficient| *coefficient >= 0.0) }
    } else {
        let pairs = classes.saturating_mul(classes - 1) / 2;
        let fits = classes > 1
            && starts.len() == classes + 1
            && Some(coefficients.len()) == vectors.checked_mul(classes - 1)
            && rho.len() == pairs
            && a.len() == b.len()
            && (a.is_empty() || a.len() == pairs);
        if !fits {
            return Err(invalid(format!(
                "The classifier's lists do not fit {classes} classes and {vectors} support vectors."
            )));
        }
        Model::Pairs { starts, coefficients, platt: (!a.is_empty()).then_some((a, b)) }
    };
    Ok(Box::new(SvmClassifier { machine, labels, model, rho, post_transform }))
}

/// Where each class's support vectors begin, and where the last one's end.
fn starts(counts: &[i64]) -> Result<Vec<usize>> {
    let mut starts = vec![0usize];
    let mut end = 0usize;
    for count in counts {
        end = usize::try_from(*count)
            .ok()
            .and_then(|count| end.checked_add(count))
            .ok_or_else(|| invalid(format!("A class has {count} support vectors.")))?;
        starts.push(end);
    }
    Ok(starts)
}

impl SvmClassifier {
    /// Scores that are given out for each row.
    fn columns(&self) -> usize {
        match &self.model {
            Model::Pairs { platt: None, .. } if self.labels.len() > 2 => self.rho.len(),
            _ => self.labels.len(),
        }
    }

    /// One row's label by number, and its scores.
    fn answer(&self, compared: &[f32], buffers: &mut Buffers, out: &mut [f32]) -> usize {
        let class = match &self.model {
            Model::Linear { positive } => {
                write(out, compared);
                out.iter_mut().for_each(|score| *score += self.rho[0]);
                linear_label(out, *positive)
            }
            Model::Pairs { starts, coefficients, platt } => {
                let class = buffers.decide(compared, starts, coefficients, &self.rho);
                match platt {
                    Some((a, b)) => buffers.couple(a, b, out),
                    None if self.labels.len() == 2 => {
                        let plain = self.post_transform == PostTransform::None;
                        let whole = if plain { 0.0 } else { 1.0 };
                        write(out, &self.post_transform.two_classes(buffers.decisions[0], whole));
                        return class;
                    }
                    None => write(out, &buffers.decisions),
                }
                class
            }
        };
        self.post_transform.apply(out);
        class
    }
}

fn write(out: &mut [f32], scores: &[f32]) {
    out.iter_mut().zip(scores).for_each(|(out, score)| *out = *score);
}

/// The label of a linear model's scores. Of two classes onnxruntime takes the second as soon as
/// the greater score is above zero, or one half where no coefficient is below zero.
fn linear_label(scores: &[f32], positive: bool) -> usize {
    let best = top(scores);
    match scores {
        [_, _] if positive && scores[best] >= 0.5 => 1,
        [_, _] if !positive && scores[best] > 0.0 => 1,
        _ => best,
    }
}

/// What is used again for each row.
#[derive(Default)]
struct Buffers {
    /// One a pair of classes: above zero for the first.
    decisions: Vec<f32>,
    /// One a class.
    votes: Vec<f32>,
    /// How probable each class is against each other one.
    pairs: Vec<f32>,
}

impl Buffers {
    /// Decides between each two classes, and answers the class with the most votes.
    fn decide(
        &mut self,
        compared: &[f32],
        starts: &[usize],
        coefficients: &[f32],
        rho: &[f32],
    ) -> usize {
        let classes = starts.len() - 1;
        let product = |row: usize, class: usize| -> f64 {
            let (from, to) = (starts[class], starts[class + 1]);
            let row = row * starts[classes];
            weigh(&coefficients[row + from..row + to], &compared[from..to])
        };
        self.decisions.clear();
        self.votes.clear();
        self.votes.resize(classes, 0.0);
        for i in 0..classes {
            for j in i + 1..classes {
                let rho = f64::from(rho[self.decisions.len()]);
                let sum = product(j - 1, i) + product(i, j) + rho;
                self.decisions.push(sum as f32);
                self.votes[if sum > 0.0 { i } else { j }] += 1.0;
            }
        }
        top(&self.votes)
    }

    /// Writes probabilities of the classes from the decisions.
    fn couple(&mut self, a: &[f32], b: &[f32], out: &mut [f32]) {
        let classes = self.votes.len();
        self.pairs.clear();
        self.pairs.resize(classes * classes, 0.0);
        let mut decisions = self.decisions.iter().zip(a).zip(b);
        for i in 0..classes {
            for (j, ((decision, a), b)) in (i + 1..classes).zip(&mut decisions) {
                let probability = coupling::pair(*decision, *a, *b);
                self.pairs[i * classes + j] = probability;
                self.pairs[j * classes + i] = 1.0 - probability;
            }
        }
        coupling::classes(&self.pairs, classes, out);
    }
}

impl Kernel for SvmClassifier {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let rows = input::row_count(required(inputs, 0)?)?;
        Ok(vec![
            Fact::new(self.labels.data_type(), vec![rows]),
            Fact::new(DataType::Float32, vec![rows, Dim::Known(self.columns())]),
        ])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 2)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let features = required(inputs, 0)?;
        let (rows, width) = self.machine.shape(features)?;
        let columns = self.columns();
        let [labels, out, ..] = outputs else { return made(outputs, 1).map(drop) };
        shape::elements(&[rows, columns])?;
        let values = input::singles(features.data())?;
        self.labels.fit(rows)?;
        let labels = labels.reuse(self.labels.data_type(), &[rows]);
        let mut out = out.reuse_f32(&[rows, columns]).chunks_mut(columns.max(1)).enumerate();
        let mut buffers = Buffers::default();
        let stride = self.machine.stride();
        let mut compared = vec![0.0; stride * ROWS.min(rows)];
        for first in (0..rows).step_by(ROWS) {
            let features = values.get(first * width..(first + ROWS).min(rows) * width);
            self.machine.compare(features.unwrap_or_default(), &mut compared);
            let compared = compared.chunks(stride.max(1));
            for (compared, (row, out)) in compared.zip(out.by_ref().take(rows.min(ROWS))) {
                let compared = compared.get(..self.machine.count()).unwrap_or_default();
                let class = self.answer(compared, &mut buffers, out);
                self.labels.write(labels, row, class);
            }
        }
        Ok(())
    }
}
