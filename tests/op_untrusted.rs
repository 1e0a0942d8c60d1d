//! Random attributes, shapes and values, most of them nonsense: no operator panics, and what one
//! infers is what it makes.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use predikt::error::Detail;
use predikt::ops::{self, Attribute, Attributes, Definition, Dim, Fact, Kernel, Operator};
use predikt::{Data, DataType, Tensor};

/// A generator of numbers that are random enough (splitmix64), and the words to choose from.
struct Random<'w> {
    state: u64,
    words: &'w [String],
}

impl Random<'_> {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    /// Small as a rule, and now and then as large as can be.
    fn int(&mut self) -> i64 {
        const FAR: &[i64] = &[i64::MIN, i64::MAX, 1 << 40, -(1 << 40), i64::MAX / 2, 1 << 31];
        if self.below(12) == 0 { self.one(FAR) } else { self.below(9) as i64 - 3 }
    }

    fn float(&mut self) -> f64 {
        const FAR: &[f64] = &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -0.0, 1e-300];
        if self.below(8) == 0 { self.one(FAR) } else { self.below(17) as f64 / 2.0 - 4.0 }
    }

    fn text(&mut self) -> String {
        const TEXTS: &[&str] = &["", "a", "b", "é", "ij,jk->ik", "...i->i", "i,i"];
        if self.below(2) == 0 { self.one(TEXTS).to_owned() } else { self.one(self.words) }
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(5)).map(|_| item(self)).collect()
    }

    fn data(&mut self, kind: DataType, count: usize) -> Data {
        let mut ints = || (0..count).map(|_| self.int()).collect::<Vec<i64>>();
        match kind {
            DataType::Float16 => Data::F16(ints().into_iter().map(|v| v as u16).collect()),
            DataType::Int8 => Data::I8(ints().into_iter().map(|v| v as i8).collect()),
            DataType::Int16 => Data::I16(ints().into_iter().map(|v| v as i16).collect()),
            DataType::Int32 => Data::I32(ints().into_iter().map(|v| v as i32).collect()),
            DataType::Int64 => Data::I64(ints()),
            DataType::Uint8 => Data::U8(ints().into_iter().map(|v| v as u8).collect()),
            DataType::Uint16 => Data::U16(ints().into_iter().map(|v| v as u16).collect()),
            DataType::Uint32 => Data::U32(ints().into_iter().map(|v| v as u32).collect()),
            DataType::Uint64 => Data::U64(ints().into_iter().map(|v| v as u64).collect()),
            DataType::Bool => Data::Bool(ints().into_iter().map(|v| v > 0).collect()),
            DataType::Float32 => Data::F32((0..count).map(|_| self.float() as f32).collect()),
            DataType::Float64 => Data::F64((0..count).map(|_| self.float()).collect()),
            DataType::String => Data::Str((0..count).map(|_| self.text()).collect()),
        }
    }

    fn tensor(&mut self, kind: DataType) -> Tensor {
        let dims: Vec<usize> =
            (0..self.below(5)).map(|_| self.one(&[0, 1, 1, 2, 2, 3, 4])).collect();
        let data = self.data(kind, dims.iter().product());
        Tensor::new(dims, data).unwrap()
    }

    /// An attribute of the kind that a message asked for, or of any.
    fn attribute(&mut self, kind: Option<&str>) -> Attribute {
        const KINDS: &[&str] = &[
            "an integer",
            "a float",
            "a text",
            "a tensor",
            "a list of integers",
            "a list of floats",
            "a list of texts",
        ];
        match kind.unwrap_or_else(|| self.one(KINDS)) {
            "a float" => Attribute::Float(self.float() as f32),
            "a text" => Attribute::String(self.text()),
            "a list of integers" => Attribute::Ints(self.list(Self::int)),
            "a list of floats" => Attribute::Floats(self.list(|random| random.float() as f32)),
            "a list of texts" => Attribute::Strings(self.list(Self::text)),
            "a tensor" => {
                let kind = self.one(ops::types::ANY);
                Attribute::Tensor(self.tensor(kind))
            }
            _ => Attribute::Int(self.int()),
        }
    }

    fn fact(&mut self, tensor: &Tensor) -> Fact {
        let kind = tensor.data_type();
        let dim = |random: &mut Self, length: &usize| match random.below(3) {
            0 => Dim::Unknown,
            1 => Dim::Symbol(*length as u32),
            _ => Dim::Known(*length),
        };
        match self.below(4) {
            0 => Fact::of(kind),
            1 => Fact::fixed(kind, tensor.dims()),
            2 => Fact::constant(Arc::new(tensor.clone())),
            _ => Fact::new(kind, tensor.dims().iter().map(|d| dim(self, d)).collect::<Vec<_>>()),
        }
    }
}

/// Whether a fact allows a tensor. A symbol is as long as its number says.
fn allows(fact: &Fact, tensor: &Tensor) -> bool {
    let dim = |(dim, length): (&Dim, &usize)| match dim {
        Dim::Known(known) => known == length,
        Dim::Symbol(number) => *number as usize == *length,
        Dim::Unknown => true,
    };
    let shape = fact.shape.as_ref().is_none_or(|shape| {
        shape.len() == tensor.dims().len() && shape.iter().zip(tensor.dims()).all(dim)
    });
    // NaN equals nothing.
    let value =
        fact.value.as_ref().is_none_or(|value| format!("{value:?}") == format!("{tensor:?}"));
    fact.data_type == tensor.data_type() && shape && value
}

