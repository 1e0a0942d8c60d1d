//! `Scatter` (ai.onnx 9), `ScatterElements` and `ScatterND` (ai.onnx 11, 13, 16, 18; reductions
//! since 16, maximum and minimum since 18).

use super::gather::element_positions;
use super::gather_nd::slice_starts;
use super::shared::outside;
use crate::error::{Result, list};
use crate::ops::math::element::{Number, Wide, widen};
use crate::ops::shape::elements;
use crate::ops::{
    Definition, Fact, Kernel, Operator, failed, invalid, one_tensor, required, types,
};
use crate::tensor::{Data, Tensor};

const INPUTS: &[&[crate::tensor::DataType]] = &[types::ANY, types::INDEX, types::ANY];

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator { domain: "", name: "Scatter", versions: &[9], inputs: INPUTS, build },
    Operator {
        domain: "",
        name: "ScatterElements",
        versions: &[11, 13, 16, 18],
        inputs: INPUTS,
        build,
    },
    Operator {
        domain: "",
        name: "ScatterND",
        versions: &[11, 13, 16, 18],
        inputs: &[types::ANY, types::INT64, types::ANY],
        build,
    },
];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(3..=3)?;
    let slices = definition.operator.name == "ScatterND";
    let axis = if slices { None } else { Some(definition.attributes.int("axis")?.unwrap_or(0)) };
    let given = match definition.version {
        16.. => definition.attributes.string("reduction")?,
        _ => None,
    };
    let reduction = match (given.as_deref(), definition.version) {
        (None | Some("none"), _) => None,
        (Some("add"), _) => Some(Reduction::Add),
        (Some("mul"), _) => Some(Reduction::Multiply),
        (Some("max"), 18..) => Some(Reduction::Maximum),
        (Some("min"), 18..) => Some(Reduction::Minimum),
        (Some(other), version) => {
            return Err(invalid(format!("Version {version} has no reduction `{other}`.")));
        }
    };
    Ok(Box::new(Scatter { axis, reduction }))
}

/// How an update is combined with what it meets.
#[derive(Debug, Clone, Copy)]
enum Reduction {
    Add,
    Multiply,
    Maximum,
    Minimum,
}

/// A copy of the data with updates written to where the indices point: single elements along an
/// axis, or without one whole slices.
#[derive(Debug)]
struct Scatter {
    axis: Option<i64>,
    reduction: Option<Reduction>,
}

