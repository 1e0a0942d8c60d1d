//! `DepthToSpace` (ai.onnx 1, 11, 13, 28) and `SpaceToDepth` (ai.onnx 1, 13, 28; a mode since 28).

use super::shared::{offsets, outside};
use crate::error::Result;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, invalid, one_fact, one_tensor, required, types,
};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "",
        name: "DepthToSpace",
        versions: &[1, 11, 13, 28],
        inputs: &[types::ANY],
        build: |definition| build(definition, true),
    },
    Operator {
        domain: "",
        name: "SpaceToDepth",
        versions: &[1, 13, 28],
        inputs: &[types::ANY],
        build: |definition| build(definition, false),
    },
];

fn build(definition: &mut Definition, to_space: bool) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let given = definition.attributes.int("blocksize")?.unwrap_or(0);
    let size =
        usize::try_from(given).ok().filter(|size| *size > 0 && size.checked_mul(*size).is_some());
    let size = size.ok_or_else(|| invalid(format!("The attribute `blocksize` is {given}.")))?;
    let has_mode = definition.version >= if to_space { 11 } else { 28 };
    let mode = if has_mode { definition.attributes.string("mode")? } else { None };
    let depth_first = match mode.as_deref() {
        None | Some("DCR") => true,
        Some("CRD") => false,
        Some(other) => return Err(invalid(format!("The attribute `mode` is `{other}`."))),
    };
    Ok(Box::new(Blocks { size, depth_first, to_space }))
}

/// Moves elements between the channels and square blocks of a plane: of images in the order batch,
/// channel, row, column. The block's place counts before the channel where `depth_first`.
#[derive(Debug)]
struct Blocks {
    size: usize,
    depth_first: bool,
    to_space: bool,
}

impl Blocks {
    fn shape(&self, dims: &[Dim]) -> Result<Vec<Dim>> {
        let &[batch, channels, rows, columns] = dims else {
            return Err(invalid(format!("Images have 4 dimensions, not {}.", dims.len())));
        };
        let times = |dim: Dim, by: usize| {
            Dim::known(dim).and_then(|dim| dim.checked_mul(by)).map_or(Dim::Unknown, Dim::Known)
        };
        let parts = |dim: Dim, by: usize| match dim {
            Dim::Known(dim) if dim % by == 0 => Ok(Dim::Known(dim / by)),
            Dim::Known(dim) => {
                Err(invalid(format!("A length of {dim} has no blocks of {}.", self.size)))
            }
            _ => Ok(Dim::Unknown),
        };
        let (size, area) = (self.size, self.size * self.size);
        Ok(match self.to_space {
            true => vec![batch, parts(channels, area)?, times(rows, size), times(columns, size)],
            false => vec![batch, times(channels, area), parts(rows, size)?, parts(columns, size)?],
        })
    }
}

impl Kernel for Blocks {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        let shape = data.shape.as_deref().map(|dims| self.shape(dims)).transpose()?;
        one_fact(data.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        let dims = super::shared::fixed(self.shape(&super::shared::dims(data)))?;
        let (&[batch, channels, rows, columns], &[_, out_channels, out_rows, out_columns]) =
            (data.dims(), &*dims)
        else {
            return Err(failed("Images have 4 dimensions."));
        };
        let size = self.size;
        // The input's axes apart, and the order in which the output has them.
        let (apart, order) = match (self.to_space, self.depth_first) {
            (true, true) => ([batch, size, size, out_channels, rows, columns], [0, 3, 4, 1, 5, 2]),
            (true, false) => ([batch, out_channels, size, size, rows, columns], [0, 1, 4, 2, 5, 3]),
            (false, true) => {
                ([batch, channels, out_rows, size, out_columns, size], [0, 3, 5, 1, 2, 4])
            }
            (false, false) => {
                ([batch, channels, out_rows, size, out_columns, size], [0, 1, 3, 5, 2, 4])
            }
        };
        let held = offsets(&apart)?;
        let axes: Vec<Vec<usize>> = order.iter().map(|axis: &usize| held[*axis].clone()).collect();
        one_tensor(dims, data.data().select(&axes).ok_or_else(outside)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{build, check, counting, floats};
    use super::*;
    use crate::ops::Attribute;

    /// onnx 1.23.2, reference evaluator.
    #[test]
    fn blocks_become_channels_and_back() {
        let run = |name, mode: &str, data: &Tensor| {
            let attributes =
                vec![("blocksize", Attribute::Int(2)), ("mode", Attribute::String(mode.into()))];
            check(name, 28, 1, attributes, std::slice::from_ref(data))
                .map(|mut made| made.remove(0))
        };
        let data = counting(&[1, 8, 1, 1]);
        let made = run("DepthToSpace", "DCR", &data).unwrap();
        assert_eq!(made, floats(&[1, 2, 2, 2], &[0.0, 2.0, 4.0, 6.0, 1.0, 3.0, 5.0, 7.0]));
        assert_eq!(run("SpaceToDepth", "DCR", &made).unwrap(), data);
        let made = run("DepthToSpace", "CRD", &data).unwrap();
        assert_eq!(made, floats(&[1, 2, 2, 2], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]));
        assert_eq!(run("SpaceToDepth", "CRD", &made).unwrap(), data);
        assert!(run("DepthToSpace", "CRD", &counting(&[1, 2, 1, 1])).is_err());
        assert!(run("SpaceToDepth", "CRD", &counting(&[1, 2, 1, 2])).is_err());
        for size in [0, -1, i64::MAX] {
            let size = vec![("blocksize", Attribute::Int(size))];
            assert!(build("SpaceToDepth", 13, 1, 1, size).is_err());
        }
    }
}
