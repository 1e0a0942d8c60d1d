//! Random nodes and their inputs.

use predikt::ops::{self, Attribute, Attributes, Definition, Operator};
use predikt::{Data, DataType, Tensor};

use crate::attributes::{self, Context};
use crate::random::Random;
use crate::recipes;
use crate::table::Spec;
use crate::values::{self, KINDS};

/// A node, and tensors for its inputs.
#[derive(Debug)]
pub struct Node {
    pub operator: &'static Operator,
    pub version: i64,
    pub attributes: Vec<(String, Attribute)>,
    /// The node's own, then what its subgraphs read besides.
    pub inputs: Vec<Option<Tensor>>,
    own: usize,
    pub outputs: Vec<bool>,
}

/// How often an operator's own rules for attributes are kept to, out of ten.
const FIT: usize = 8;

impl Node {
    pub fn random(random: &mut Random, operator: &'static Operator, spec: &Spec) -> Self {
        let mut base = values::shape(random);
        // What most operators of ai.onnx.ml take.
        if spec.domain == "ai.onnx.ml" && random.below(4) > 0 {
            base = vec![random.below(4), 1 + random.below(5)];
        }
        let inputs = inputs(random, operator, spec, &base);
        let most = if random.below(4) == 0 { *spec.outputs.end() } else { *spec.outputs.start() };
        let outputs: Vec<bool> = (0..most.max(1)).map(|_| random.below(20) > 0).collect();
        let length = 1 + random.below(4);
        let own = inputs.len();
        let steps = inputs.first().and_then(|first| first.as_ref()).map(Tensor::data);
        let endless = !matches!(steps, Some(Data::I64(steps)) if steps.iter().all(|n| *n < 1000));
        let context = Context { base, length, inputs: own, outputs: outputs.len(), endless };
        let mut attributes = attributes::all(random, spec, &context);
        if random.below(10) < FIT {
            let width = context.base.last().copied().unwrap_or(1);
            recipes::amend(random, spec, width, &mut attributes);
        }
        if random.below(4) == 0 {
            attributes::disturb(random, &mut attributes);
        }
        let mut node = Node { operator, version: spec.version, attributes, inputs, own, outputs };
        let mut bodies: Vec<(&String, usize)> = vec![];
        for (name, attribute) in &node.attributes {
            if let Attribute::Body(body) = attribute {
                bodies.push((name, body.captures().len()));
            }
        }
        let captured = bodies.iter().map(|(_, captures)| captures).sum::<usize>();
        for _ in 0..captured {
            let (kind, dims) = (KINDS[random.below(3)], values::shape(random));
            node.inputs.push(Some(values::tensor(random, kind, dims, true)));
        }
        node
    }

    pub fn definition(&self) -> Definition {
        Definition {
            operator: self.operator,
            version: self.version,
            inputs: self.inputs[..self.own].iter().map(Option::is_some).collect(),
            outputs: self.outputs.clone(),
            attributes: Attributes::new(self.attributes.clone()),
        }
    }
}

fn kinds(name: &str) -> Option<DataType> {
    Some(match name {
        "int64" | "I" => DataType::Int64,
        "B" => DataType::Bool,
        name => *KINDS.iter().find(|kind| kind.name() == name)?,
    })
}

fn inputs(
    random: &mut Random,
    operator: &'static Operator,
    spec: &Spec,
    base: &[usize],
) -> Vec<Option<Tensor>> {
    let (least, most) = (*spec.inputs.start(), *spec.inputs.end());
    let count = match random.below(40) {
        0 => random.below(7),
        _ => least + random.below(most - least + 1),
    };
    let mut chosen: Vec<(&str, DataType)> = vec![];
    let mixed = random.below(20) == 0;
    (0..count)
        .map(|index| {
            if random.below(if index < least { 100 } else { 5 }) == 0 {
                return None;
            }
            let variable = spec.types.get(index).or(spec.types.last()).copied().unwrap_or("T");
            let listed = operator.inputs.get(index).or(operator.inputs.last());
            let kind = match chosen.iter().find(|(name, _)| *name == variable) {
                _ if random.below(60) == 0 => KINDS[random.below(KINDS.len())],
                Some((_, kind)) if !mixed => *kind,
                _ => kinds(variable).unwrap_or_else(|| {
                    let types = listed.copied().unwrap_or(&KINDS);
                    types[random.below(types.len())]
                }),
            };
            chosen.push((variable, kind));
            // Shapes, axes and indices are vectors or scalars.
            let aside = index > 0 && (kind == DataType::Int64 || kinds(variable).is_some());
            let dims = match random.below(12) {
                0 => values::shape(random),
                1 => vec![],
                2..=6 if aside => vec![[base.len(), 2 * base.len(), 1][random.below(3)]],
                7 if aside => vec![],
                2..=7 => base.to_vec(),
                8..=9 => values::like(random, base),
                10 if index == 1 => matching(random, base),
                _ => base.to_vec(),
            };
            Some(values::tensor(random, kind, dims, index > 0))
        })
        .collect()
}

/// What can be multiplied with a matrix of that shape.
fn matching(random: &mut Random, base: &[usize]) -> Vec<usize> {
    match base {
        [.., last] if *last < 1 << 14 => vec![*last, random.below(4)],
        _ => vec![],
    }
}

/// The specification's operator in predikt's tables, where that version is there.
pub fn operator(spec: &Spec) -> Option<&'static Operator> {
    ops::find(spec.domain, spec.name).filter(|held| held.versions.contains(&spec.version))
}
