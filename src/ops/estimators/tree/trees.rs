//! Trees in the precision of the file, and in double precision where the features are.

use std::sync::OnceLock;

use super::ensemble::Ensemble;
use super::flat::Flat;
use super::real::Real;
use crate::error::Result;
use crate::ops::{Attributes, invalid, unsupported_type};
use crate::tensor::{Data, DataType, Tensor};

/// Trees as the file has them.
#[derive(Debug)]
pub enum Trees {
    /// In binary32; in binary64 as soon as features are.
    Single(Box<Single>),
    /// In binary64, whatever the features are.
    Double(Box<Ensemble<f64>>),
}

/// Trees in binary32, in all their layouts.
#[derive(Debug)]
pub struct Single {
    ensemble: Ensemble<f32>,
    flat: Option<Flat>,
    wide: OnceLock<Box<Ensemble<f64>>>,
}

impl From<Ensemble<f32>> for Trees {
    fn from(ensemble: Ensemble<f32>) -> Self {
        let flat = Flat::new(&ensemble);
        Trees::Single(Box::new(Single { ensemble, flat, wide: OnceLock::new() }))
    }
}

impl From<Ensemble<f64>> for Trees {
    fn from(ensemble: Ensemble<f64>) -> Self {
        Trees::Double(Box::new(ensemble))
    }
}

impl Trees {
    /// Targets or classes.
    pub fn targets(&self) -> usize {
        match self {
            Trees::Single(single) => single.ensemble.targets,
            Trees::Double(ensemble) => ensemble.targets,
        }
    }

    /// The trees in the precision in which features of that type are compared.
    pub fn for_type(&self, data_type: DataType) -> InPrecision<'_> {
        match self {
            Trees::Double(ensemble) => InPrecision::Double(ensemble),
            Trees::Single(single) if data_type == DataType::Float64 => {
                let wide = || Box::new(single.ensemble.convert());
                InPrecision::Double(single.wide.get_or_init(wide))
            }
            Trees::Single(single) => InPrecision::Single(&single.ensemble),
        }
    }

    /// The trees in the fast layout, and their base values, if features of that type are compared
    /// in binary32.
    pub fn flat(&self, data_type: DataType) -> Option<(&Flat, &[f32])> {
        match self {
            Trees::Single(single) if data_type != DataType::Float64 => {
                single.flat.as_ref().map(|flat| (flat, &*single.ensemble.base_values))
            }
            _ => None,
        }
    }
}

/// The trees for one run.
pub enum InPrecision<'t> {
    /// Features and scores in binary32.
    Single(&'t Ensemble<f32>),
    /// Features and scores in binary64.
    Double(&'t Ensemble<f64>),
}

/// Numbers as the file has them.
#[derive(Debug)]
pub enum Values {
    /// Binary32; also what a file leaves out.
    Single(Vec<f32>),
    /// Binary64.
    Double(Vec<f64>),
}

impl Values {
    /// Reads a list of floats or, if `tensors` are in the operator's specification, the tensor
    /// that may stand for it.
    ///
    /// # Errors
    /// `MODEL_INVALID` where the file has both.
    pub fn read(attributes: &mut Attributes, name: &str, tensors: bool) -> Result<Self> {
        let floats = attributes.floats(name)?.unwrap_or_default();
        let tensor = if tensors { attributes.tensor(&format!("{name}_as_tensor"))? } else { None };
        match tensor {
            Some(tensor) if floats.is_empty() => Values::of(tensor),
            Some(tensor) if !tensor.data().is_empty() => {
                Err(invalid(format!("The file has both `{name}` and `{name}_as_tensor`.")))
            }
            _ => Ok(Values::Single(floats)),
        }
    }

    /// The elements of a tensor.
    ///
    /// # Errors
    /// `OP_UNSUPPORTED` for other types than floating-point numbers.
    pub fn of(tensor: Tensor) -> Result<Self> {
        Ok(match tensor.into_parts().1 {
            Data::F32(values) => Values::Single(values),
            Data::F64(values) => Values::Double(values),
            Data::F16(bits) => Values::Single(
                bits.into_iter().map(|bits| crate::half::f16_to_f64(bits) as f32).collect(),
            ),
            other => return Err(unsupported_type(other.data_type())),
        })
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        match self {
            Values::Single(values) => values.len(),
            Values::Double(values) => values.len(),
        }
    }

    /// Whether binary64 is needed to hold them.
    pub fn is_double(&self) -> bool {
        matches!(self, Values::Double(_))
    }

    /// Whether any is below zero.
    pub fn any_negative(&self) -> bool {
        match self {
            Values::Single(values) => values.iter().any(|value| *value < 0.0),
            Values::Double(values) => values.iter().any(|value| *value < 0.0),
        }
    }

    /// The numbers in another precision.
    pub fn to<T: Real>(&self) -> Vec<T> {
        match self {
            Values::Single(values) => values.iter().map(|value| T::from_f32(*value)).collect(),
            Values::Double(values) => values.iter().map(|value| T::from_f64(*value)).collect(),
        }
    }
}
