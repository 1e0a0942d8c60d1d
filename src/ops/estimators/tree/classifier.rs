//! `TreeEnsembleClassifier` (ai.onnx.ml 1, 3, 5).

use super::aggregate::{Aggregate, Scores, check_width};
use super::nodes::Nodes;
use super::trees::Trees;
use crate::error::Result;
use crate::ops::estimators::input;
use crate::ops::estimators::labels::Labels;
use crate::ops::estimators::post_transform::PostTransform;
use crate::ops::{Definition, Dim, Fact, Kernel, failed, fresh, invalid, required, shape};
use crate::tensor::{DataType, Tensor};
use predikt_kernels::linear::logistic;
use predikt_kernels::trees::classes::{Highest, Two};

/// Rows that are named at once.
const ROWS: usize = 64;

#[derive(Debug)]
struct TreeEnsembleClassifier {
    trees: Trees,
    labels: Labels,
    binary: Binary,
    post_transform: PostTransform,
    /// What becomes of the sums of the fast loops.
    finish: Option<Finish>,
}

/// What is left to do when the sums are there.
#[derive(Debug)]
enum Finish {
    Highest(Highest),
    /// And what transforms the scores.
    Two(Two, PostTransform),
}

/// How one score tells two classes apart. Exporters write a single score where there are two
/// classes: all votes are for the same class, whichever that is, and mean the second.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Binary {
    /// Above this score the second class is the label.
    above: f32,
    /// What the scores of both classes add up to: 1 for probabilities, 0 for margins.
    whole: f32,
}

pub fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let labels = Labels::read(attributes, "classlabels_int64s")?;
    let post_transform = PostTransform::read(attributes)?;
    let nodes = Nodes::read(attributes, "class", definition.version >= 3)?;
    let (classes, given) = (labels.len(), nodes.base_values());
    if classes == 0 {
        return Err(invalid("The classifier has no class labels."));
    }
    if given != 0 && given != classes && (given, classes) != (1, 2) {
        return Err(invalid(format!(
            "The classifier has {given} base values for {classes} classes."
        )));
    }
    let (trees, binary) = (nodes.build(classes)?, Binary::new(&nodes, post_transform));
    let finish = trees.flat(DataType::Float32).and_then(|flat| {
        let (voted, base_values) = (flat.voted.as_deref()?, &flat.base_values);
        if classes == 2 {
            return binary.two(post_transform, base_values, voted);
        }
        let mut base = base_values.clone();
        base.resize(classes, 0.0);
        let candidates: Vec<bool> =
            (0..classes).map(|class| class < base_values.len() || voted[class]).collect();
        // What a single class gets is no matter.
        let is_any = classes == 1 || candidates.contains(&true);
        is_any.then_some(Finish::Highest(Highest { base, candidates }))
    });
    Ok(Box::new(TreeEnsembleClassifier { trees, labels, binary, post_transform, finish }))
}

impl Kernel for TreeEnsembleClassifier {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let rows = input::row_count(required(inputs, 0)?)?;
        Ok(vec![
            Fact::new(self.labels.data_type(), vec![rows]),
            Fact::new(DataType::Float32, vec![rows, Dim::Known(self.labels.len())]),
        ])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 2)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let [labels, scores] = outputs else {
            return Err(failed("A classifier has two outputs."));
        };
        let features = required(inputs, 0)?;
        let data_type = features.data_type();
        let (count, width) = input::shape(features)?;
        let classes = self.labels.len();
        shape::elements(&[count, classes])?;
        let out = scores.reuse_f32(&[count, classes]);
        if let (Some(flat), Some(finish)) = (self.trees.flat(data_type), &self.finish) {
            check_width(flat.width, (count, width))?;
            flat.scores(&input::singles(features.data())?, count, width, out);
            return self.name_all(labels, out, finish);
        }
        let mut chosen = Vec::with_capacity(count);
        let mut rows = out.chunks_exact_mut(classes);
        self.trees.evaluate(Aggregate::Sum, features, &mut |scores| {
            let two = self.decide(scores, &mut chosen)?;
            if let Some(out) = rows.next() {
                match two {
                    Some(two) => out.copy_from_slice(&two),
                    None => {
                        for (out, score) in out.iter_mut().zip(&scores.values) {
                            *out = *score as f32;
                        }
                        self.post_transform.apply(out);
                    }
                }
            }
            Ok(())
        })?;
        self.labels.fit(count)?;
        self.labels.write_all(labels.reuse(self.labels.data_type(), &[count]), 0, &chosen);
        Ok(())
    }
}

