//! From keys to their positions in a list.

use predikt_kernels::words::Words;

use super::features::integers;
use crate::error::Result;
use crate::ops::unsupported_type;
use crate::tensor::Data;

/// Which position a repeated key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// That of its first occurrence.
    First,
    /// That of its last.
    Last,
}

/// A list of keys, sorted. Numbers are kept as bits: integers as `i64`; floating-point numbers as
/// `f64`, where all NaN are one key and so are both zeros.
#[derive(Debug)]
pub enum Lookup {
    /// Floating-point numbers.
    Floats(Vec<(u64, usize)>),
    /// Integers.
    Integers(Vec<(u64, usize)>),
    /// Texts.
    Texts(Words),
}

impl Lookup {
    /// A lookup of those keys.
    ///
    /// # Errors
    /// `OP_UNSUPPORTED` for elements of other types.
    pub fn new(keys: &Data, repeated: Repeated) -> Result<Self> {
        Ok(match keys {
            Data::Str(keys) => {
                let mut words = Words::default();
                for (key, number) in sorted(keys.iter().map(String::as_bytes), repeated) {
                    words.push(key, number);
                }
                Lookup::Texts(words)
            }
            Data::F32(_) | Data::F64(_) => Lookup::Floats(sorted(bits(keys)?, repeated)),
            _ => Lookup::Integers(sorted(bits(keys)?, repeated)),
        })
    }

    /// The position of each element, in order; `None` for what is no key.
    ///
    /// # Errors
    /// `OP_UNSUPPORTED` where the elements are of another kind than the keys.
    pub fn positions(&self, elements: &Data) -> Result<Vec<Option<usize>>> {
        match (self, elements) {
            (Lookup::Texts(words), Data::Str(texts)) => {
                Ok(texts.iter().map(|text| words.find(text.as_bytes())).collect())
            }
            (Lookup::Floats(keys), Data::F32(_) | Data::F64(_))
            | (Lookup::Integers(keys), Data::I64(_) | Data::I32(_) | Data::I16(_)) => {
                let find = |bits| at(keys, keys.binary_search_by_key(&bits, |(key, _)| *key));
                Ok(bits(elements)?.map(find).collect())
            }
            _ => Err(unsupported_type(elements.data_type())),
        }
    }
}

impl Lookup {
    /// The position of a text; `None` where it is no key.
    pub fn text(&self, text: &str) -> Option<usize> {
        match self {
            Lookup::Texts(words) => words.find(text.as_bytes()),
            _ => None,
        }
    }
}

fn at<K>(keys: &[(K, usize)], found: std::result::Result<usize, usize>) -> Option<usize> {
    Some(keys.get(found.ok()?)?.1)
}

fn sorted<K: Ord>(keys: impl Iterator<Item = K>, repeated: Repeated) -> Vec<(K, usize)> {
    let mut keys: Vec<(K, usize)> = keys.enumerate().map(|(index, key)| (key, index)).collect();
    keys.sort_unstable();
    match repeated {
        Repeated::First => keys.dedup_by(|later, earlier| later.0 == earlier.0),
        Repeated::Last => keys.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                earlier.1 = later.1;
            }
            same
        }),
    }
    keys
}

fn bits(data: &Data) -> Result<impl Iterator<Item = u64>> {
    fn float(value: f64) -> u64 {
        if value.is_nan() {
            f64::NAN.to_bits()
        } else if value == 0.0 {
            0
        } else {
            value.to_bits()
        }
    }
    let bits: Vec<u64> = match data {
        Data::F32(values) => values.iter().map(|value| float(f64::from(*value))).collect(),
        Data::F64(values) => values.iter().map(|value| float(*value)).collect(),
        other => integers(other)?.iter().map(|value| *value as u64).collect(),
    };
    Ok(bits.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_keys_are_one() {
        let keys = Data::I64(vec![1, -2, 1]);
        let first = Lookup::new(&keys, Repeated::First).unwrap();
        let last = Lookup::new(&keys, Repeated::Last).unwrap();
        let elements = Data::I64(vec![1, -2, 5]);
        assert_eq!(first.positions(&elements).unwrap(), [Some(0), Some(1), None]);
        assert_eq!(last.positions(&elements).unwrap(), [Some(2), Some(1), None]);
        assert!(first.positions(&Data::Str(vec![])).is_err());
    }

    #[test]
    fn zeros_and_nan_are_one_key_each() {
        let keys = Data::F32(vec![-0.0, f32::NAN, 0.1]);
        let lookup = Lookup::new(&keys, Repeated::First).unwrap();
        let elements = Data::F32(vec![0.0, -f32::NAN, 0.1, 0.2]);
        assert_eq!(lookup.positions(&elements).unwrap(), [Some(0), Some(1), Some(2), None]);
    }
}
