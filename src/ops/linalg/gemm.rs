//! `Gemm` (ai.onnx 6, 7, 9, 11, 13; C is optional since 11).

use super::matmul::NUMBERS;
use super::product::{Operands, Scalar, operands};
use crate::error::Result;
use crate::ops::layout::shared::{dims, fixed, offsets, outside};
use crate::ops::math::element::Number;
use crate::ops::shape::{broadcast_strides, walk};
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, invalid, one_fact, one_tensor, optional, required,
};
use crate::tensor::Tensor;

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Gemm",
    versions: &[6, 7, 9, 11, 13],
    inputs: &[NUMBERS],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(if definition.version < 11 { 3..=3 } else { 2..=3 })?;
    let attributes = &mut definition.attributes;
    if definition.version < 7 {
        // Whether C is allowed to have another shape; later versions always allow it.
        attributes.flag("broadcast")?;
    }
    // Any number but 0 transposes.
    let mut flag = |name| Ok::<_, crate::Error>(attributes.int(name)?.unwrap_or(0) != 0);
    Ok(Box::new(Gemm {
        transpose_a: flag("transA")?,
        transpose_b: flag("transB")?,
        alpha: definition.attributes.float("alpha")?.unwrap_or(1.0),
        beta: definition.attributes.float("beta")?.unwrap_or(1.0),
    }))
}

/// `alpha` A B + `beta` C, where A and B may be transposed and C broadcasts to the result.
#[derive(Debug)]
struct Gemm {
    transpose_a: bool,
    transpose_b: bool,
    alpha: f32,
    beta: f32,
}

impl Gemm {
    fn shape(&self, a: Option<&[Dim]>, b: Option<&[Dim]>, c: Option<&[Dim]>) -> Result<Vec<Dim>> {
        let sides = |dims: Option<&[Dim]>, turned: bool| match dims {
            None => Ok([Dim::Unknown; 2]),
            Some(&[rows, columns]) => Ok(if turned { [columns, rows] } else { [rows, columns] }),
            Some(dims) => {
                Err(invalid(format!("Gemm multiplies matrices, not {} dimensions.", dims.len())))
            }
        };
        let ([rows, depth], [height, columns]) =
            (sides(a, self.transpose_a)?, sides(b, self.transpose_b)?);
        if let (Dim::Known(depth), Dim::Known(height)) = (depth, height)
            && depth != height
        {
            return Err(invalid(format!(
                "A matrix of {depth} columns cannot be multiplied by one of {height} rows."
            )));
        }
        let out = [rows, columns];
        let fits = |(dim, out): (&Dim, &Dim)| match (dim, out) {
            (Dim::Known(dim), Dim::Known(out)) => *dim == 1 || dim == out,
            _ => true,
        };
        if c.is_some_and(|c| c.len() > 2 || !c.iter().rev().zip(out.iter().rev()).all(fits)) {
            return Err(invalid("Gemm's C does not broadcast to the product of A and B."));
        }
        Ok(out.to_vec())
    }

    fn compute<T: Scalar>(
        &self,
        held: &[impl AsRef<[T]>],
        depth: usize,
        out: &mut [T],
        columns: usize,
    ) {
        let (Some(a), Some(b)) = (held.first(), held.get(1)) else { return };
        if self.transpose_b {
            T::add_product_transposed(a.as_ref(), b.as_ref(), out, depth, columns);
        } else {
            T::add_product(a.as_ref(), b.as_ref(), out, depth, columns);
        }
        if self.alpha != 1.0 {
            out.iter_mut().for_each(|value| *value = value.scaled(self.alpha));
        }
    }

    /// Adds `beta` C.
    fn add<T: Scalar>(&self, c: &[T], c_dims: &[usize], out: &mut [T], dims: &[usize]) {
        let strides = broadcast_strides(c_dims, dims);
        let mut out = out.iter_mut();
        walk(dims, &[&strides], &mut |offsets| {
            if let (Some(out), Some(c)) = (out.next(), c.get(offsets[0])) {
                let c = if self.beta == 1.0 { *c } else { c.scaled(self.beta) };
                *out = out.plus(c);
            }
        });
    }
}

