//! Numbers ↔ texts, as onnxruntime's `Cast` writes and reads them.
//!
//! Written are integers in full, and floating-point numbers with up to 8 significant digits (C's
//! `%.8g`), `NaN`, `INF` and `-INF`; true is `1`. Read is the longest beginning that is a number,
//! behind white space, as C's `strtod` and `strtoll` do, without hexadecimals.

use super::element::{Wide, doubles, widen};
use crate::decimal;
use crate::error::Result;
use crate::ops::failed;
use crate::tensor::Data;

/// Numbers as texts.
///
/// # Errors
/// `OP_UNSUPPORTED` for what is none.
pub fn write(data: &Data) -> Result<Data> {
    Ok(Data::Str(match widen(data)? {
        Wide::I64(values) => values.iter().map(ToString::to_string).collect(),
        Wide::U64(values) => values.iter().map(ToString::to_string).collect(),
        Wide::F32(_) | Wide::F64(_) => doubles(data)?.iter().map(|x| general(*x)).collect(),
    }))
}

/// C's `%.8g`.
fn general(x: f64) -> String {
    const DIGITS: usize = 8;
    if x.is_nan() {
        return "NaN".to_owned();
    }
    if x.is_infinite() {
        return if x > 0.0 { "INF" } else { "-INF" }.to_owned();
    }
    // Rounding to the digits decides the exponent: 9.99999999 is 10.
    let (digits, first) = decimal::digits(x, DIGITS);
    decimal::place(x, &digits, first, -4..DIGITS as i32)
}

/// Texts as numbers.
///
/// # Errors
/// `ENGINE_FAILED` for the first that is none, or is out of range.
pub fn read<T>(texts: &[String], parse: fn(&str) -> Option<T>) -> Result<Vec<T>> {
    texts
        .iter()
        .map(|text| {
            parse(text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r'])).ok_or_else(
                || {
                    let shown: String = text.chars().take(40).collect();
                    failed(format!("Cast finds no number of that type in the text `{shown}`."))
                },
            )
        })
        .collect()
}

/// The floating-point number that a text begins with.
pub fn float(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let at = |index: usize| bytes.get(index).map(u8::to_ascii_lowercase);
    let start = usize::from(matches!(at(0), Some(b'+' | b'-')));
    let named = |name: &str| {
        text.get(start..start + name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name))
    };
    let sign = if at(0) == Some(b'-') { -1.0 } else { 1.0 };
    if named("nan") {
        return Some(f64::NAN);
    }
    if named("inf") {
        return Some(sign * f64::INFINITY);
    }
    if at(start) == Some(b'0') && at(start + 1) == Some(b'x') {
        return None;
    }
    let whole = digits(start);
    let mut end = start + whole;
    let mut decimals = 0;
    if at(end) == Some(b'.') {
        decimals = digits(end + 1);
        end += 1 + decimals;
    }
    if whole + decimals == 0 {
        return None;
    }
    let number = text.get(start..end)?.as_bytes();
    let mut power = 0i64;
    if at(end) == Some(b'e') {
        let negative = at(end + 1) == Some(b'-');
        let signed = usize::from(negative || at(end + 1) == Some(b'+'));
        let digits = bytes.iter().skip(end + 1 + signed).take_while(|b| b.is_ascii_digit());
        power = digits.fold(0i64, |power, digit| {
            power.saturating_mul(10).saturating_add(i64::from(digit - b'0'))
        });
        power = if negative { -power } else { power };
    }
    let number = sign * decimal::read(number, power.saturating_sub(decimals as i64));
    number.is_finite().then_some(number)
}

/// The integer that a text begins with.
pub fn signed(text: &str) -> Option<i64> {
    integer(text)?.parse().ok()
}

/// The integer that a text begins with; negative ones wrap.
pub fn unsigned(text: &str) -> Option<u64> {
    let text = integer(text)?;
    match text.strip_prefix('-') {
        Some(rest) => rest.parse().ok().map(u64::wrapping_neg),
        None => text.parse().ok(),
    }
}

