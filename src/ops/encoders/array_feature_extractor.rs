//! `ArrayFeatureExtractor` (ai.onnx.ml 1): elements of the last axis by index. The indices' own
//! shape has no effect, and a vector counts as one row: the output is then a matrix.

use crate::error::Result;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, fresh, invalid, made, one_fact, required,
    shape, types, unsupported_type,
};
use crate::tensor::{Data, DataType, Tensor};

const TYPES: &[DataType] =
    &[DataType::Float32, DataType::Float64, DataType::Int64, DataType::Int32, DataType::String];

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "ai.onnx.ml",
    name: "ArrayFeatureExtractor",
    versions: &[1],
    inputs: &[TYPES, types::INT64],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(2..=2)?;
    Ok(Box::new(ArrayFeatureExtractor))
}

#[derive(Debug)]
struct ArrayFeatureExtractor;

impl Kernel for ArrayFeatureExtractor {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let (x, y) = (required(inputs, 0)?, required(inputs, 1)?);
        let count = match y.dims() {
            Some(dims) => Dim::Known(shape::elements(&dims)?),
            None => Dim::Unknown,
        };
        let shape = match x.shape.as_deref() {
            Some([]) => return Err(invalid("ArrayFeatureExtractor takes no scalar.")),
            Some([_]) => Some(vec![Dim::Known(1), count]),
            Some([rows @ .., _]) => Some([rows, &[count]].concat()),
            None => None,
        };
        one_fact(x.data_type, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        fresh(self, inputs, 1)
    }

    fn run_into(&self, inputs: &[Option<&Tensor>], outputs: &mut [Tensor]) -> Result<()> {
        let (x, y) = (required(inputs, 0)?, required(inputs, 1)?);
        let (Data::I64(indices), [rows @ .., row]) = (y.data(), x.dims()) else {
            return Err(failed("ArrayFeatureExtractor takes at least one axis and int64 indices."));
        };
        if indices.is_empty() {
            return Err(failed("ArrayFeatureExtractor takes at least one index."));
        }
        if let Some(index) = indices.iter().find(|index| !(0..*row as i64).contains(*index)) {
            return Err(failed(format!(
                "ArrayFeatureExtractor reads column {index}, and rows have {row}: pass rows as wide as those the model was made for."
            )));
        }
        let near = [rows.first().copied().unwrap_or(1), indices.len()];
        let far: Vec<usize>;
        let dims = if rows.len() < 2 {
            &near[..]
        } else {
            far = [rows, &[indices.len()]].concat();
            &far
        };
        shape::elements(dims)?;
        let out = made(outputs, 0)?;
        match x.data() {
            Data::F32(values) => take(values, *row, indices, out.reuse_f32(dims)),
            Data::F64(values) => take(values, *row, indices, out.reuse_f64(dims)),
            Data::I64(values) => take(values, *row, indices, out.reuse_i64(dims)),
            Data::Str(values) => {
                let longest = values.iter().map(String::len).max().unwrap_or(0);
                let most = dims.iter().fold(longest, |size, dim| size.saturating_mul(*dim));
                if shape::texts(most).is_err() {
                    let taken = |row: &[String]| -> usize {
                        indices.iter().map(|index| row[*index as usize].len()).sum()
                    };
                    shape::texts(values.chunks_exact(*row).map(taken).sum())?;
                }
                take(values, *row, indices, out.reuse_strings(dims));
            }
            Data::I32(values) => {
                if let Data::I32(out) = out.reuse(DataType::Int32, dims) {
                    take(values, *row, indices, out);
                }
            }
            other => return Err(unsupported_type(other.data_type())),
        }
        Ok(())
    }
}

/// The columns at `indices`, of which none lies beyond the row's end.
fn take<T: Clone>(values: &[T], row: usize, indices: &[i64], out: &mut [T]) {
    for (values, out) in values.chunks_exact(row).zip(out.chunks_exact_mut(indices.len())) {
        for (index, out) in indices.iter().zip(out) {
            out.clone_from(&values[*index as usize]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::encoders::testing::{build_of, texts};

    fn extract(x: &Tensor, dims: &[usize], indices: &[i64]) -> Result<Tensor> {
        let kernel = build_of("ai.onnx.ml", "ArrayFeatureExtractor", 1, 2, &[]).unwrap();
        let y = Tensor::new(dims.to_vec(), Data::I64(indices.to_vec())).unwrap();
        let facts = kernel
            .infer(&[
                Some(&Fact::fixed(x.data_type(), x.dims())),
                Some(&Fact::fixed(DataType::Int64, dims)),
            ])
            .unwrap();
        let z = kernel.run(&[Some(x), Some(&y)])?.remove(0);
        assert_eq!(facts[0].dims().unwrap(), z.dims());
        Ok(z)
    }

    /// Values from onnxruntime 1.31.
    #[test]
    fn columns_are_taken_from_the_last_axis() {
        let x = Tensor::new(vec![2, 2, 3], Data::I32((0..12).collect())).unwrap();
        for dims in [&[2][..], &[1, 2], &[2, 1]] {
            let z = extract(&x, dims, &[0, 2]).unwrap();
            assert_eq!(z.dims(), [2, 2, 2]);
            assert_eq!(z.data(), &Data::I32(vec![0, 2, 3, 5, 6, 8, 9, 11]));
        }
        let z = extract(&x, &[], &[2]).unwrap();
        assert_eq!((z.dims(), z.data()), (&[2, 2, 1][..], &Data::I32(vec![2, 5, 8, 11])));
        let x = Tensor::new(vec![2], texts(&["a", "b"])).unwrap();
        let z = extract(&x, &[3], &[1, 0, 1]).unwrap();
        assert_eq!((z.dims(), z.data()), (&[1, 3][..], &texts(&["b", "a", "b"])));
        let none = Tensor::new(vec![0, 3], Data::F32(vec![])).unwrap();
        assert_eq!(extract(&none, &[2], &[1, 1]).unwrap().dims(), [0, 2]);
    }

    #[test]
    fn indices_beyond_the_row_are_refused() {
        let x = Tensor::new(vec![1, 3], Data::F32(vec![0.0; 3])).unwrap();
        for indices in [&[3][..], &[-1], &[i64::MAX], &[]] {
            assert!(extract(&x, &[indices.len()], indices).is_err());
        }
        let empty = Tensor::new(vec![2, 0], Data::F32(vec![])).unwrap();
        assert!(extract(&empty, &[1], &[0]).is_err());
    }
}