impl Kernel for Gemm {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (a, b) = (required(inputs, 0)?, required(inputs, 1)?);
        let c = optional(inputs, 2).and_then(|fact| fact.shape.as_deref());
        let shape = self.shape(a.shape.as_deref(), b.shape.as_deref(), c)?;
        one_fact(a.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (a, b, c) = (required(inputs, 0)?, required(inputs, 1)?, optional(inputs, 2));
        let held = c.map(dims);
        let dims = fixed(self.shape(Some(&dims(a)), Some(&dims(b)), held.as_deref()))?;
        let (count, columns) = (dims.iter().product(), dims[1]);
        let (depth, turned) = match self.transpose_a {
            false => (a.dims()[1], None),
            true => {
                let [rows, columns] = <[_; 2]>::try_from(offsets(a.dims())?).unwrap_or_default();
                let turned = a.data().select(&[columns, rows]).ok_or_else(outside)?;
                (a.dims()[0], Some(turned))
            }
        };
        // Where beta is 0, not even NaN counts.
        let c = c.filter(|_| self.beta != 0.0);
        let mut read = vec![turned.as_ref().unwrap_or(a.data()), b.data()];
        read.extend(c.map(Tensor::data));
        macro_rules! run {
            ($held:expr) => {{
                let mut out = vec![Default::default(); count];
                self.compute(&$held, depth, &mut out, columns);
                if let (Some(values), Some(c)) = ($held.get(2), c) {
                    self.add(values, c.dims(), &mut out, &dims);
                }
                Number::narrow(out, a.data_type())
            }};
        }
        let data = match operands(&read)? {
            Operands::F32(held) => run!(held),
            Operands::F64(held) => run!(held),
            #[cfg(feature = "extra")]
            Operands::I64(held) => run!(held),
        };
        one_tensor(dims, data)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::layout::shared::tests::{check, counting, floats};
    use super::*;
    use crate::ops::Attribute;

    fn gemm(attributes: Vec<(&str, Attribute)>, inputs: &[Tensor]) -> Result<Tensor> {
        check("Gemm", 13, 1, attributes, inputs).map(|mut made| made.remove(0))
    }

    /// onnxruntime 1.31.
    #[test]
    fn products_are_scaled_and_added_to() {
        let (a, b) = (counting(&[2, 3]), counting(&[3, 2]));
        let plain = floats(&[2, 2], &[10.0, 13.0, 28.0, 40.0]);
        assert_eq!(gemm(vec![], &[a.clone(), b.clone()]).unwrap(), plain);
        let half = vec![("alpha", Attribute::Float(0.5)), ("beta", Attribute::Float(2.0))];
        for (c, wanted) in [
            (floats(&[], &[1.0]), [7.0, 8.5, 16.0, 22.0]),
            (counting(&[2]), [5.0, 8.5, 14.0, 22.0]),
            (counting(&[1, 2]), [5.0, 8.5, 14.0, 22.0]),
            (counting(&[2, 1]), [5.0, 6.5, 16.0, 22.0]),
            (counting(&[2, 2]), [5.0, 8.5, 18.0, 26.0]),
        ] {
            let made = gemm(half.clone(), &[a.clone(), b.clone(), c]).unwrap();
            assert_eq!(made, floats(&[2, 2], &wanted));
        }
        let turned = vec![("transA", Attribute::Int(1)), ("transB", Attribute::Int(1))];
        let made = gemm(turned, &[b.clone(), a.clone()]).unwrap();
        assert_eq!(made, floats(&[2, 2], &[10.0, 28.0, 13.0, 40.0]));
        let nothing = vec![("beta", Attribute::Float(0.0))];
        let nan = floats(&[1], &[f32::NAN]);
        assert_eq!(gemm(nothing, &[a.clone(), b.clone(), nan]).unwrap(), plain);
        assert_eq!(gemm(vec![], &[counting(&[0, 3]), b.clone()]).unwrap().dims(), [0, 2]);
        assert!(gemm(vec![], &[a.clone(), a.clone()]).is_err());
        assert!(gemm(vec![], &[a.clone(), counting(&[3])]).is_err());
        assert!(gemm(vec![], &[a, b, counting(&[3])]).is_err());
    }
}
