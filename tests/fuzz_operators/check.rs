//! What must hold of every node, whatever is in it.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use predikt::ops::{self, Dim, Fact, shape};
use predikt::{Code, Error, Result, Tensor};

use crate::memory;
use crate::node::Node;
use crate::random::Random;

/// No step of a node takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Beyond what goes in and comes out, times [`SHARE`], a node may allocate that many bytes.
const SPARE: usize = 64 << 20;
const SHARE: usize = 64;

/// Outputs whose shapes depend on data, so that they are not known before the run.
const BY_DATA: [&str; 9] = [
    "Compress",
    "NonZero",
    "Unique",
    "StringSplit",
    "Tokenizer",
    "StringNormalizer",
    "Loop",
    "Scan",
    "If",
];

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Notes panics instead of printing them.
pub fn listen() {
    std::panic::set_hook(Box::new(|info| PANIC.set(info.to_string())));
}

/// How far a node came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Refused,
    Built,
    Inferred,
    Ran,
}

fn guarded<T>(what: &str, work: impl FnOnce() -> T) -> std::result::Result<T, String> {
    let start = Instant::now();
    let done = catch_unwind(AssertUnwindSafe(work))
        .map_err(|_| format!("{what} panicked: {}", PANIC.take()))?;
    let taken = start.elapsed();
    if taken > PATIENCE {
        return Err(format!("{what} took {taken:?}"));
    }
    Ok(done)
}

fn bytes(tensor: &Tensor) -> usize {
    match tensor.data() {
        predikt::Data::Str(values) => values.iter().map(|text| text.len() + 24).sum(),
        // Where there are no elements, the axes are still gone through.
        other => {
            other.len() * other.data_type().size().unwrap_or(1)
                + tensor.dims().iter().fold(0usize, |sum, dim| sum.saturating_add(*dim))
        }
    }
}

/// Builds, infers and runs a node.
pub fn check(random: &mut Random, node: &Node) -> std::result::Result<Stage, String> {
    let held = memory::watch();
    let built = guarded("build", || ops::build(node.definition()))?;
    let kernel = match built {
        Ok(kernel) => kernel,
        Err(error) => return code(&error, "build").map(|()| Stage::Refused),
    };
    let fixed: Vec<Option<Fact>> = node
        .inputs
        .iter()
        .map(|input| input.as_ref().map(|held| Fact::fixed(held.data_type(), held.dims())))
        .collect();
    let infer = |facts: &[Option<Fact>], what: &str| {
        let facts: Vec<Option<&Fact>> = facts.iter().map(Option::as_ref).collect();
        guarded(what, || {
            ops::check_types(node.operator, &facts)?;
            kernel.infer(&facts)
        })
    };
    let inferred = infer(&fixed, "infer of fixed shapes")?;
    if let Err(error) = &inferred {
        code(error, "infer")?;
    }
    let inputs: Vec<Option<&Tensor>> = node.inputs.iter().map(Option::as_ref).collect();
    let ran = guarded("run", || kernel.run(&inputs))?;
    let given = node.inputs.iter().flatten().map(bytes).fold(0, usize::saturating_add);
    let made: usize = ran.iter().flatten().map(bytes).sum();
    let most = memory::most() - held;
    if most > SHARE.saturating_mul(given.saturating_add(made)).saturating_add(SPARE) {
        return Err(format!("{most} bytes are allocated for {given} bytes in, {made} out"));
    }
    let outputs = match (&inferred, ran) {
        // What is refused whatever the shapes is refused for its types, which a run takes for granted.
        (Err(error), Ok(outputs)) if infer(&types(node), "infer of types")?.is_ok() => {
            let dims: Vec<&[usize]> = outputs.iter().map(Tensor::dims).collect();
            return Err(format!("it runs to {dims:?}, and infer refuses its shapes: {error}"));
        }
        (Err(_), _) => return Ok(Stage::Built),
        (Ok(_), Err(error)) => {
            code(&error, "run")?;
            // What the values decide is no contradiction, but nothing may panic on the way.
            let _ = infer(&constants(node), "infer of constants")?;
            let _ = infer(&loose(random, node), "infer of loose shapes")?;
            return Ok(Stage::Inferred);
        }
        (Ok(_), Ok(outputs)) => outputs,
    };
    if outputs.len() < node.outputs.len() && node.outputs[outputs.len()..].contains(&true) {
        return Err(format!("{} outputs for {:?}", outputs.len(), node.outputs));
    }
    for output in &outputs {
        if output.data().len() > shape::MAX_ELEMENTS {
            return Err(format!("an output of {:?}", output.dims()));
        }
    }
    agree(&inferred, &outputs, "fixed shapes")?;
    let made = infer(&constants(node), "infer of constants")?;
    agree(&made, &outputs, "constants")?;
    let vague = made.iter().flatten().find(|fact| fact.dims().is_none());
    if let Some(vague) = vague
        && !BY_DATA.contains(&node.operator.name)
    {
        return Err(format!("of constants only {:?} is known", vague.shape));
    }
    for _ in 0..2 {
        let facts = loose(random, node);
        let made = infer(&facts, "infer of loose shapes")?;
        agree(&made, &outputs, "loose shapes").map_err(|why| {
            let shapes: Vec<_> = facts.iter().map(|fact| Some(&fact.as_ref()?.shape)).collect();
            format!("{why}, of {shapes:?}")
        })?;
    }
    Ok(Stage::Ran)
}