impl Kernel for Scatter {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (data, updates) = (required(inputs, 0)?, required(inputs, 2)?);
        if data.data_type != updates.data_type {
            return Err(invalid(format!(
                "Updates of {} cannot be written to {}.",
                updates.data_type.name(),
                data.data_type.name()
            )));
        }
        Ok(vec![data.with_type(data.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (data, indices, updates) =
            (required(inputs, 0)?, required(inputs, 1)?, required(inputs, 2)?);
        let (starts, block) = match self.axis {
            Some(axis) => (element_positions(axis, data.dims(), indices)?, 1),
            None => slice_starts(0, data.dims(), indices)?,
        };
        if starts.len().checked_mul(block) != Some(updates.data().len()) {
            return Err(failed(format!(
                "Updates of shape {} do not fit indices of shape {}.",
                list(updates.dims()),
                list(indices.dims())
            )));
        }
        let made = match self.reduction {
            None => {
                let mut made = data.data().clone();
                if !made.put_blocks(&starts, block, updates.data()) {
                    return Err(outside());
                }
                made
            }
            Some(reduction) => reduce(data.data(), &starts, block, updates.data(), reduction)?,
        };
        elements(data.dims())?;
        one_tensor(data.dims().to_vec(), made)
    }
}

fn reduce(
    data: &Data,
    starts: &[usize],
    block: usize,
    updates: &Data,
    reduction: Reduction,
) -> Result<Data> {
    macro_rules! reduce {
        ($data:ident, $updates:ident, $add:expr, $multiply:expr) => {{
            let mut made = $data.to_vec();
            let combine = match reduction {
                Reduction::Add => $add,
                Reduction::Multiply => $multiply,
                // NaN among the updates stays, and NaN in the data goes.
                Reduction::Maximum => |a, b| if a > b { a } else { b },
                Reduction::Minimum => |a, b| if a < b { a } else { b },
            };
            scatter(&mut made, starts, block, &$updates, combine)?;
            Number::narrow(made, data.data_type())
        }};
    }
    Ok(match (widen(data)?, widen(updates)?) {
        (Wide::F32(a), Wide::F32(b)) => reduce!(a, b, |a: f32, b: f32| a + b, |a, b| a * b),
        (Wide::F64(a), Wide::F64(b)) => reduce!(a, b, |a: f64, b: f64| a + b, |a, b| a * b),
        (Wide::I64(a), Wide::I64(b)) => {
            reduce!(a, b, i64::wrapping_add as fn(i64, i64) -> i64, i64::wrapping_mul)
        }
        (Wide::U64(a), Wide::U64(b)) => {
            reduce!(a, b, u64::wrapping_add as fn(u64, u64) -> u64, u64::wrapping_mul)
        }
        _ => return Err(failed("Updates and data have several types.")),
    })
}

fn scatter<T: Copy>(
    data: &mut [T],
    starts: &[usize],
    block: usize,
    updates: &[T],
    combine: fn(T, T) -> T,
) -> Result<()> {
    for (start, updates) in starts.iter().zip(updates.chunks(block.max(1))) {
        let target = data.get_mut(*start..*start + updates.len()).ok_or_else(outside)?;
        for (target, update) in target.iter_mut().zip(updates) {
            *target = combine(*target, *update);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{build, check, counting, floats, ints};
    use super::*;
    use crate::ops::Attribute;

    fn scatter(name: &str, reduction: &str, inputs: &[Tensor]) -> Result<Tensor> {
        let reduction = vec![("reduction", Attribute::String(reduction.to_owned()))];
        check(name, 18, 1, reduction, inputs).map(|mut made| made.remove(0))
    }

    /// onnxruntime 1.31.
    #[test]
    fn elements_are_written_and_combined() {
        let run = |reduction, data: &[f32], indices: &[i64], updates: &[f32]| {
            let inputs =
                [floats(&[data.len()], data), ints(indices), floats(&[updates.len()], updates)];
            scatter("ScatterElements", reduction, &inputs)
        };
        let made = run("none", &[0.0; 3], &[1, 1, -1], &[1.0, 2.0, 3.0]).unwrap();
        assert_eq!(made, floats(&[3], &[0.0, 2.0, 3.0]));
        let made = run("add", &[0.0; 3], &[1, 1, -1], &[1.0, 2.0, 3.0]).unwrap();
        assert_eq!(made, floats(&[3], &[0.0, 3.0, 3.0]));
        let made = run("max", &[f32::NAN, 0.0], &[0], &[-1.0]).unwrap();
        assert_eq!(made, floats(&[2], &[-1.0, 0.0]));
        let made = run("min", &[1.0, 0.0], &[0, 0], &[3.0, -1.0]).unwrap();
        assert_eq!(made, floats(&[2], &[-1.0, 0.0]));
        assert!(run("none", &[0.0; 3], &[3], &[1.0]).is_err());
        assert!(run("none", &[0.0; 3], &[0, 1], &[1.0]).is_err());
        let flags =
            |values: &[bool]| Tensor::new(vec![values.len()], Data::Bool(values.to_vec())).unwrap();
        let made = scatter(
            "ScatterElements",
            "add",
            &[flags(&[true, false]), ints(&[0, 1]), flags(&[true; 2])],
        );
        assert_eq!(made.unwrap(), flags(&[true; 2]));
        let reduction = vec![("reduction", Attribute::String("max".into()))];
        assert!(build("ScatterND", 16, 3, 1, reduction).is_err());
    }

    /// onnxruntime 1.31.
    #[test]
    fn slices_are_written_and_combined() {
        let run = |reduction, indices: (&[usize], &[i64]), updates: Tensor| {
            let indices = Tensor::new(indices.0.to_vec(), Data::I64(indices.1.to_vec())).unwrap();
            scatter("ScatterND", reduction, &[counting(&[2, 2]), indices, updates])
        };
        let made = run("none", (&[1, 1], &[-1]), floats(&[1, 2], &[8.0, 9.0])).unwrap();
        assert_eq!(made, floats(&[2, 2], &[0.0, 1.0, 8.0, 9.0]));
        let made = run("mul", (&[2, 2], &[1, 1, 1, 1]), floats(&[2], &[2.0, 3.0])).unwrap();
        assert_eq!(made, floats(&[2, 2], &[0.0, 1.0, 2.0, 18.0]));
        let made = run("none", (&[0, 1], &[]), floats(&[0, 2], &[])).unwrap();
        assert_eq!(made, counting(&[2, 2]));
        assert!(run("none", (&[1, 1], &[2]), floats(&[1, 2], &[8.0, 9.0])).is_err());
        assert!(run("none", (&[1, 1], &[0]), floats(&[2, 2], &[0.0; 4])).is_err());
        assert!(run("add", (&[1, 3], &[0, 0, 0]), floats(&[1], &[0.0])).is_err());
    }
}
