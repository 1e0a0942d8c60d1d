//! `TreeEnsembleClassifier` (ai.onnx.ml 1, 3, 5).

use super::aggregate::{Aggregate, Scores};
use super::ensemble::Ensemble;
use super::nodes::Nodes;
use super::real::Real;
use super::trees::{InPrecision, Trees};
use crate::error::Result;
use crate::ops::estimators::input;
use crate::ops::estimators::labels::Labels;
use crate::ops::estimators::post_transform::PostTransform;
use crate::ops::{Definition, Dim, Fact, Kernel, failed, invalid, required, shape};
use crate::tensor::{Data, DataType, Tensor};

#[derive(Debug)]
struct TreeEnsembleClassifier {
    trees: Trees,
    labels: Labels,
    binary: Binary,
    post_transform: PostTransform,
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
    Ok(Box::new(TreeEnsembleClassifier { trees, labels, binary, post_transform }))
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
        let features = required(inputs, 0)?;
        let shape = input::shape(features)?;
        let (classes, scores) = match self.trees.for_type(features.data_type()) {
            InPrecision::Single(trees) => {
                self.answer(trees, &input::singles(features.data())?, shape)?
            }
            InPrecision::Double(trees) => {
                self.answer(trees, &input::doubles(features.data())?, shape)?
            }
        };
        Ok(vec![
            Tensor::new(vec![shape.0], self.labels.pick(&classes)?)?,
            Tensor::new(vec![shape.0, self.labels.len()], Data::F32(scores))?,
        ])
    }
}

impl TreeEnsembleClassifier {
    /// Labels by number, and all scores.
    fn answer<T: Real>(
        &self,
        trees: &Ensemble<T>,
        features: &[T],
        shape: (usize, usize),
    ) -> Result<(Vec<usize>, Vec<f32>)> {
        let mut out = Vec::with_capacity(shape::elements(&[shape.0, trees.targets])?);
        let mut classes = Vec::with_capacity(shape.0);
        trees.evaluate(Aggregate::Sum, features, shape, |scores| {
            let start = out.len();
            let (class, is_done) = if trees.targets == 2 {
                self.binary.finish(self.post_transform, &trees.base_values, scores, &mut out)
            } else {
                (top(&trees.base_values, scores)?, false)
            };
            classes.push(class);
            if !is_done {
                out.extend(scores.values.iter().map(|score| score.to_f32()));
                self.post_transform.apply(&mut out[start..]);
            }
            Ok(())
        })?;
        Ok((classes, out))
    }
}

/// Adds the base values, and answers the class of the highest score among those voted for.
fn top<T: Real>(base_values: &[T], scores: &mut Scores<T>) -> Result<usize> {
    let mut best: Option<(usize, T)> = None;
    for (class, score) in scores.values.iter_mut().enumerate() {
        let base = base_values.get(class);
        *score += base.copied().unwrap_or_default();
        let voted = base.is_some() || scores.voted[class];
        if voted && best.is_none_or(|(_, highest)| *score > highest) {
            best = Some((class, *score));
        }
    }
    // What a single class gets is no matter.
    match best {
        Some((class, _)) => Ok(class),
        None if scores.values.len() == 1 => Ok(0),
        None => Err(failed("No leaf votes for any class of a row.")),
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

    /// Adds the base values to two classes' scores, and answers the label's number and whether
    /// the scores are written already: both of them, transformed, where there was one.
    ///
    /// This is onnxruntime's reading, where the specification is silent: a second class that has
    /// no vote takes the first one's score for its own, unless there are two base values; and one
    /// that has a vote is measured alone.
    fn finish<T: Real>(
        self,
        post_transform: PostTransform,
        base_values: &[T],
        scores: &mut Scores<T>,
        out: &mut Vec<f32>,
    ) -> (usize, bool) {
        let ([first, second], [first_voted, second_voted]) = (&mut *scores.values, &*scores.voted)
        else {
            return (0, false);
        };
        match *base_values {
            [_, base] if *second_voted => {
                *second = *first;
                *second += base;
                *first = T::default() - *second;
            }
            [base, _] => *first += base,
            [base] => *first += base,
            _ => {}
        }
        if !first_voted {
            *first = T::default();
        }
        let decisive = if *second_voted { *second } else { *first };
        let class = usize::from(decisive > T::from_f32(self.above));
        let alone = !*second_voted && base_values.len() < 2;
        if alone {
            out.extend(post_transform.two_classes(first.to_f32(), self.whole));
        }
        (class, alone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::estimators::testing::{Named, close, floats, ints, run, strings, text};

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