fn integer(text: &str) -> Option<&str> {
    let start = usize::from(text.starts_with(['+', '-']));
    let digits = text.bytes().skip(start).take_while(u8::is_ascii_digit).count();
    if digits == 0 { None } else { text.get(..start + digits) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::DataType;

    fn texts(all: &[&str]) -> Data {
        Data::Str(all.iter().map(ToString::to_string).collect())
    }

    /// onnxruntime 1.31.
    #[cfg(feature = "extra")]
    #[test]
    fn numbers_are_written_with_eight_digits() {
        let x = [
            1.5,
            300.7,
            3e9,
            2e19,
            1e-5,
            0.1,
            123_456_789.0,
            1e8,
            -0.0,
            16_777_216.0,
            1e-10,
            0.0001,
            9.999_999_99,
            3.4e38,
            99_999_999.0,
            1e100,
        ];
        let wanted = [
            "1.5",
            "300.7",
            "3e+09",
            "2e+19",
            "1e-05",
            "0.1",
            "1.2345679e+08",
            "1e+08",
            "-0",
            "16777216",
            "1e-10",
            "0.0001",
            "10",
            "3.4e+38",
            "99999999",
            "1e+100",
        ];
        assert_eq!(write(&Data::F64(x.to_vec())).unwrap(), texts(&wanted));
        let x = Data::F32(vec![300.7, 1e-5, 0.1, f32::NAN, f32::INFINITY, f32::NEG_INFINITY]);
        let wanted = ["300.70001", "9.9999997e-06", "0.1", "NaN", "INF", "-INF"];
        assert_eq!(write(&x).unwrap(), texts(&wanted));
        assert_eq!(write(&Data::F16(vec![0x2e66])).unwrap(), texts(&["0.099975586"]));
        assert_eq!(write(&Data::Bool(vec![true, false])).unwrap(), texts(&["1", "0"]));
        assert_eq!(write(&Data::U64(vec![u64::MAX])).unwrap(), texts(&["18446744073709551615"]));
    }

    /// onnxruntime 1.31; hexadecimals it reads, and they are refused here.
    #[test]
    fn the_beginning_of_a_text_is_read() {
        let floats = |text: &str| read(&[text.to_owned()], float).ok().map(|all| all[0]);
        for (text, wanted) in [
            ("1.5", Some(1.5)),
            ("+5", Some(5.0)),
            (" \t7 ", Some(7.0)),
            ("7abc", Some(7.0)),
            ("1,5", Some(1.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("1e3", Some(1000.0)),
            ("1e", Some(1.0)),
            ("-INF", Some(f64::NEG_INFINITY)),
            ("infinity", Some(f64::INFINITY)),
            ("1e400", None),
            ("", None),
            ("-", None),
            (".", None),
            ("abc", None),
            ("é", None),
            ("0x10", None),
        ] {
            assert_eq!(floats(text), wanted, "{text}");
        }
        assert!(floats("-nan").is_some_and(f64::is_nan));
        for (text, wanted) in [
            ("1.5", Some(1)),
            ("-2", Some(-2)),
            ("99999999999", Some(99_999_999_999)),
            ("99999999999999999999", None),
            ("nan", None),
            ("", None),
        ] {
            assert_eq!(signed(text), wanted, "{text}");
        }
        assert_eq!(unsigned("-1"), Some(u64::MAX));
        let cast = |text, to| super::super::cast::cast(&texts(&[text]), to);
        assert_eq!(cast("300", DataType::Uint8).unwrap(), Data::U8(vec![44]));
        assert_eq!(cast("-2", DataType::Bool).unwrap(), Data::Bool(vec![true]));
        assert_eq!(cast("1e39", DataType::Float32).unwrap(), Data::F32(vec![f32::INFINITY]));
        assert!(cast("true", DataType::Bool).is_err());
    }
}
