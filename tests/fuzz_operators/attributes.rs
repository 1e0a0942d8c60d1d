//! Random attributes, by name and kind.

use std::sync::Arc;

use predikt::ops::Attribute;
use predikt::{Data, DataType, Tensor};

use crate::bodies::{Echo, Source};
use crate::random::Random;
use crate::table::Spec;
use crate::values::{self, KINDS};

/// What the attributes of one node have in common.
pub struct Context {
    /// The shape of the first input.
    pub base: Vec<usize>,
    /// The length of most lists.
    pub length: usize,
    /// How many inputs the node has.
    pub inputs: usize,
    /// How many outputs the node has.
    pub outputs: usize,
    /// Whether the first input says that there is no small number of steps.
    pub endless: bool,
}

const PATTERNS: [&str; 22] = [
    "a",
    "",
    ".",
    "[a-zA-Z]+",
    "(a|b)*c",
    "(a*)*b",
    "(a|aa)+$",
    "\\s+",
    "\\w+",
    "[^\\W_]{1,3}",
    "x{1000}",
    "(x{50}){50}",
    "((((a?){9}){9}){9}){9}",
    "[",
    "(",
    "a{2,1}",
    "\\p{L}+",
    "(?i)AB",
    "日+",
    "^$",
    "\\b\\w\\w+\\b",
    "a**",
];

const EQUATIONS: [&str; 22] = [
    "ij,jk->ik",
    "i,j->ij",
    "ii->i",
    "ij->ji",
    "...ij,...jk->...ik",
    "ij->",
    "bij,bjk",
    "i,i",
    "->",
    "",
    "ij,jk,kl->il",
    "abcdefgh,ijklmnop->ah",
    "i...->...",
    "...",
    "a,b,c,d,e,f->abcdef",
    "ii,jj->ij",
    "iiii->i",
    "ij->ijk",
    "ij,->ij",
    "i->ii",
    "I,i->Ii",
    "i j , j -> i",
];

const WORDS: [&str; 40] = [
    "constant",
    "reflect",
    "edge",
    "wrap",
    "linear",
    "TF",
    "IDF",
    "TFIDF",
    "NONE",
    "SOFTMAX",
    "LOGISTIC",
    "SOFTMAX_ZERO",
    "PROBIT",
    "LINEAR",
    "POLY",
    "RBF",
    "SIGMOID",
    "L1",
    "L2",
    "MAX",
    "add",
    "mul",
    "max",
    "min",
    "none",
    "LOWER",
    "UPPER",
    "NONE",
    "SUM",
    "AVERAGE",
    "MIN",
    "euclidean",
    "sqeuclidean",
    "LEFT",
    "RIGHT",
    "tanh",
    "DENSE",
    "SPARSE",
    "en_US",
    "",
];

fn pick<'t>(random: &mut Random, list: &[&'t str]) -> &'t str {
    list[random.below(list.len())]
}

fn string(random: &mut Random, name: &str) -> String {
    let choices: &[&str] = match name {
        "equation" if random.below(6) > 0 => &EQUATIONS,
        "equation" => return random_equation(random),
        "pattern" | "tokenexp" => &PATTERNS,
        "mode" => &["constant", "reflect", "edge", "wrap", "TF", "IDF", "TFIDF", "linear"],
        "post_transform" => &["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"],
        "kernel_type" => &["LINEAR", "POLY", "RBF", "SIGMOID"],
        "norm" => &["L1", "L2", "MAX"],
        "reduction" => &["none", "add", "mul", "max", "min"],
        "case_change_action" => &["LOWER", "UPPER", "NONE"],
        "aggregate_function" => &["SUM", "AVERAGE", "MIN", "MAX"],
        "metric" => &["euclidean", "sqeuclidean"],
        "direction" => &["LEFT", "RIGHT"],
        "approximate" => &["none", "tanh"],
        "default_string" | "pad_value" | "value_string" | "delimiter" => &values::TEXTS,
        _ => &WORDS,
    };
    let choices = if random.below(20) == 0 { &WORDS } else { choices };
    pick(random, choices).to_owned()
}

fn random_equation(random: &mut Random) -> String {
    let mut term = |most: usize| -> String {
        (0..random.below(most)).map(|_| (b'a' + random.below(20) as u8) as char).collect()
    };
    format!("{},{}->{}", term(6), term(6), term(4))
}

fn int(random: &mut Random, name: &str, context: &Context) -> i64 {
    let rank = context.base.len().max(1);
    if random.below(12) == 0 {
        return values::integer(random);
    }
    match name {
        "axis" | "start" | "end" | "batch_dims" => random.below(2 * rank) as i64 - rank as i64,
        "to" | "dtype" => 1 + random.below(17) as i64,
        "num_scan_inputs" => 1 + random.below(context.inputs.max(1)) as i64,
        "num_outputs" => context.outputs as i64,
        "mincharnum" | "max_gram_length" | "min_gram_length" | "n_targets" | "targets" => {
            1 + random.below(3) as i64
        }
        _ => random.below(3) as i64,
    }
}

fn ints(random: &mut Random, name: &str, context: &Context) -> Vec<i64> {
    let rank = context.base.len();
    match name {
        "axes" if random.below(8) > 0 => {
            let rank = rank.max(1);
            let mut axes: Vec<i64> = (0..rank as i64).filter(|_| random.below(2) == 0).collect();
            axes.iter_mut().filter(|_| random.below(4) == 0).for_each(|axis| *axis -= rank as i64);
            axes
        }
        "perm" if random.below(8) > 0 => permutation(random, rank),
        "repeats" | "pads" | "shape" if random.below(8) > 0 => {
            let length = if name == "pads" { 2 * rank } else { rank };
            (0..length).map(|_| random.below(3) as i64).collect()
        }
        _ => (0..length(random, context)).map(|_| int(random, "", context)).collect(),
    }
}

