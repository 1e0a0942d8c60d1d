//! Probabilities of classes from those of pairs of them: T.-F. Wu, C.-J. Lin, R. C. Weng,
//! "Probability Estimates for Multi-class Classification by Pairwise Coupling", 2004, the second
//! approach, iterated as libsvm and onnxruntime do, in binary32.

use crate::ops::estimators::post_transform::logistic;

/// Rounds after which the probabilities are taken as they are.
const ROUNDS: usize = 100;

/// How probable the first of two classes is at that decision value: Platt's sigmoid.
pub fn pair(decision: f32, a: f32, b: f32) -> f32 {
    (1.0 - logistic(decision * a + b)).clamp(1e-7, 1.0 - 1e-7)
}

/// Probabilities of `count` classes, into `out`, which has as many places. `pairs[i * count + j]` is
/// that of class i where i and j are all there are.
pub fn classes(pairs: &[f32], count: usize, out: &mut [f32]) {
    let at = |i: usize, j: usize| pairs[i * count + j];
    let mut q = vec![0.0f32; count * count];
    for i in 0..count {
        for j in (0..count).filter(|j| *j != i) {
            q[i * count + i] += at(j, i) * at(j, i);
            q[i * count + j] = -at(j, i) * at(i, j);
        }
    }
    out.fill(1.0 / count as f32);
    let mut qp = vec![0.0f32; count];
    for _ in 0..ROUNDS {
        let mut pqp = 0.0;
        for ((qp, row), p) in qp.iter_mut().zip(q.chunks(count)).zip(&*out) {
            *qp = row.iter().zip(&*out).map(|(q, p)| q * p).sum();
            pqp += p * *qp;
        }
        let error = qp.iter().fold(0.0f32, |max, qp| max.max((qp - pqp).abs()));
        if error < 0.005 / count as f32 {
            break;
        }
        for i in 0..count {
            let row = &q[i * count..(i + 1) * count];
            let step = (pqp - qp[i]) / row[i];
            out[i] += step;
            pqp = (pqp + step * (step * row[i] + 2.0 * qp[i])) / (1.0 + step) / (1.0 + step);
            for ((qp, p), q) in qp.iter_mut().zip(out.iter_mut()).zip(row) {
                *qp = (*qp + step * q) / (1.0 + step);
                *p /= 1.0 + step;
            }
        }
    }
}
