//! What tract asks of the crate rustfft, in its place: its butterflies for every small prime and register would be
//! 6 % of the full module, for two operators (DFT and STFT). Here all is computed in binary64, by
//! one loop for powers of two and by Bluestein's algorithm on top of it for other lengths.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::f64::consts::PI;
use std::marker::PhantomData;
use std::sync::Arc;

use num_complex::Complex;
pub use num_traits;
use num_traits::{FromPrimitive, Signed, ToPrimitive};

/// A number that can be transformed.
pub trait FftNum: Copy + FromPrimitive + ToPrimitive + Signed + Send + Sync + 'static {}

impl<T: Copy + FromPrimitive + ToPrimitive + Signed + Send + Sync + 'static> FftNum for T {}

/// The sign of the exponent: minus is forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FftDirection {
    /// From signals to frequencies.
    Forward,
    /// From frequencies to signals; not divided by the length.
    Inverse,
}

/// A transform of one length.
pub trait Fft<T: FftNum>: Send + Sync {
    /// Transforms each whole run of the length, in place.
    fn process(&self, buffer: &mut [Complex<T>]);
}

/// Makes transforms.
#[derive(Debug, Default)]
pub struct FftPlanner<T>(PhantomData<T>);

impl<T: FftNum> FftPlanner<T> {
    /// A planner; it keeps nothing.
    pub fn new() -> Self {
        FftPlanner(PhantomData)
    }

    /// A transform of that length.
    pub fn plan_fft(&mut self, length: usize, direction: FftDirection) -> Arc<dyn Fft<T>> {
        Arc::new(Plan::new(length, direction))
    }

    /// A transform of that length, forward.
    pub fn plan_fft_forward(&mut self, length: usize) -> Arc<dyn Fft<T>> {
        self.plan_fft(length, FftDirection::Forward)
    }
}

type C64 = Complex<f64>;

/// One length's factors.
struct Plan {
    length: usize,
    /// `e^(∓2πik/n)` for the first half of the power of two that is transformed.
    roots: Vec<C64>,
    /// For lengths that are no power of two.
    chirp: Option<Chirp>,
}

/// Bluestein: with `nk = (n² + k² - (k - n)²) / 2` a transform is a convolution.
struct Chirp {
    /// `e^(∓πin²/N)`.
    factors: Vec<C64>,
    /// The transform of their conjugates, laid out to be convolved with.
    spectrum: Vec<C64>,
}

impl Plan {
    fn new(length: usize, direction: FftDirection) -> Plan {
        let sign = if direction == FftDirection::Forward { -1.0 } else { 1.0 };
        if length.is_power_of_two() || length == 0 {
            return Plan { length, roots: roots(length, sign), chirp: None };
        }
        let factors: Vec<C64> = (0..length as u128)
            .map(|n| {
                let turn = (n * n % (2 * length as u128)) as f64 / length as f64;
                C64::from_polar(1.0, sign * PI * turn)
            })
            .collect();
        let size = (2 * length - 1).next_power_of_two();
        let roots = roots(size, -1.0);
        let mut spectrum = vec![C64::default(); size];
        for (n, factor) in factors.iter().enumerate() {
            spectrum[n] = factor.conj();
            spectrum[(size - n) % size] = factor.conj();
        }
        transform(&mut spectrum, &roots);
        Plan { length, roots, chirp: Some(Chirp { factors, spectrum }) }
    }

    fn run(&self, values: &mut Vec<C64>) {
        let Some(Chirp { factors, spectrum }) = &self.chirp else {
            return transform(values, &self.roots);
        };
        values.iter_mut().zip(factors).for_each(|(value, factor)| *value *= factor);
        values.resize(spectrum.len(), C64::default());
        transform(values, &self.roots);
        // The inverse of a transform is the transform of the conjugate.
        values.iter_mut().zip(spectrum).for_each(|(value, other)| *value = (*value * other).conj());
        transform(values, &self.roots);
        let scale = 1.0 / values.len() as f64;
        values.truncate(self.length);
        for (value, factor) in values.iter_mut().zip(factors) {
            *value = value.conj() * scale * factor;
        }
    }
}

impl<T: FftNum> Fft<T> for Plan {
    fn process(&self, buffer: &mut [Complex<T>]) {
        let mut values = Vec::new();
        for run in buffer.chunks_exact_mut(self.length.max(1)) {
            let wide = |part: T| part.to_f64().unwrap_or(f64::NAN);
            values.clear();
            values.extend(run.iter().map(|value| C64::new(wide(value.re), wide(value.im))));
            self.run(&mut values);
            for (out, value) in run.iter_mut().zip(&values) {
                let narrow = |part| T::from_f64(part).unwrap_or(T::zero());
                *out = Complex::new(narrow(value.re), narrow(value.im));
            }
        }
    }
}

fn roots(length: usize, sign: f64) -> Vec<C64> {
    let turn = |k: usize| C64::from_polar(1.0, sign * 2.0 * PI * k as f64 / length as f64);
    (0..length / 2).map(turn).collect()
}

/// Cooley and Tukey's transform of a power of two.
fn transform(values: &mut [C64], roots: &[C64]) {
    let length = values.len();
    if length < 2 {
        return;
    }
    let shift = usize::BITS - length.trailing_zeros();
    for place in 0..length {
        let other = place.reverse_bits() >> shift;
        if place < other {
            values.swap(place, other);
        }
    }
    let mut half = 1;
    while half < length {
        let step = length / (2 * half);
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for ((a, b), root) in low.iter_mut().zip(high).zip(roots.iter().step_by(step)) {
                let turned = *b * root;
                (*a, *b) = (*a + turned, *a - turned);
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transforms_of_any_length_are_sums_of_turns() {
        for length in [0usize, 1, 2, 3, 5, 8, 12, 17, 64, 97, 100] {
            let signal: Vec<C64> = (0..2 * length)
                .map(|n| C64::new((n * n % 7) as f64 - 3.0, (n * 5 % 11) as f64 / 4.0))
                .collect();
            for (direction, sign) in [(FftDirection::Forward, -1.0), (FftDirection::Inverse, 1.0)] {
                let mut got = signal.clone();
                FftPlanner::new().plan_fft(length, direction).process(&mut got);
                for (got, run) in got.chunks(length.max(1)).zip(signal.chunks(length.max(1))) {
                    for (k, got) in got.iter().enumerate() {
                        let turn = |n: usize| sign * 2.0 * PI * ((n * k) % length) as f64;
                        let term = |(n, x): (usize, &C64)| {
                            *x * C64::from_polar(1.0, turn(n) / length as f64)
                        };
                        let want: C64 = run.iter().enumerate().map(term).sum();
                        assert!((got - want).norm() < 1e-10, "{length}: {got} is not {want}");
                    }
                }
            }
        }
    }

    #[test]
    fn narrow_numbers_are_transformed_too() {
        let mut values = vec![Complex::new(1.0f32, 0.0); 6];
        FftPlanner::new().plan_fft_forward(6).process(&mut values);
        assert!((values[0].re - 6.0).abs() < 1e-6 && values[1].norm() < 1e-6);
    }
}
