//! `CDist` (com.microsoft 1), after onnxruntime's contrib operators: squared unless said otherwise,
//! and of other metrics it has none.

use crate::error::Result;
use crate::ops::shape::elements;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, invalid, one_fact, one_tensor, required,
    unsupported, unsupported_type,
};
use crate::tensor::{Data, DataType, Tensor};

const TYPES: &[DataType] = &[DataType::Float32, DataType::Float64];

/// The family's operators.
pub const OPERATORS: &[Operator] =
    &[Operator { domain: "com.microsoft", name: "CDist", versions: &[1], inputs: &[TYPES], build }];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    let root = match definition.attributes.string("metric")?.as_deref() {
        None | Some("sqeuclidean") => false,
        Some("euclidean") => true,
        Some(other) => {
            return Err(unsupported(format!(
                "CDist's metric is `{other}`; implemented are euclidean and sqeuclidean."
            )));
        }
    };
    Ok(Box::new(Distances { root }))
}

/// The distance of each row of one matrix to each row of another.
#[derive(Debug)]
struct Distances {
    root: bool,
}

impl Kernel for Distances {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (a, b) = (required(inputs, 0)?, required(inputs, 1)?);
        let rows = |fact: &Fact| match fact.shape.as_deref() {
            None => Ok(Dim::Unknown),
            Some([rows, _]) => Ok(*rows),
            Some(dims) => {
                Err(invalid(format!("CDist takes matrices, not {} dimensions.", dims.len())))
            }
        };
        one_fact(a.data_type, vec![rows(a)?, rows(b)?])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (a, b) = (required(inputs, 0)?, required(inputs, 1)?);
        let (&[rows, columns], &[others, width]) = (a.dims(), b.dims()) else {
            return Err(failed("CDist takes matrices."));
        };
        if columns != width {
            return Err(failed(format!("Rows of {columns} and of {width} have no distance.")));
        }
        let dims = vec![rows, others];
        let count = elements(&dims)?;
        macro_rules! distances {
            ($variant:ident, $a:expr, $b:expr) => {{
                let mut out = Vec::with_capacity(count);
                if columns == 0 {
                    out.resize(count, 0.0);
                } else {
                    for row in $a.chunks_exact(columns) {
                        let squares = $b.chunks_exact(columns).map(|other| {
                            let differences = row.iter().zip(other).map(|(a, b)| a - b);
                            differences.fold(0.0, |sum, difference| sum + difference * difference)
                        });
                        out.extend(squares);
                    }
                }
                if self.root {
                    out.iter_mut().for_each(|value| *value = value.sqrt());
                }
                Data::$variant(out)
            }};
        }
        let data = match (a.data(), b.data()) {
            (Data::F32(a), Data::F32(b)) => distances!(F32, a, b),
            (Data::F64(a), Data::F64(b)) => distances!(F64, a, b),
            (_, other) => return Err(unsupported_type(other.data_type())),
        };
        one_tensor(dims, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{self, Attribute, Attributes};

    fn distances(metric: &str, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        let metric = ("metric".to_owned(), Attribute::String(metric.to_owned()));
        let kernel = ops::build(Definition {
            operator: &OPERATORS[0],
            version: 1,
            inputs: vec![true; 2],
            outputs: vec![true],
            attributes: Attributes::new(vec![metric]),
        })?;
        kernel.run(&[Some(a), Some(b)]).map(|mut made| made.remove(0))
    }

    /// onnxruntime 1.31; the square roots numpy 2.4.
    #[test]
    fn rows_are_apart() {
        let matrix =
            |rows, values: &[f64]| Tensor::new(vec![rows, 2], Data::F64(values.to_vec())).unwrap();
        let (a, b) = (matrix(2, &[1., 2., 3., 5.]), matrix(3, &[0., 0., 1., 2., 2., -1.]));
        let made = distances("sqeuclidean", &a, &b).unwrap();
        assert_eq!(made.data(), &Data::F64(vec![5., 0., 10., 34., 13., 37.]));
        let made = distances("euclidean", &a, &b).unwrap();
        assert_eq!(made.dims(), [2, 3]);
        assert!(matches!(made.data(), Data::F64(values) if values[3] == 34f64.sqrt()));
        assert_eq!(distances("euclidean", &matrix(0, &[]), &b).unwrap().dims(), [0, 3]);
        let narrow = Tensor::new(vec![3, 1], Data::F64(vec![0.; 3])).unwrap();
        assert!(distances("euclidean", &a, &narrow).is_err());
        let floats = Tensor::new(vec![3, 2], Data::F32(vec![0.; 6])).unwrap();
        assert!(distances("euclidean", &a, &floats).is_err());
        assert!(distances("cityblock", &a, &b).is_err());
    }
}
