//! The two precisions in which trees are evaluated.

use std::fmt::Debug;
use std::ops::{AddAssign, Div, Sub};

/// Binary32 or binary64.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialOrd
    + AddAssign
    + Div<Output = Self>
    + Sub<Output = Self>
    + Send
    + Sync
{
    /// Exact.
    fn from_f32(value: f32) -> Self;

    /// Rounded where binary64 is asked of binary32.
    fn from_f64(value: f64) -> Self;

    /// Rounded where this is binary64.
    fn to_f32(self) -> f32;

    /// Exact.
    fn to_f64(self) -> f64;

    /// Whether it is no number.
    fn is_nan(self) -> bool;
}

impl Real for f32 {
    fn from_f32(value: f32) -> Self {
        value
    }

    fn from_f64(value: f64) -> Self {
        value as f32
    }

    fn to_f32(self) -> f32 {
        self
    }

    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    fn is_nan(self) -> bool {
        self.is_nan()
    }
}

impl Real for f64 {
    fn from_f32(value: f32) -> Self {
        f64::from(value)
    }

    fn from_f64(value: f64) -> Self {
        value
    }

    fn to_f32(self) -> f32 {
        self as f32
    }

    fn to_f64(self) -> f64 {
        self
    }

    fn is_nan(self) -> bool {
        self.is_nan()
    }
}
