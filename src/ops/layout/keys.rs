//! Elements of any type as numbers that sort alike.

use crate::half::f16_to_f64;
use crate::tensor::Data;

/// What [`keys`] makes of NaN.
const NAN: u64 = u64::MAX;

/// For each element a number, so that elements sort as their numbers do and equal ones have
/// equal numbers: 0 and -0 are equal, all NaNs are, and those come last.
pub fn keys(data: &Data) -> Vec<u64> {
    macro_rules! whole {
        ($values:expr) => {
            $values.iter().map(|value| signed(i64::from(*value))).collect()
        };
    }
    match data {
        Data::F16(values) => values.iter().map(|value| double(f16_to_f64(*value))).collect(),
        Data::F32(values) => values.iter().map(|value| double(f64::from(*value))).collect(),
        Data::F64(values) => values.iter().map(|value| double(*value)).collect(),
        Data::I8(values) => whole!(values),
        Data::I16(values) => whole!(values),
        Data::I32(values) => whole!(values),
        Data::I64(values) => whole!(values),
        Data::U8(values) => whole!(values),
        Data::U16(values) => whole!(values),
        Data::U32(values) => whole!(values),
        Data::U64(values) => values.to_vec(),
        Data::Bool(values) => whole!(values),
        Data::Str(values) => texts(values),
    }
}

/// Reverses the order of [`keys`] but for NaNs, which still come last.
pub fn reverse(data: &Data, keys: &mut [u64]) {
    let nan = data.data_type().is_float();
    keys.iter_mut().filter(|key| !nan || **key != NAN).for_each(|key| *key = !*key);
}

fn signed(value: i64) -> u64 {
    value as u64 ^ (1 << 63)
}

fn double(value: f64) -> u64 {
    if value.is_nan() {
        return NAN;
    }
    // Without the sign of zero.
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
}

/// Each text's place among the different ones.
fn texts(values: &[String]) -> Vec<u64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by_key(|index| &values[*index]);
    let mut keys = vec![0; values.len()];
    let mut place = 0;
    for pair in order.windows(2) {
        place += u64::from(values[pair[0]] != values[pair[1]]);
        keys[pair[1]] = place;
    }
    keys
}

#[cfg(all(test, feature = "extra"))]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_their_elements() {
        let rising = [f64::NEG_INFINITY, -2.5, -1e-300, 0.0, 1e-300, 3.0, f64::INFINITY, f64::NAN];
        let data = Data::F64(rising.to_vec());
        let mut made = keys(&data);
        assert!(made.is_sorted());
        assert_eq!(keys(&Data::F32(vec![-0.0, 0.0])), [1 << 63; 2]);
        reverse(&data, &mut made);
        assert!(made[..7].iter().rev().is_sorted() && made[7] == NAN && made[0] < NAN);
        assert!(keys(&Data::I64(vec![i64::MIN, -1, 0, i64::MAX])).is_sorted());
        assert!(keys(&Data::F16(vec![0xfc00, 0xbc00, 0x0000, 0x3c00, 0x7c00])).is_sorted());
        let texts = Data::Str(["b", "a", "", "b"].map(str::to_owned).to_vec());
        assert_eq!(keys(&texts), [2, 1, 0, 2]);
        assert_eq!(keys(&Data::Str(vec![])), [0u64; 0]);
    }
}
