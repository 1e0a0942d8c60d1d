//! Trees in their layouts, and the numbers that files have for them.

use super::aggregate::{Aggregate, Scores};
use super::ensemble::Ensemble;
use super::flat::Flat;
use crate::error::Result;
use crate::ops::estimators::input;
use crate::ops::{Attributes, invalid, unsupported_type};
use crate::tensor::{DataType, Tensor};

/// Trees. Those in binary32 are evaluated in binary64 as soon as features are.
#[derive(Debug)]
pub struct Trees {
    /// All there is.
    pub ensemble: Ensemble,
    flat: Option<Flat>,
}

impl Trees {
    /// The trees in the fast layout too, if it has a place for them.
    pub fn new(ensemble: Ensemble) -> Self {
        let flat = Flat::new(&ensemble);
        Trees { ensemble, flat }
    }

    /// The trees in the fast layout, if features of that type are compared in binary32.
    pub fn flat(&self, data_type: DataType) -> Option<&Flat> {
        self.flat.as_ref().filter(|_| data_type != DataType::Float64)
    }

    /// Computes the scores of each row and calls `finish` with them, in order.
    ///
    /// # Errors
    /// `ENGINE_FAILED` where the rows have fewer columns than the trees look at, and as `finish`.
    pub fn evaluate(
        &self,
        aggregate: Aggregate,
        features: &Tensor,
        finish: &mut dyn FnMut(&mut Scores) -> Result<()>,
    ) -> Result<()> {
        let is_single = !self.ensemble.is_double && features.data_type() != DataType::Float64;
        let scores = Scores::new(self.ensemble.targets, is_single);
        let values = input::doubles(features.data())?;
        self.ensemble.evaluate(aggregate, &values, input::shape(features)?, scores, finish)
    }
}

/// Reads lists of integers.
///
/// # Errors
/// `MODEL_INVALID` where an attribute has another type.
pub fn read_ints(
    attributes: &mut Attributes,
    names: &[&str],
    lists: &mut [Vec<i64>],
) -> Result<()> {
    for (list, name) in lists.iter_mut().zip(names) {
        *list = attributes.ints(name)?.unwrap_or_default();
    }
    Ok(())
}

/// Numbers of a file.
#[derive(Debug, Default)]
pub struct Values {
    /// In binary64.
    pub numbers: Vec<f64>,
    /// Whether binary64 is needed to hold them.
    pub is_double: bool,
}

impl Values {
    /// Reads a list of floats or, if `tensors` are in the operator's specification, the tensor
    /// that may stand for it.
    ///
    /// # Errors
    /// `MODEL_INVALID` where the file has both.
    pub fn read(attributes: &mut Attributes, name: &str, tensors: bool) -> Result<Self> {
        let floats = attributes.floats(name)?.unwrap_or_default();
        if tensors {
            let values = Values::of(attributes.tensor(&format!("{name}_as_tensor"))?)?;
            if floats.is_empty() {
                return Ok(values);
            }
            if !values.numbers.is_empty() {
                return Err(invalid(format!("The file has both `{name}` and `{name}_as_tensor`.")));
            }
        }
        Ok(Values { numbers: floats.into_iter().map(f64::from).collect(), is_double: false })
    }

    /// The elements of a tensor, if there is one.
    ///
    /// # Errors
    /// `OP_UNSUPPORTED` for other types than floating-point numbers.
    pub fn of(tensor: Option<Tensor>) -> Result<Self> {
        let Some(tensor) = tensor else { return Ok(Values::default()) };
        let is_double = match tensor.data_type() {
            DataType::Float64 => true,
            DataType::Float32 | DataType::Float16 => false,
            other => return Err(unsupported_type(other)),
        };
        Ok(Values { numbers: input::doubles(tensor.data())?.into_owned(), is_double })
    }
}
