//! `LinearClassifier` (ai.onnx.ml 1).

use predikt_kernels::linear::finish;
use predikt_kernels::rows::share;

use super::Weights;
use crate::error::Result;
use crate::ops::estimators::input;
use crate::ops::estimators::labels::{Labels, top};
use crate::ops::estimators::post_transform::PostTransform;
use crate::ops::sparse::{Change, Source};
use crate::ops::{Definition, Dim, Fact, Kernel, fresh, invalid, made, required, shape};
use crate::tensor::{DataType, Tensor};

/// One score a class, or a single one for the second of two classes.
#[derive(Debug)]
struct LinearClassifier {
    weights: Weights,
    labels: Labels,
    /// How many intercepts the file has.
    intercepts: usize,
    /// Scores that are given out for each row.
    columns: usize,
    post_transform: PostTransform,
    /// Whether rows are divided by the sum of their magnitudes at last.
    unit: bool,
}

/// So many rows go through the last loop at a time.
const ROWS: usize = 16;

pub fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let mut labels = Labels::read(attributes, "classlabels_ints")?;
    // Each class has a score of its own, whether they were trained against each other or not.
    attributes.int("multi_class")?;
    let mut weights = Weights::read(attributes)?;
    let post_transform = PostTransform::read(attributes)?;
    let (classes, given) = (labels.len(), weights.intercepts.len());
    let columns = match (classes, given) {
        // Without labels a single score tells 1 from 0.
        (0, 1) => {
            labels = Labels::Ints(vec![0, 1]);
            1
        }
        (0, _) => return Err(invalid("The classifier has no class labels.")),
        (2, 0..=2) => 2,
        _ if given == 0 || given == classes => classes,
        _ => {
            return Err(invalid(format!(
                "The classifier has {given} intercepts for {classes} classes."
            )));
        }
    };
    weights.fill(labels.len());
    Ok(Box::new(LinearClassifier {
        weights,
        labels,
        intercepts: given,
        columns,
        post_transform,
        unit: false,
    }))
}

impl Kernel for LinearClassifier {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let rows = input::row_count(required(inputs, 0)?)?;
        Ok(vec![
            Fact::new(self.labels.data_type(), vec![rows]),
            Fact::new(DataType::Float32, vec![rows, Dim::Known(self.columns)]),
        ])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 2)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let [labels, scores, ..] = outputs else { return made(outputs, 1).map(drop) };
        let (features, rows, width) = self.weights.features(inputs)?;
        let count = match self.intercepts {
            0 if self.labels.len() == 2 && self.weights.coefficients.len() == width => 1,
            0 => self.labels.len(),
            given => given,
        };
        self.weights.check(count, width)?;
        shape::elements(&[rows, self.columns])?;
        self.labels.fit(rows)?;
        let labels = labels.reuse(self.labels.data_type(), &[rows]);
        let scores = scores.reuse_f32(&[rows, self.columns]);
        self.weights.scores(&features, width, count, scores, self.columns);
        let single = count == 1 && self.labels.len() == 2;
        match self.post_transform.of_rows(self.columns, count < 2) {
            Some(transform) => {
                let mut classes = [0; ROWS];
                let blocks = scores.chunks_mut(ROWS * self.columns.max(1));
                for (out, row) in blocks.zip((0..rows).step_by(ROWS)) {
                    finish(out, self.columns, single, transform, self.unit, &mut classes);
                    self.labels.write_all(labels, row, &classes);
                }
            }
            None => {
                for (row, out) in scores.chunks_mut(self.columns.max(1)).enumerate() {
                    let class = match *out {
                        [score, ..] if single => usize::from(score > 0.0),
                        _ => top(out),
                    };
                    self.labels.write(labels, row, class);
                    match out {
                        [first, second] if count < 2 => {
                            [*first, *second] = self.post_transform.two_classes(*first, 1.0);
                        }
                        _ => self.post_transform.apply(out),
                    }
                    if self.unit {
                        share(out);
                    }
                }
            }
        }
        Ok(())
    }

    fn end_with(&mut self, output: usize, change: &Change) -> bool {
        let ends = output == 1 && !self.unit && matches!(change, Change::Share);
        self.unit |= ends;
        ends
    }

    fn begin_with(&mut self, change: &Change, width: usize) -> bool {
        self.weights.begin_with(change, width)
    }

    fn reads_sparse(&self, width: usize) -> bool {
        self.weights.reads_sparse(width)
    }

    fn read_from(&mut self, source: Source) {
        self.weights.source = Some(source);
    }
}
