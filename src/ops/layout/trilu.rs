//! `Trilu` (ai.onnx 14).

use super::shared::{integer, outside};
use crate::error::Result;
use crate::ops::shape::elements;
use crate::ops::{
    Definition, Fact, Kernel, Operator, failed, invalid, one_tensor, optional, required, types,
};
use crate::tensor::{Data, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "Trilu",
    versions: &[14],
    inputs: &[types::FIXED, types::INT64],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=2)?;
    Ok(Box::new(Trilu { upper: definition.attributes.flag("upper")?.unwrap_or(true) }))
}

/// The triangle of each matrix from a diagonal on; zeros elsewhere.
#[derive(Debug)]
struct Trilu {
    upper: bool,
}

impl Kernel for Trilu {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let data = required(inputs, 0)?;
        if data.rank().is_some_and(|rank| rank < 2) {
            return Err(invalid("Trilu takes matrices."));
        }
        Ok(vec![data.with_type(data.data_type)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let data = required(inputs, 0)?;
        let diagonal = optional(inputs, 1).map_or(Ok(0), integer)?;
        let &[.., rows, columns] = data.dims() else {
            return Err(failed("Trilu takes matrices."));
        };
        let zeros = Data::zeros(data.data_type(), columns);
        let mut out = Data::with_capacity(data.data_type(), elements(data.dims())?);
        let starts = (0..data.data().len()).step_by(columns.max(1));
        for (start, row) in starts.zip((0..rows).cycle()) {
            // Columns before this one lie below the diagonal.
            let first = (row as i64).saturating_add(diagonal);
            let first = if self.upper { first } else { first.saturating_add(1) };
            let first = first.clamp(0, columns as i64) as usize;
            let (low, high): (&Data, &Data) =
                if self.upper { (&zeros, data.data()) } else { (data.data(), &zeros) };
            let (from_low, from_high) = if self.upper { (0, start) } else { (start, 0) };
            if !out.extend_from(low, from_low..from_low + first)
                || !out.extend_from(high, from_high + first..from_high + columns)
            {
                return Err(outside());
            }
        }
        one_tensor(data.dims().to_vec(), out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::{check, counting, floats};
    use super::*;
    use crate::ops::Attribute;

    /// onnxruntime 1.31.
    #[test]
    fn triangles() {
        let trilu = |upper, diagonal: i64, dims: &[usize]| {
            let diagonal = Tensor::new(vec![], Data::I64(vec![diagonal])).unwrap();
            let upper = vec![("upper", Attribute::Int(upper))];
            check("Trilu", 14, 1, upper, &[counting(dims), diagonal]).map(|mut made| made.remove(0))
        };
        let two = &[2, 3];
        assert_eq!(trilu(1, 1, two).unwrap(), floats(two, &[0.0, 1.0, 2.0, 0.0, 0.0, 5.0]));
        assert_eq!(trilu(0, -1, two).unwrap(), floats(two, &[0.0, 0.0, 0.0, 3.0, 0.0, 0.0]));
        assert_eq!(trilu(0, i64::MAX, two).unwrap(), counting(two));
        assert_eq!(trilu(1, i64::MAX, two).unwrap(), floats(two, &[0.0; 6]));
        assert_eq!(trilu(1, i64::MIN, two).unwrap(), counting(two));
        assert_eq!(trilu(0, 0, &[2, 1, 1]).unwrap(), counting(&[2, 1, 1]));
        assert_eq!(trilu(1, 0, &[2, 0]).unwrap().dims(), [2, 0]);
        assert!(trilu(1, 0, &[2]).is_err());
    }
}