fn permutation(random: &mut Random, rank: usize) -> Vec<i64> {
    let mut perm: Vec<i64> = (0..rank as i64).collect();
    for index in (1..rank).rev() {
        perm.swap(index, random.below(index + 1));
    }
    perm
}

fn length(random: &mut Random, context: &Context) -> usize {
    match random.below(8) {
        0 => random.below(7),
        1 => 1,
        2 => context.base.last().copied().unwrap_or(1).min(64),
        _ => context.length,
    }
}

fn floats(random: &mut Random, context: &Context) -> Vec<f32> {
    (0..length(random, context)).map(|_| values::float(random) as f32).collect()
}

fn strings(random: &mut Random, name: &str, context: &Context) -> Vec<String> {
    let separators = name == "separators";
    (0..length(random, context))
        .map(|_| if separators { pick(random, &PATTERNS).to_owned() } else { values::text(random) })
        .collect()
}

/// A tensor of that many elements, or a scalar.
fn tensor(random: &mut Random, name: &str, context: &Context) -> Tensor {
    let kind = KINDS[random.below(KINDS.len())];
    let kind = if random.below(4) == 0 { kind } else { DataType::Float32 };
    let dims = match random.below(4) {
        0 => vec![],
        1 if name == "value" => values::shape(random),
        2 => vec![1],
        _ => vec![length(random, context)],
    };
    values::tensor(random, kind, dims, true)
}

/// A body that more often than not fits the node.
fn body(random: &mut Random, operator: &str, context: &Context) -> Attribute {
    let own = context.inputs;
    // A loop that goes on for ever is refused after a million steps, which take their time.
    let goes_on = random.below(if context.endless { 100 } else { 3 });
    let flag = Tensor::new(vec![], Data::Bool(vec![goes_on == 1])).unwrap();
    let flag = Arc::new(flag);
    let captures = random.below(2);
    let (inputs, mut outputs, count) = match operator {
        "Loop" => (own.max(2), vec![Source::Constant(flag)], own.max(2) - 1 + random.below(3)),
        "Scan" => (own, vec![], own.saturating_sub(1) + random.below(3)),
        _ => (0, vec![], context.outputs),
    };
    // A loop's body is given its states behind the number of the step and the condition.
    let first = if operator == "Loop" { 2 } else { 0 };
    for index in 0..count.saturating_sub(outputs.len()) {
        let states = (first + index).min((inputs + captures).max(1) - 1);
        outputs.push(match random.below(6) {
            0 => {
                let (kind, dims) = (KINDS[random.below(3)], values::shape(random));
                Source::Constant(Arc::new(values::tensor(random, kind, dims, true)))
            }
            1 => Source::Input(random.below(inputs + captures + 1)),
            _ => Source::Input(states),
        });
    }
    let inputs = if random.below(15) == 0 { inputs + 1 } else { inputs };
    Attribute::Body(Echo::shared(inputs, captures, outputs))
}

fn attribute(
    random: &mut Random,
    spec: &Spec,
    name: &str,
    kind: &str,
    context: &Context,
) -> Attribute {
    const KINDS: [&str; 8] =
        ["int", "float", "string", "tensor", "graph", "ints", "floats", "strings"];
    let kind = if random.below(60) == 0 { pick(random, &KINDS) } else { kind };
    match kind {
        "int" => Attribute::Int(int(random, name, context)),
        "float" => Attribute::Float(values::float(random) as f32),
        "string" => Attribute::String(string(random, name)),
        "tensor" => Attribute::Tensor(tensor(random, name, context)),
        "graph" => body(random, spec.name, context),
        "ints" => Attribute::Ints(ints(random, name, context)),
        "floats" => Attribute::Floats(floats(random, context)),
        "strings" => Attribute::Strings(strings(random, name, context)),
        _ => Attribute::Other("something else"),
    }
}

/// Random attributes of an operator.
pub fn all(random: &mut Random, spec: &Spec, context: &Context) -> Vec<(String, Attribute)> {
    let often = 1 + random.below(4);
    let mut all = vec![];
    for (name, kind, required) in &spec.attributes {
        let given = if *required { random.below(40) > 0 } else { random.below(4) < often };
        if given {
            all.push(((*name).to_owned(), attribute(random, spec, name, kind, context)));
        }
    }
    if random.below(200) == 0 {
        all.push(("speed".to_owned(), Attribute::Int(1)));
    }
    all
}

/// Changes one attribute a little: a list loses or gains an element, or holds an extreme.
pub fn disturb(random: &mut Random, attributes: &mut [(String, Attribute)]) {
    if attributes.is_empty() {
        return;
    }
    let at = random.below(attributes.len());
    macro_rules! list {
        ($values:expr, $value:expr) => {{
            let value = $value;
            let place = random.below($values.len().max(1));
            match random.below(3) {
                0 => drop($values.pop()),
                1 => $values.push(value),
                _ => $values.iter_mut().skip(place).take(1).for_each(|held| *held = value.clone()),
            }
        }};
    }
    match &mut attributes[at].1 {
        Attribute::Ints(values) => list!(values, values::integer(random)),
        Attribute::Floats(values) => list!(values, values::float(random) as f32),
        Attribute::Strings(values) => list!(values, values::text(random)),
        Attribute::Int(value) => *value = values::integer(random),
        Attribute::Float(value) => *value = values::float(random) as f32,
        Attribute::String(value) => *value = values::text(random),
        _ => {}
    }
}
