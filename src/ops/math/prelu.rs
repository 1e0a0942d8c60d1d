//! `PRelu` (ai.onnx 9, 16): `x` where it is not negative, `slope * x` where it is. The slope
//! broadcasts to `x`.

use super::binary::{self, Rows, called, row};
use crate::error::{Result, list};
use crate::ops::{Definition, Fact, Kernel, Operator, failed, required, types};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] =
    &[Operator { domain: "", name: "PRelu", versions: &[9, 16], inputs: &[types::NUMBER], build }];

const ROWS: Rows = Rows {
    f32: Some(|x, slope, out| row(x, slope, out, |x, s| if x < 0.0 { x * s } else { x })),
    f64: Some(|x, slope, out| row(x, slope, out, |x, s| if x < 0.0 { x * s } else { x })),
    i64: Some(|x, slope, out| {
        called(x, slope, out, |x, s| if x < 0 { x.wrapping_mul(s) } else { x })
    }),
    u64: binary::rare(|x, slope, out| called(x, slope, out, |x, _| x)),
};

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    Ok(Box::new(PRelu))
}

#[derive(Debug)]
struct PRelu;

impl Kernel for PRelu {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        binary::infer(inputs, None)?;
        Ok(vec![required(inputs, 0)?.with_type(required(inputs, 0)?.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (x, slope) = (required(inputs, 0)?, required(inputs, 1)?);
        let made = binary::compute(&ROWS, x, slope)?;
        if made.dims() != x.dims() {
            return Err(failed(format!(
                "A slope of shape {} does not broadcast to {}.",
                list(slope.dims()),
                list(x.dims())
            )));
        }
        Ok(vec![made])
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::math::testing::{kernel, run, tensor};
    use crate::tensor::Data;

    /// onnxruntime 1.31.
    #[test]
    fn negative_elements_are_scaled() {
        let kernel = kernel("PRelu", 16, 2, vec![]);
        let x = tensor(&[1, 3], Data::F32(vec![1.0, -2.0, 0.0]));
        let made = run(&*kernel, &[x.clone(), tensor(&[1], Data::F32(vec![0.5]))]).unwrap();
        assert_eq!(made.data(), &Data::F32(vec![1.0, -1.0, 0.0]));
        assert!(
            kernel.run(&[Some(&x), Some(&tensor(&[2, 1], Data::F32(vec![0.5, 2.0])))]).is_err()
        );
    }
}