/// Errors of a model have one of a few codes.
fn code(error: &Error, stage: &str) -> std::result::Result<(), String> {
    let fits = matches!(
        (error.code(), stage),
        (Code::LimitExceeded | Code::ModelInvalid | Code::OpUnsupported, "build" | "infer")
            | (Code::LimitExceeded | Code::EngineFailed | Code::InputNotFinite, "run")
            | (Code::ModelInvalid | Code::OpUnsupported, "run")
    );
    if fits { Ok(()) } else { Err(format!("{stage} fails with {:?}: {error}", error.code())) }
}

fn types(node: &Node) -> Vec<Option<Fact>> {
    node.inputs.iter().map(|held| Some(Fact::of(held.as_ref()?.data_type()))).collect()
}

fn constants(node: &Node) -> Vec<Option<Fact>> {
    let constant = |held: &Option<Tensor>| Some(Fact::constant(Arc::new(held.clone()?)));
    node.inputs.iter().map(constant).collect()
}

/// Facts of which something is not known. The symbol for a length is that length.
fn loose(random: &mut Random, node: &Node) -> Vec<Option<Fact>> {
    let mut loose = |held: &Tensor| {
        let mut fact = match random.below(4) {
            0 => return Fact::constant(Arc::new(held.clone())),
            1 => return Fact::of(held.data_type()),
            _ => Fact::fixed(held.data_type(), held.dims()),
        };
        for (dim, length) in fact.shape.iter_mut().flatten().zip(held.dims()) {
            *dim = match random.below(3) {
                0 => Dim::Unknown,
                1 => Dim::Symbol(u32::try_from(*length).unwrap_or(u32::MAX)),
                _ => continue,
            };
        }
        fact
    };
    node.inputs.iter().map(|held| held.as_ref().map(&mut loose)).collect()
}

/// What is said of outputs before the run holds of them.
fn agree(
    inferred: &Result<Vec<Fact>>,
    outputs: &[Tensor],
    what: &str,
) -> std::result::Result<(), String> {
    let facts = inferred.as_ref().map_err(|error| {
        let dims: Vec<&[usize]> = outputs.iter().map(Tensor::dims).collect();
        format!("infer of {what} refuses what runs to {dims:?}: {error}")
    })?;
    if facts.len() != outputs.len() {
        return Err(format!("infer of {what} has {} outputs, run {}", facts.len(), outputs.len()));
    }
    for (index, (fact, output)) in facts.iter().zip(outputs).enumerate() {
        let shape = fact.shape.as_deref();
        let fits = |(dim, length): (&Dim, &usize)| match dim {
            Dim::Known(known) => known == length,
            Dim::Symbol(symbol) => *symbol == u32::try_from(*length).unwrap_or(u32::MAX),
            Dim::Unknown => true,
        };
        let same = shape.is_none_or(|shape| {
            shape.len() == output.dims().len() && shape.iter().zip(output.dims()).all(fits)
        });
        if fact.data_type != output.data_type() || !same {
            return Err(format!(
                "infer of {what} says that output {index} is {} {shape:?}, and it is {} {:?}",
                fact.data_type.name(),
                output.data_type().name(),
                output.dims()
            ));
        }
    }
    Ok(())
}