impl TreeEnsembleClassifier {
    /// Makes scores of sums, and writes each row's label.
    fn name_all(&self, output: &mut Tensor, sums: &mut [f32], finish: &Finish) -> Result<()> {
        let classes = self.labels.len();
        let count = sums.len() / classes;
        self.labels.fit(count)?;
        let output = output.reuse(self.labels.data_type(), &[count]);
        let mut chosen = [0; ROWS];
        for (scores, row) in sums.chunks_mut(ROWS * classes).zip((0..count).step_by(ROWS)) {
            let transform = match finish {
                Finish::Highest(highest) => {
                    highest.choose(scores, &mut chosen);
                    self.post_transform
                }
                Finish::Two(two, transform) => {
                    two.choose(scores, &mut chosen);
                    *transform
                }
            };
            self.labels.write_all(output, row, &chosen);
            match transform {
                _ if transform.keeps(classes) => {}
                PostTransform::Logistic => logistic(scores),
                _ => scores.chunks_exact_mut(classes).for_each(|row| transform.apply(row)),
            }
        }
        Ok(())
    }

    /// Adds the base values, and answers, where there is one score for two classes, both, transformed.
    /// The class's number is appended to those that are `chosen`.
    fn decide(&self, scores: &mut Scores, chosen: &mut Vec<i64>) -> Result<Option<[f32; 2]>> {
        let base_values = &self.trees.ensemble.base_values;
        if scores.values.len() == 2 {
            let (class, two) = self.binary.finish(self.post_transform, base_values, scores);
            chosen.push(i64::from(class));
            return Ok(two);
        }
        scores.add_base(base_values);
        // The class of the highest score among those voted for. What a single one gets is no matter.
        let mut best = (scores.values.len() == 1).then_some((0, f64::NAN));
        for (class, (score, voted)) in scores.values.iter().zip(&scores.voted).enumerate() {
            let is_candidate = class < base_values.len() || *voted;
            if is_candidate && best.is_none_or(|(_, highest)| *score > highest) {
                best = Some((class, *score));
            }
        }
        let (class, _) = best.ok_or_else(|| failed("No leaf votes for any class of a row."))?;
        chosen.push(class as i64);
        Ok(None)
    }
}

impl Binary {
    fn new(nodes: &Nodes, post_transform: PostTransform) -> Self {
        let mut voted = nodes.vote_targets().iter();
        let first = voted.next();
        let one_sided = first.is_some() && voted.all(|target| Some(target) == first);
        // Votes of which none is below zero add up to a probability, unless LOGISTIC makes it one.
        let probability = one_sided && !nodes.any_negative();
        Binary {
            above: if probability && post_transform != PostTransform::Logistic { 0.5 } else { 0.0 },
            whole: if probability { 1.0 } else { 0.0 },
        }
    }

