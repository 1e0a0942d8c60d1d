//! How much a model may do and hold while it loads or runs: its plan and those of all its
//! subgraphs draw on one budget, so that loops within loops stay bounded.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::error::{Code, Error, Result};
use crate::tensor::{Data, Tensor};

/// The most work of one load or run, in elements that are read or made: minutes.
const MAX_WORK: u64 = if cfg!(test) { 1 << 28 } else { 1 << 38 };

/// What a step counts for beside its elements.
pub const STEP: u64 = 1 << 12;

/// What is left of it is the difference to the limits.
#[derive(Debug)]
pub struct Budget {
    work: AtomicU64,
    held: AtomicU64,
    max_bytes: u64,
}

impl Budget {
    /// A budget for tensors of that many bytes at a time.
    pub fn new(max_bytes: u64) -> Self {
        Budget { work: AtomicU64::new(0), held: AtomicU64::new(0), max_bytes }
    }

    /// Begins anew, as every run does.
    pub fn begin(&self) {
        self.work.store(0, Relaxed);
        self.held.store(0, Relaxed);
    }

    /// Counts work.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` where it is too much.
    #[inline(always)]
    pub fn work(&self, amount: u64) -> Result<()> {
        let done = self.work.load(Relaxed).saturating_add(amount);
        self.work.store(done, Relaxed);
        if done <= MAX_WORK { Ok(()) } else { Err(Self::too_much()) }
    }

    #[cold]
    fn too_much() -> Error {
        Error::new(
            Code::LimitExceeded,
            "The model takes more steps, or larger ones, than one run may. Pass fewer rows at a time.",
        )
    }

    /// Counts bytes that are held from now on.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` where they are too many; they are counted all the same.
    pub fn hold(&self, bytes: u64) -> Result<()> {
        let held = self.held.load(Relaxed).saturating_add(bytes);
        self.held.store(held, Relaxed);
        if held <= self.max_bytes {
            return Ok(());
        }
        Err(Error::new(
            Code::LimitExceeded,
            format!(
                "A run on these inputs makes more than {} bytes of tensors. Pass fewer rows, or raise `limits.maxTensorBytes` if you trust the model.",
                self.max_bytes
            ),
        )
        .with("limit", "maxTensorBytes")
        .with("expected", self.max_bytes)
        .with("got", held))
    }

    /// Bytes that are no longer held.
    pub fn release(&self, bytes: u64) {
        self.held.store(self.held.load(Relaxed).saturating_sub(bytes), Relaxed);
    }
}

/// The memory that a tensor's elements take, with what is kept for more of them.
pub fn bytes(tensor: &Tensor) -> u64 {
    let size = |capacity: usize, size: usize| (capacity as u64).saturating_mul(size as u64);
    match tensor.data() {
        Data::F32(values) => size(values.capacity(), size_of::<f32>()),
        Data::I64(values) => size(values.capacity(), size_of::<i64>()),
        Data::Str(texts) => {
            texts.iter().fold(size(texts.capacity(), size_of::<String>()), |sum, text| {
                sum.saturating_add(text.capacity() as u64)
            })
        }
        data => size(data.capacity(), data.data_type().size().unwrap_or_default()),
    }
}

/// What reading or making these counts for.
pub fn work<'t>(tensors: impl IntoIterator<Item = &'t Tensor>) -> u64 {
    tensors.into_iter().fold(STEP / 2, |sum, tensor| sum.saturating_add(tensor.data().len() as u64))
}