/// Attributes that an operator may read, and of which kind it says that they should be.
type Known = BTreeMap<String, Option<String>>;

/// Builds a node with random attributes. Those that are refused are left out, and those that
/// should be of another kind become it.
fn build(
    operator: &'static Operator,
    known: &mut Known,
    inputs: &[bool],
    random: &mut Random,
) -> Option<Box<dyn Kernel>> {
    let version = random.one(operator.versions);
    let outputs = vec![true; 1 + random.below(4)];
    let rare = random.below(4);
    let mut attributes: BTreeMap<String, Attribute> = BTreeMap::new();
    for (name, kind) in known.iter() {
        if random.below(4) >= rare {
            attributes.insert(name.clone(), random.attribute(kind.as_deref()));
        }
    }
    for _ in 0..2 * known.len() {
        let error = match ops::build(Definition {
            operator,
            version,
            inputs: inputs.to_vec(),
            outputs: outputs.clone(),
            attributes: Attributes::new(attributes.clone().into_iter().collect()),
        }) {
            Ok(kernel) => return Some(kernel),
            Err(error) => error,
        };
        let Some(Detail::Text(name)) = error.details().get("attribute") else { return None };
        let kind = error.message().split_once("and should be ").map(|(_, kind)| kind);
        match kind.map(|kind| kind.trim_end_matches('.')) {
            Some(kind) => {
                known.insert(name.clone(), Some(kind.to_owned()));
                attributes.insert(name.clone(), random.attribute(Some(kind)));
            }
            None => {
                attributes.remove(name)?;
            }
        }
    }
    None
}

/// One try. An error is as good as an answer, unless the two contradict each other.
fn attempt(
    operator: &'static Operator,
    known: &mut Known,
    random: &mut Random,
) -> Result<(), String> {
    let kinds =
        |index: usize| *operator.inputs.get(index).or(operator.inputs.last()).unwrap_or(&&[][..]);
    let shared = random.one(kinds(0));
    let tensors: Vec<Option<Tensor>> = (0..random.below(5))
        .map(|index| {
            let kinds = kinds(index);
            let kind = if kinds.contains(&shared) { shared } else { random.one(kinds) };
            (random.below(10) > 0).then(|| random.tensor(kind))
        })
        .collect();
    let inputs: Vec<bool> = tensors.iter().map(Option::is_some).collect();
    let Some(kernel) = build(operator, known, &inputs, random) else { return Ok(()) };
    let infer = |facts: Vec<Option<Fact>>| {
        kernel.infer(&facts.iter().map(Option::as_ref).collect::<Vec<_>>())
    };
    let each = |fact: &mut dyn FnMut(&Tensor) -> Fact| {
        infer(tensors.iter().map(|tensor| tensor.as_ref().map(&mut *fact)).collect())
    };
    // Types that are refused do not come to a run.
    if each(&mut |tensor| Fact::of(tensor.data_type())).is_err() {
        return Ok(());
    }
    let inferred = each(&mut |tensor| random.fact(tensor));
    let Ok(made) = kernel.run(&tensors.iter().map(Option::as_ref).collect::<Vec<_>>()) else {
        return Ok(());
    };
    let inferred = inferred.map_err(|error| format!("runs, and does not infer: {error}"))?;
    for (fact, tensor) in inferred.iter().zip(&made) {
        if !allows(fact, tensor) {
            return Err(format!("{fact:?} was inferred, and made {tensor:?}"));
        }
    }
    Ok(())
}

/// How often each operator is tried.
const TRIES: usize = 500;

/// All names in the source of each family.
fn words(folder: &Path, found: &mut Vec<Vec<String>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            words(&path, found);
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let source = source.split("mod tests").next().unwrap_or_default();
        let is_name = |word: &&str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        found.push(source.split('"').filter(is_name).map(str::to_owned).collect());
    }
}

#[test]
fn nothing_panics_and_inference_tells_the_truth() {
    let mut families = vec![];
    words(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops"), &mut families);
    std::panic::set_hook(Box::new(|_| {}));
    let mut wrong = vec![];
    for operator in ops::all() {
        let own = families.iter().filter(|words| words.iter().any(|word| word == operator.name));
        let words: Vec<String> = own.flatten().cloned().collect();
        let mut known: Known = words.iter().map(|name| (name.clone(), None)).collect();
        let state =
            operator.name.bytes().fold(7, |hash, byte| hash * 31 % 1_000_003 + u64::from(byte));
        let mut random = Random { state, words: &words };
        for _ in 0..TRIES {
            let try_it = AssertUnwindSafe(|| attempt(operator, &mut known, &mut random));
            if let Err(why) = catch_unwind(try_it).unwrap_or_else(|_| Err("panics".to_owned())) {
                wrong.push(format!("{}: {why}", operator.name));
                break;
            }
        }
    }
    let _ = std::panic::take_hook();
    assert!(wrong.is_empty(), "{} operators:\n{wrong:#?}", wrong.len());
}
