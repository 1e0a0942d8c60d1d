//! What runs a graph. Engines take checked graphs and tensors, and know nothing of rows,
//! records or classes.

pub mod compact;
mod kernel;
pub(crate) mod missing;
#[cfg(feature = "tract")]
pub mod tract;

use serde::{Deserialize, Serialize};

use self::compact::CompactEngine;
use crate::error::{Code, Result};
use crate::onnx::{Checked, Limits, Slot, guard};
use crate::tensor::{Data, Tensor};

/// Which engine runs a model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// The smallest engine in this build that has all the model's operators.
    #[default]
    Auto,
    /// predikt's own engine for classical models.
    Compact,
    /// tract-onnx.
    Tract,
}

/// One input of a run: a shape, and elements borrowed from a larger buffer.
#[derive(Debug, Clone, Copy)]
pub struct Feed<'a> {
    /// The shape.
    pub dims: &'a [usize],
    /// Where the elements are.
    pub data: &'a Data,
    /// The first element's position in `data`; as many follow as `dims` say.
    pub start: usize,
    /// The tensor that this is, where it is one.
    pub tensor: Option<&'a Tensor>,
}

impl Feed<'_> {
    /// No elements.
    pub const NONE: Self = {
        static NONE: Data = Data::F32(Vec::new());
        Feed { dims: &[], data: &NONE, start: 0, tensor: None }
    };
}

impl<'a> From<&'a Tensor> for Feed<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        Feed { dims: tensor.dims(), data: tensor.data(), start: 0, tensor: Some(tensor) }
    }
}

/// A loaded graph that can be run.
pub trait Engine {
    /// Computes all outputs, in the signature's order, from all inputs, in the signature's order.
    ///
    /// # Errors
    /// `ENGINE_FAILED` where the engine cannot compile or run the graph for these shapes,
    /// `LIMIT_EXCEEDED` where the shapes make tensors that are too large.
    fn run(&mut self, feeds: &[Feed<'_>]) -> Result<Vec<Tensor>>;

    /// As [`run`](Self::run), into tensors of earlier runs, whose memory may be used again. What
    /// they are after an error is not said.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    fn run_into(&mut self, feeds: &[Feed<'_>], outputs: &mut Vec<Tensor>) -> Result<()> {
        *outputs = self.run(feeds)?;
        Ok(())
    }
}

/// Loads a checked graph into the engine that is asked for; `Auto` is the compact one wherever it
/// has the graph's operators, types and attributes. `plans` is how many compiled plans tract keeps.
///
/// # Errors
/// `OP_UNSUPPORTED`, `MODEL_INVALID`, `LIMIT_EXCEEDED` or `ENGINE_FAILED` as the engines have them;
/// `ENGINE_UNSUPPORTED` where this build lacks the engine.
pub fn load(
    mut checked: Checked,
    kind: EngineKind,
    limits: Limits,
    plans: Option<usize>,
) -> Result<Box<dyn Engine>> {
    let wanted = match kind {
        EngineKind::Auto => compact::has_operators(&checked) || !cfg!(feature = "tract"),
        EngineKind::Compact => true,
        EngineKind::Tract => false,
    };
    if wanted {
        // For tract, if there is a type or an attribute that only it has.
        let spare = (kind == EngineKind::Auto && cfg!(feature = "tract")).then(|| checked.clone());
        match (CompactEngine::load(&mut checked, limits), spare) {
            (Ok(engine), _) => return Ok(Box::new(engine)),
            (Err(error), Some(spare)) if error.code() == Code::OpUnsupported => checked = spare,
            (Err(error), _) => return Err(error),
        }
    }
    load_tract(checked, limits, plans)
}

#[cfg(feature = "tract")]
fn load_tract(checked: Checked, limits: Limits, plans: Option<usize>) -> Result<Box<dyn Engine>> {
    use tract::{DEFAULT_PLANS, TractEngine};
    Ok(Box::new(TractEngine::load(checked, limits, plans.unwrap_or(DEFAULT_PLANS))?))
}

#[cfg(not(feature = "tract"))]
fn load_tract(_: Checked, _: Limits, _: Option<usize>) -> Result<Box<dyn Engine>> {
    Err(crate::error::Error::new(
        Code::EngineUnsupported,
        "This build has no engine named tract. Leave `engine` at \"auto\".",
    )
    .with("engine", "tract"))
}

/// Refuses inputs of more elements than `limits` allow.
///
/// # Errors
/// `LIMIT_EXCEEDED`.
fn check_sizes(feeds: &[Feed<'_>], inputs: &[Slot], limits: &Limits) -> Result<()> {
    feeds.iter().zip(inputs).try_for_each(|(feed, slot)| {
        // The name is only needed for the message.
        let elements = feed.dims.iter().try_fold(1u64, |all, dim| all.checked_mul(*dim as u64));
        if elements.is_some_and(|elements| elements <= limits.max_elements.min(1 << 20)) {
            return Ok(());
        }
        let what = format!("The input `{}`", slot.name);
        guard::element_count(feed.dims.iter().map(|dim| *dim as u64), &what, limits).map(|_| ())
    })
}
