//! `FeatureVectorizer` (ai.onnx.ml 1): rows of several inputs joined into one row of floats.

use super::features::singles;
use crate::error::Result;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, invalid, one_fact, one_tensor, shape, types,
};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "ai.onnx.ml",
    name: "FeatureVectorizer",
    versions: &[1],
    inputs: &[types::ML],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    let inputs = definition.inputs.len();
    if inputs == 0 || definition.inputs.contains(&false) {
        return Err(invalid("A FeatureVectorizer takes one input or more, all connected."));
    }
    let widths = match definition.attributes.ints("inputdimensions")? {
        None => None,
        Some(widths) if widths.len() == inputs => {
            let widths = widths.iter().map(|width| usize::try_from(*width).ok());
            let widths: Option<Vec<usize>> = widths.collect();
            Some(widths.ok_or_else(|| invalid("`inputdimensions` must not be negative."))?)
        }
        Some(widths) => {
            return Err(invalid(format!(
                "`inputdimensions` has {} entries, and there are {inputs} inputs.",
                widths.len()
            )));
        }
    };
    Ok(Box::new(FeatureVectorizer { widths }))
}

/// How many columns each input gets: rows that are longer are cut, shorter ones end with zeros.
/// Without widths each input gets its own.
#[derive(Debug)]
struct FeatureVectorizer {
    widths: Option<Vec<usize>>,
}

impl FeatureVectorizer {
    fn width(&self, index: usize, own: usize) -> usize {
        self.widths.as_ref().and_then(|widths| widths.get(index)).copied().unwrap_or(own)
    }
}

/// A vector is one row; further axes are taken as one.
fn rows(dims: &[usize]) -> (usize, usize) {
    match dims {
        [] => (1, 1),
        [width] => (1, *width),
        [rows, rest @ ..] => (*rows, rest.iter().fold(1, |width, dim| width.saturating_mul(*dim))),
    }
}

/// The length of a row where only the number of rows is free.
fn known_width(fact: &Fact) -> Option<usize> {
    let dims: Option<Vec<usize>> =
        fact.shape.as_ref()?.get(1..)?.iter().map(|dim| dim.known()).collect();
    let dims = dims.filter(|dims| !dims.is_empty())?;
    Some(rows(&[&[1], &dims[..]].concat()).1)
}

impl Kernel for FeatureVectorizer {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let mut batch = Dim::Unknown;
        let mut total = Some(0usize);
        for (index, fact) in inputs.iter().flatten().enumerate() {
            match fact.shape.as_deref() {
                Some([] | [_]) => batch = Dim::Known(1),
                Some([rows, ..]) if batch.known().is_none() => batch = *rows,
                _ => {}
            }
            let own = || fact.dims().map(|dims| rows(&dims).1).or_else(|| known_width(fact));
            let width = self.widths.as_ref().map_or_else(own, |widths| widths.get(index).copied());
            total = total.zip(width).map(|(total, width)| total.saturating_add(width));
        }
        let total = total.map_or(Dim::Unknown, Dim::Known);
        one_fact(DataType::Float32, vec![batch, total])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let inputs: Vec<&Tensor> = inputs.iter().copied().flatten().collect();
        let sizes: Vec<(usize, usize)> = inputs.iter().map(|input| rows(input.dims())).collect();
        let count = sizes.first().map_or(0, |(count, _)| *count);
        if sizes.iter().any(|(rows, _)| *rows != count) {
            return Err(failed(format!(
                "The inputs of a FeatureVectorizer must have the same number of rows. Their shapes are {}.",
                shape::lists(&inputs.iter().map(|input| input.dims()).collect::<Vec<_>>())
            )));
        }
        let widths: Vec<usize> =
            sizes.iter().enumerate().map(|(index, (_, own))| self.width(index, *own)).collect();
        let total = widths.iter().fold(0usize, |total, width| total.saturating_add(*width));
        let mut data = vec![0f32; shape::elements(&[count, total])?];
        let mut start = 0;
        for ((input, (_, own)), width) in inputs.iter().zip(&sizes).zip(&widths) {
            let values = singles(input.data())?;
            let kept = *own.min(width);
            for (row, values) in data.chunks_mut(total.max(1)).zip(values.chunks((*own).max(1))) {
                let target = row.get_mut(start..start + kept);
                if let (Some(target), Some(source)) = (target, values.get(..kept)) {
                    target.copy_from_slice(source);
                }
            }
            start += width;
        }
        one_tensor(vec![count, total], Data::F32(data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Attribute;
    use crate::ops::encoders::testing::{build_of, ints};

    fn join(attributes: &[(&str, Attribute)], inputs: &[Tensor]) -> Result<Tensor> {
        let kernel = build_of("ai.onnx.ml", "FeatureVectorizer", 1, inputs.len(), attributes)?;
        let facts: Vec<Fact> =
            inputs.iter().map(|input| Fact::fixed(input.data_type(), input.dims())).collect();
        let fact = kernel.infer(&facts.iter().map(Some).collect::<Vec<_>>())?.remove(0);
        let output = kernel.run(&inputs.iter().map(Some).collect::<Vec<_>>())?.remove(0);
        assert_eq!(fact.dims().unwrap(), output.dims());
        Ok(output)
    }

    /// Values from onnxruntime 1.31, which asks for `inputdimensions`.
    #[test]
    fn rows_are_joined() {
        let wide = Tensor::new(vec![2, 3], Data::I64((1..7).collect())).unwrap();
        let narrow = Tensor::new(vec![2, 1], Data::I64(vec![7, 8])).unwrap();
        let inputs = [wide.clone(), narrow.clone()];
        let y = join(&[("inputdimensions", ints(&[2, 2]))], &inputs).unwrap();
        assert_eq!(y.data(), &Data::F32(vec![1., 2., 7., 0., 4., 5., 8., 0.]));
        let y = join(&[], &inputs).unwrap();
        assert_eq!(y.data(), &Data::F32(vec![1., 2., 3., 7., 4., 5., 6., 8.]));
        let vector = Tensor::new(vec![3], Data::F64(vec![1.0, 2.0, 3.0])).unwrap();
        assert_eq!(join(&[], &[vector.clone(), vector.clone()]).unwrap().dims(), [1, 6]);
        assert!(join(&[], &[vector, narrow]).is_err());
        assert!(join(&[("inputdimensions", ints(&[2]))], &inputs).is_err());
        assert!(join(&[("inputdimensions", ints(&[-1, 1]))], &inputs).is_err());
        assert!(join(&[("inputdimensions", ints(&[i64::MAX, i64::MAX]))], &inputs).is_err());
    }

    #[test]
    fn no_rows() {
        let none = Tensor::new(vec![0, 3], Data::F32(vec![])).unwrap();
        assert_eq!(join(&[], &[none.clone(), none]).unwrap().dims(), [0, 6]);
    }
}
