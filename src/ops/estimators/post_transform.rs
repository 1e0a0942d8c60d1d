//! What becomes of raw scores: the attribute `post_transform` of ai.onnx.ml's estimators. All is
//! computed in binary32, whatever the features are, as onnxruntime has it.

use crate::error::Result;
use crate::ops::{Attributes, invalid};
use predikt_kernels::exp::exp;
use predikt_kernels::linear::{NARROW, Transform, logistic as logistic_of_each};

/// `post_transform`, in the order of the numbers that `TreeEnsemble` has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostTransform {
    /// Scores as they are.
    None,
    /// Exponentials that add up to one.
    Softmax,
    /// The logistic function of each.
    Logistic,
    /// Softmax over the scores that are not zero; zeros stay.
    SoftmaxZero,
    /// The quantile function of the normal distribution.
    Probit,
}

const ALL: [PostTransform; 5] = [
    PostTransform::None,
    PostTransform::Softmax,
    PostTransform::Logistic,
    PostTransform::SoftmaxZero,
    PostTransform::Probit,
];

impl PostTransform {
    /// Reads the attribute.
    ///
    /// # Errors
    /// `MODEL_INVALID` where it is none of the specification's.
    pub fn read(attributes: &mut Attributes) -> Result<Self> {
        const NAMES: [&str; 5] = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"];
        let Some(name) = attributes.string("post_transform")? else {
            return Ok(PostTransform::None);
        };
        let number = NAMES.iter().position(|held| *held == name);
        number.and_then(|number| ALL.get(number).copied()).ok_or_else(|| {
            invalid(format!(
                "The attribute `post_transform` is {name}, and should be NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or PROBIT."
            ))
        })
    }

    /// The transform of that number in `TreeEnsemble` (ai.onnx.ml 5).
    ///
    /// # Errors
    /// `MODEL_INVALID` where the specification has none.
    pub fn numbered(number: i64) -> Result<Self> {
        let at = usize::try_from(number).ok();
        at.and_then(|at| ALL.get(at).copied()).ok_or_else(|| {
            invalid(format!("The attribute `post_transform` is {number}, and should be 0 to 4."))
        })
    }

    /// Whether that many scores stay as they are.
    pub fn keeps(self, scores: usize) -> bool {
        self == PostTransform::None || (scores < 2 && self != PostTransform::Probit)
    }

    /// What is fast for rows of that many scores, or of one that stands for two; `None` where
    /// there is nothing.
    pub fn of_rows(self, columns: usize, single: bool) -> Option<Transform> {
        match self {
            _ if !(1..=NARROW).contains(&columns) => None,
            PostTransform::Logistic if single && columns == 2 => Some(Transform::TwoLogistic),
            PostTransform::Probit => None,
            _ if single && columns == 2 => Some(Transform::TwoPlain),
            _ if self.keeps(columns) => Some(Transform::None),
            PostTransform::Softmax => Some(Transform::Softmax),
            PostTransform::Logistic => Some(Transform::Logistic),
            _ => None,
        }
    }

    /// Transforms one row's scores. A single score is left as it is by all but PROBIT.
    pub fn apply(self, scores: &mut [f32]) {
        if self.keeps(scores.len()) {
            return;
        }
        match self {
            PostTransform::None => {}
            PostTransform::Probit => scores.iter_mut().for_each(|score| *score = probit(*score)),
            PostTransform::Logistic => logistic_of_each(scores),
            PostTransform::Softmax => softmax(scores),
            PostTransform::SoftmaxZero => softmax_zero(scores),
        }
    }

    /// The scores of two classes from the second one's alone. Of the transforms only LOGISTIC and
    /// PROBIT count; else they are the complement to `whole` and the score itself.
    pub fn two_classes(self, score: f32, whole: f32) -> [f32; 2] {
        match self {
            PostTransform::Logistic => [logistic(-score), logistic(score)],
            PostTransform::Probit => [probit(1.0 - score), probit(score)],
            _ => [whole - score, score],
        }
    }
}

/// 1 / (1 + e^-x).
pub fn logistic(x: f32) -> f32 {
    let v = 1.0 / (1.0 + exp_of(-x.abs()));
    if x < 0.0 { 1.0 - v } else { v }
}

/// By way of binary64, whose function is there for other operators as well.
fn exp_of(x: f32) -> f32 {
    f64::from(x).exp() as f32
}

/// The quantile function of the normal distribution through Winitzki's approximation of the inverse
/// error function, whose constant is 0.147.
pub fn probit(x: f32) -> f32 {
    let x = 2.0 * x - 1.0;
    let log = f64::from((1.0 - x) * (1.0 + x)).ln() as f32;
    let v = 2.0 / (std::f32::consts::PI * 0.147) + 0.5 * log;
    let v2 = 1.0 / 0.147 * log;
    let root = (-v + (v * v - v2).sqrt()).sqrt();
    std::f32::consts::SQRT_2 * if x < 0.0 { -root } else { root }
}

fn highest(scores: &[f32]) -> f32 {
    scores.iter().fold(f32::MIN, |highest, score| if *score > highest { *score } else { highest })
}

fn softmax(scores: &mut [f32]) {
    let highest = highest(scores);
    exp(scores, 1.0, highest);
    let sum: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
}

fn softmax_zero(scores: &mut [f32]) {
    let highest = highest(scores);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        if *score > 0.000_000_1 || *score < -0.000_000_1 {
            *score = exp_of(*score - highest);
            sum += *score;
        } else {
            *score *= exp_of(-highest);
        }
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values from onnxruntime 1.31.1: TreeEnsembleRegressor with two targets.
    #[test]
    fn equal_to_onnxruntime() {
        for (transform, scores, wanted) in [
            (PostTransform::None, [0.3, 0.7], [0.3, 0.7]),
            (PostTransform::Logistic, [0.3, 0.7], [0.574_442_5, 0.668_187_74]),
            (PostTransform::Softmax, [0.3, 0.7], [0.401_312_32, 0.598_687_65]),
            (PostTransform::SoftmaxZero, [0.3, 0.0], [1.0, 0.0]),
            (PostTransform::Probit, [0.3, 0.7], [-0.524_445_9, 0.524_445_9]),
        ] {
            let mut got: [f32; 2] = scores;
            transform.apply(&mut got);
            for (got, wanted) in got.iter().zip(wanted) {
                assert!((got - wanted).abs() < 1e-6, "{transform:?}: {got} {wanted}");
            }
        }
        let mut outside = [0.0, 1.0, 1.5];
        PostTransform::Probit.apply(&mut outside);
        assert_eq!(outside[..2], [f32::NEG_INFINITY, f32::INFINITY]);
        assert!(outside[2].is_nan());
    }

    #[test]
    fn one_score_alone_is_left() {
        let mut one = [0.3];
        PostTransform::Logistic.apply(&mut one);
        assert_eq!(one, [0.3]);
    }
}
