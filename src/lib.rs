#![deny(unsafe_code)]
#![warn(missing_docs)]
//! predikt runs an ONNX model where its user is: natively, in a browser tab, at the edge.
//!
//! ```
//! # fn main() -> predikt::Result<()> {
//! let bytes = include_bytes!("../models/iris/1/model.onnx");
//! let mut model = predikt::Model::load(bytes, Default::default())?;
//! let answer = model.predict(&[5.1, 3.5, 1.4, 0.2])?;
//! println!("class {} with p = {:?}", answer.values[0], answer.probabilities);
//! # Ok(())
//! # }
//! ```
//!
//! # The rooms
//!
//! - [`onnx`]: bytes → a checked, rewritten graph. Knows no engine.
//! - [`tensor`]: the value that flows.
//! - [`ops`]: the operators that predikt implements itself. Knows no engine.
//! - [`engine`]: what runs a graph. Knows no rows, records or classes.
//! - [`features`]: rows ↔ tensors.
//! - [`model`]: the four together.
//! - [`manifest`]: the card that a published model carries. Knows no engine.
//! - [`error`]: one error type, with stable codes.
//!
//! Dependencies point one way: bindings → model → engine → ops → tensor, and model → onnx.
//!
//! # Features
//!
//! - `tract` (default): the full engine, tract-onnx.
//! - `fetch`: `fetch::model`, for Rust front ends that are compiled to wasm32 themselves.
//! - `wasm`: the JavaScript bindings of the npm package; for wasm32 only.

mod decimal;
pub mod engine;
pub mod error;
pub mod features;
#[cfg(all(feature = "fetch", target_arch = "wasm32"))]
pub mod fetch;
mod few;
mod half;
pub mod manifest;
pub mod model;
mod names;
pub mod onnx;
pub mod ops;
pub mod tensor;
#[cfg(all(feature = "wasm", target_arch = "wasm32"))]
mod wasm;

pub use error::{Code, Error, Result};
pub use features::{Prediction, Value};
pub use model::{LoadOptions, Model};
pub use onnx::{Class, Dimension, Limits, Signature, Slot};
pub use tensor::{Data, DataType, Tensor};