    /// As [`finish`](Self::finish), for sums that always have votes for the same classes. `None` for PROBIT of
    /// one score, whose complement is taken before.
    fn two(self, transform: PostTransform, base_values: &[f32], voted: &[bool]) -> Option<Finish> {
        let &[first_voted, second_voted] = voted else { return None };
        let alone = !second_voted && base_values.len() < 2;
        let (whole, transform) = match transform {
            PostTransform::Logistic if alone => (Some(0.0), transform),
            PostTransform::Probit if alone => return None,
            _ if alone => (Some(self.whole), PostTransform::None),
            _ => (None, transform),
        };
        let is_turned = second_voted && base_values.len() == 2;
        let base = base_values.get(usize::from(is_turned)).copied().unwrap_or_default();
        let two = Two {
            is_turned,
            base,
            no_first: !first_voted,
            by_second: second_voted,
            above: self.above,
            whole,
        };
        Some(Finish::Two(two, transform))
    }

    /// Adds the base values to two classes' scores, and answers the label's number and, where there
    /// was one score, both of them, transformed.
    ///
    /// This is onnxruntime's reading, where the specification is silent: a second class that has
    /// no vote takes the first one's score for its own, unless there are two base values; and one
    /// that has a vote is measured alone.
    fn finish(
        self,
        post_transform: PostTransform,
        base_values: &[f64],
        scores: &mut Scores,
    ) -> (bool, Option<[f32; 2]>) {
        let (&[mut first, mut second], &[first_voted, second_voted]) =
            (&*scores.values, &*scores.voted)
        else {
            return (false, None);
        };
        match *base_values {
            [_, base] if second_voted => {
                second = scores.rounded(first + base);
                first = 0.0 - second;
            }
            [base, ..] => first = scores.rounded(first + base),
            [] => {}
        }
        if !first_voted {
            first = 0.0;
        }
        scores.values.copy_from_slice(&[first, second]);
        let decisive = if second_voted { second } else { first };
        let alone = !second_voted && base_values.len() < 2;
        let two = alone.then(|| post_transform.two_classes(first as f32, self.whole));
        (decisive > f64::from(self.above), two)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::estimators::testing::{Named, close, floats, ints, run, strings, text};
    use crate::tensor::Data;

    /// One branch on the first column, at 0, for votes (class, node, weight): 1 is the leaf below.
    fn stump(votes: &[(i64, i64, f32)], extra: Vec<Named>) -> Vec<Named> {
        let mut attributes = vec![
            ("nodes_treeids", ints(&[0; 3])),
            ("nodes_nodeids", ints(&[0, 1, 2])),
            ("nodes_featureids", ints(&[0; 3])),
            ("nodes_values", floats(&[0.0; 3])),
            ("nodes_modes", strings(&["BRANCH_LEQ", "LEAF", "LEAF"])),
            ("nodes_truenodeids", ints(&[1, 0, 0])),
            ("nodes_falsenodeids", ints(&[2, 0, 0])),
            ("class_treeids", ints(&vec![0; votes.len()])),
            ("class_ids", ints(&votes.iter().map(|vote| vote.0).collect::<Vec<_>>())),
            ("class_nodeids", ints(&votes.iter().map(|vote| vote.1).collect::<Vec<_>>())),
            ("class_weights", floats(&votes.iter().map(|vote| vote.2).collect::<Vec<_>>())),
        ];
        attributes.extend(extra);
        attributes
    }

    /// Two rows, one for each leaf of the stump.
    fn answer(votes: &[(i64, i64, f32)], mut extra: Vec<Named>) -> Result<Vec<Tensor>> {
        if !extra.iter().any(|(name, _)| name.starts_with("classlabels")) {
            extra.push(("classlabels_int64s", ints(&[10, 20])));
        }
        run("TreeEnsembleClassifier", 3, &stump(votes, extra), Data::F32(vec![-1.0, 1.0]), 1)
    }

    /// Values from onnxruntime 1.31.1.
    #[test]
    fn two_classes_by_one_score() {
        let positive = [(0, 1, 0.3), (0, 2, 0.7)];
        let mixed = [(0, 1, -0.3), (0, 2, 0.7)];
        for (votes, extra, scores) in [
            (positive, vec![], [0.7, 0.3, 0.3, 0.7]),
            (mixed, vec![], [0.3, -0.3, -0.7, 0.7]),
            (positive, vec![("base_values", floats(&[0.1]))], [0.6, 0.4, 0.2, 0.8]),
            (positive, vec![("base_values", floats(&[0.1, 0.2]))], [0.4, 0.0, 0.8, 0.0]),
            (
                mixed,
                vec![("post_transform", text("LOGISTIC"))],
                [0.574_442_5, 0.425_557_5, 0.331_812_26, 0.668_187_74],
            ),
            (positive, vec![("post_transform", text("SOFTMAX"))], [0.7, 0.3, 0.3, 0.7]),
        ] {
            let answer = answer(&votes, extra).unwrap();
            assert_eq!(answer[0].data(), &Data::I64(vec![10, 20]));
            close(&answer[1], &scores);
        }
    }

    /// Values from onnxruntime 1.31.1.
    #[test]
    fn two_classes_by_votes_for_the_second_or_both() {
        let second = answer(&[(1, 1, 0.3), (1, 2, 0.7)], vec![]).unwrap();
        assert_eq!(second[0].data(), &Data::I64(vec![10, 20]));
        close(&second[1], &[0.0, 0.3, 0.0, 0.7]);
        let labels = vec![
            ("classlabels_strings", strings(&["a", "b"])),
            ("post_transform", text("SOFTMAX")),
        ];
        let both = [(0, 1, 0.3), (1, 1, -0.7), (0, 2, 0.8), (1, 2, 0.2)];
        let both = answer(&both, labels).unwrap();
        assert_eq!(both[0].data(), &Data::Str(vec!["a".into(), "b".into()]));
        close(&both[1], &[0.731_058_6, 0.268_941_4, 0.645_656_3, 0.354_343_68]);
    }

    /// The label is the class of the greater probability where the votes, all positive, become
    /// probabilities by LOGISTIC: at 0.3 it is 0.57 already.
    #[test]
    fn labels_agree_with_logistic_probabilities() {
        let logistic = vec![("post_transform", text("LOGISTIC"))];
        let answer = answer(&[(0, 1, 0.3), (0, 2, 0.7)], logistic).unwrap();
        assert_eq!(answer[0].data(), &Data::I64(vec![20, 20]));
        close(&answer[1], &[0.425_557_5, 0.574_442_5, 0.331_812_26, 0.668_187_74]);
    }

    /// Values from onnxruntime 1.31.1, which fails as well where no leaf votes.
    #[test]
    fn many_classes() {
        let labels = || ("classlabels_int64s", ints(&[5, 6, 7]));
        let votes = [(0, 1, -0.3), (2, 1, -0.7)];
        let base = vec![labels(), ("base_values", floats(&[-1.0, -2.0, -0.5]))];
        let with_base = answer(&votes, base).unwrap();
        assert_eq!(with_base[0].data(), &Data::I64(vec![7, 7]));
        close(&with_base[1], &[-1.3, -2.0, -1.2, -1.0, -2.0, -0.5]);
        let code = answer(&votes, vec![labels()]).unwrap_err().code();
        assert_eq!(code, crate::error::Code::EngineFailed);
        let base = vec![labels(), ("base_values", floats(&[-1.0]))];
        assert_eq!(answer(&votes, base).unwrap_err().code(), crate::error::Code::ModelInvalid);
    }

    #[test]
    fn rows_may_be_missing_and_columns_not() {
        let attributes = stump(&[(0, 1, 0.3)], vec![("classlabels_int64s", ints(&[1, 2]))]);
        let none = run("TreeEnsembleClassifier", 1, &attributes, Data::F32(vec![]), 1).unwrap();
        assert_eq!(none[1].dims(), [0, 2]);
        let mut attributes = attributes;
        attributes[2].1 = ints(&[7, 0, 0]);
        let error = run("TreeEnsembleClassifier", 1, &attributes, Data::F32(vec![1.0]), 1);
        assert_eq!(error.unwrap_err().code(), crate::error::Code::EngineFailed);
    }
}
