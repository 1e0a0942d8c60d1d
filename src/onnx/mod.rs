//! Bytes → a checked, rewritten graph.
//!
//! [`read`] is the only way in: it tells other files from ONNX ([`sniff`]), decodes
//! ([`decode`], over [`wire`]), inlines functions ([`inline`]), rewrites ([`rewrite`]) and checks ([`guard`], within [`Limits`]).
//! Nothing here knows an engine.
#![forbid(unsafe_code)]

pub mod decode;
pub mod elements;
pub mod guard;
#[cfg(test)]
mod hostile;
mod inline;
pub mod limits;
pub mod proto;
pub mod rewrite;
pub mod roles;
pub mod signature;
mod sniff;
#[cfg(test)]
pub(crate) mod testing;
mod wire;

pub use limits::Limits;
pub use rewrite::Class;
pub use roles::Roles;
pub use signature::{Dimension, Signature, Slot};

use crate::error::{Code, Error, Result};

/// A model that has passed every check that needs no engine.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The file's structure, rewritten: no `ZipMap`, no dictionary, no function, and a graph that is there.
    pub model: proto::Model,
    /// What it takes and gives.
    pub signature: Signature,
    /// Which outputs answer `predict`.
    pub roles: Roles,
    /// The columns of the only input, where it was a dictionary: those left out of a record are 0.
    pub dictionary: Option<Vec<String>>,
}

/// Reads and checks an untrusted file.
///
/// # Errors
/// `MODEL_TOO_LARGE`, `MODEL_INVALID`, `LIMIT_EXCEEDED` or `OP_UNSUPPORTED`; see the modules.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Checked> {
    let length = bytes.len() as u64;
    if length > limits.max_bytes {
        return Err(too_large(length, limits));
    }
    sniff::check(bytes)?;
    let mut model = decode::model(bytes, limits)?;
    if cfg!(feature = "extra") {
        inline::functions(&mut model, limits)?;
    }
    let (zipped, dictionary) = match &mut model.graph {
        Some(graph) => {
            rewrite::sequences(graph);
            (rewrite::zip_maps(graph)?, rewrite::dictionary(graph)?)
        }
        None => Default::default(),
    };
    guard::check(&model, limits)?;
    let (signature, roles) = match &model.graph {
        Some(graph) => roles::read(graph, &zipped),
        None => return Err(Error::new(Code::ModelInvalid, "The file holds no graph.")),
    };
    Ok(Checked { model, signature, roles, dictionary })
}

/// The error for a file of too many bytes.
pub(crate) fn too_large(length: u64, limits: &Limits) -> Error {
    Error::new(
        Code::ModelTooLarge,
        format!(
            "The model has {length} bytes, more than the {} allowed. Raise `limits.maxBytes` if you trust it.",
            limits.max_bytes
        ),
    )
    .with("limit", "maxBytes")
    .with("expected", limits.max_bytes)
    .with("got", length)
}
