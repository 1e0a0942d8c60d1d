//! Decimal texts ↔ doubles, rounded rightly in both directions.
//!
//! The standard library does the same faster, with tables that are 13 KB of a compressed module.

/// A whole number of any size: digits to the base 2^32, the lowest first, without zeros at the end.
struct Whole(Vec<u32>);

impl Whole {
    /// `self · factor + digit`.
    fn push(&mut self, factor: u32, digit: u32) {
        let mut carry = u64::from(digit);
        for part in &mut self.0 {
            carry += u64::from(*part) * u64::from(factor);
            *part = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Divides by a number that is not 0, and gives the remainder.
    fn divide(&mut self, by: u32) -> u32 {
        let mut rest = 0u64;
        for part in self.0.iter_mut().rev() {
            let value = rest << 32 | u64::from(*part);
            *part = (value / u64::from(by)) as u32;
            rest = value % u64::from(by);
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        rest as u32
    }

    /// Times `base` to the power of `exponent`; the base's 13th power must be below 2^32.
    fn scale(&mut self, base: u32, exponent: usize) {
        for _ in 0..exponent / 9 {
            self.push(base.pow(9), 0);
        }
        self.push(base.pow((exponent % 9) as u32), 0);
    }

    /// How many binary digits it has.
    fn bits(&self) -> usize {
        self.0.last().map_or(0, |last| self.0.len() * 32 - last.leading_zeros() as usize)
    }

    /// The binary digit of that rank.
    fn bit(&self, rank: usize) -> bool {
        self.0.get(rank / 32).is_some_and(|part| part >> (rank % 32) & 1 == 1)
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}

/// More digits than these decide nothing but whether a number is above the middle of two doubles.
const DIGITS: usize = 800;

/// The double nearest to `digits · 10^exponent`, of two the even one. `digits` are ASCII; what
/// else is among them, such as a point, is passed over.
pub fn read(digits: &[u8], exponent: i64) -> f64 {
    let mut whole = Whole(vec![]);
    let (mut count, mut exponent, mut beyond) = (0usize, exponent, false);
    for digit in digits.iter().filter_map(|byte| byte.checked_sub(b'0').filter(|d| *d < 10)) {
        if count < DIGITS {
            whole.push(10, digit.into());
            count += usize::from(!whole.is_zero());
        } else {
            beyond |= digit > 0;
            exponent = exponent.saturating_add(1);
        }
    }
    // The number is below 10^(count + exponent), and at least a tenth of that.
    match i64::try_from(count).unwrap_or(i64::MAX).saturating_add(exponent) {
        _ if whole.is_zero() => return 0.0,
        310.. => return f64::INFINITY,
        ..=-330 => return 0.0,
        _ => {}
    }
    // whole · 2^shift is the number, but for what `beyond` says is above it.
    let tens = exponent.unsigned_abs() as usize;
    let mut shift = 0i64;
    if exponent >= 0 {
        whole.scale(10, tens);
    } else {
        // Enough digits that 64 of them are left.
        let parts = tens / 8 + 3;
        whole.0.splice(0..0, std::iter::repeat_n(0, parts));
        shift = -32 * parts as i64;
        for _ in 0..tens / 9 {
            beyond |= whole.divide(10u32.pow(9)) > 0;
        }
        beyond |= whole.divide(10u32.pow((tens % 9) as u32)) > 0;
    }
    let bits = whole.bits();
    // The exponent of the highest digit; below that of normal doubles there are fewer digits.
    let highest = bits as i64 - 1 + shift;
    let kept = 53 + (highest + 1022).min(0);
    let Ok(kept) = usize::try_from(kept) else { return 0.0 };
    let place = |rank: usize| bits.checked_sub(rank + 1).is_some_and(|rank| whole.bit(rank));
    let mut mantissa = (0..kept).fold(0u64, |sum, rank| sum << 1 | u64::from(place(rank)));
    let rest = beyond || (kept + 1..bits).any(place);
    if place(kept) && (rest || mantissa & 1 == 1) {
        mantissa += 1;
    }
    // The mantissa's highest digit, where it is there, and what it was rounded up to count as exponent.
    let biased = (highest + 1022).clamp(0, 2046) as u64;
    f64::from_bits((biased << 52) + mantissa).min(f64::INFINITY)
}

/// The first `count` significant digits of a finite number, rounded, to the even one where it is
/// in the middle, and the exponent of the first: 0.25 is `25` and -1. Zeros at the end are left out, and
/// the sign.
pub fn digits(x: f64, count: usize) -> (Vec<u8>, i32) {
    let bits = x.to_bits();
    let biased = (bits >> 52 & 0x7ff) as usize;
    let fraction = bits & ((1 << 52) - 1);
    let mantissa = if biased == 0 { fraction } else { fraction | 1 << 52 };
    if mantissa == 0 {
        return (vec![b'0'], 0);
    }
    // x = mantissa · 2^(exponent - 1075) = mantissa · 5^decimals / 10^decimals, where that is small.
    let exponent = biased.max(1);
    let mut whole = Whole(vec![mantissa as u32, (mantissa >> 32) as u32]);
    let decimals = 1075usize.saturating_sub(exponent);
    whole.scale(5, decimals);
    whole.scale(2, exponent.saturating_sub(1075));
    let mut all = vec![];
    while !whole.is_zero() {
        let part = whole.divide(10u32.pow(9));
        (0..9).fold(part, |part, _| {
            all.push((part % 10) as u8);
            part / 10
        });
    }
    while all.last() == Some(&0) {
        all.pop();
    }
    all.reverse();
    let mut first = all.len() as i32 - 1 - decimals as i32;
    let rest = all.split_off(count.min(all.len()));
    let odd = all.last().is_some_and(|digit| digit % 2 == 1);
    let up = match rest.split_first() {
        Some((5, rest)) => odd || rest.iter().any(|digit| *digit > 0),
        Some((digit, _)) => *digit > 5,
        None => false,
    };
    if up {
        while all.last() == Some(&9) {
            all.pop();
        }
        match all.last_mut() {
            Some(last) => *last += 1,
            None => {
                all.push(1);
                first += 1;
            }
        }
    }
    while all.len() > 1 && all.last() == Some(&0) {
        all.pop();
    }
    all.iter_mut().for_each(|digit| *digit += b'0');
    (all, first)
}

/// A number as text: digits as many as tell it from other doubles, up to 17.
pub fn text(x: f64) -> String {
    if !x.is_finite() {
        return match x {
            f64::INFINITY => "inf",
            f64::NEG_INFINITY => "-inf",
            _ => "NaN",
        }
        .to_owned();
    }
    let shortest = (1..17).map(|count| digits(x, count)).find(|(digits, first)| {
        read(digits, i64::from(*first) + 1 - digits.len() as i64) == x.abs()
    });
    let (digits, first) = shortest.unwrap_or_else(|| digits(x, 17));
    place(x, &digits, first, -5..17)
}

/// Digits with sign, point and, unless the first one's exponent is among `plain`, exponent, as C has it.
pub fn place(x: f64, digits: &[u8], first: i32, plain: std::ops::Range<i32>) -> String {
    let mut text = String::new();
    if x.is_sign_negative() {
        text.push('-');
    }
    let scientific = !plain.contains(&first);
    let before = if scientific { 0 } else { first };
    if before < 0 {
        text.push_str("0.");
        (1..-before).for_each(|_| text.push('0'));
    }
    for place in 0..(before + 1).max(digits.len() as i32) {
        if place > 0 && place == before + 1 {
            text.push('.');
        }
        text.push(digits.get(place as usize).map_or('0', |digit| char::from(*digit)));
    }
    if scientific {
        text.push_str(if first < 0 { "e-" } else { "e+" });
        if first.abs() < 10 {
            text.push('0');
        }
        text.push_str(&first.abs().to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pseudorandom sequence.
    fn next(state: &mut u64) -> u64 {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *state ^ *state >> 29
    }

    fn parsed(text: &str) -> f64 {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        read(mantissa.as_bytes(), exponent.parse::<i64>().unwrap() - decimals as i64)
    }

    /// The standard library's conversion.
    #[test]
    fn texts_are_read_as_the_standard_library_reads_them() {
        let mut state = 7;
        for _ in 0..20_000 {
            let x = f64::from_bits(next(&mut state) & i64::MAX as u64);
            if x.is_finite() {
                assert_eq!(parsed(&format!("{x:e}")), x);
                let cut = format!("{x:.5e}");
                assert_eq!(parsed(&cut), cut.parse::<f64>().unwrap(), "{cut}");
            }
            let text = format!("{}.{:03}", next(&mut state) % 10_000_000, next(&mut state) % 1000);
            assert_eq!(parsed(&text), text.parse::<f64>().unwrap(), "{text}");
        }
        let long = format!("0.{}{}", "0".repeat(400), "123456789".repeat(200));
        let middle = "1.00000000000000011102230246251565404236316680908203125";
        for text in [
            "0",
            "0.000",
            "1e400",
            "1e-400",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "4.9e-324",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "9007199254740993",
            "9007199254740995",
            "123456789012345678901234567890",
            middle,
            &format!("{middle}1"),
            &long,
            &format!("{middle}{}1", "0".repeat(2000)),
        ] {
            assert_eq!(parsed(text), text.parse::<f64>().unwrap(), "{text}");
        }
        assert_eq!(read(b"1", i64::MAX), f64::INFINITY);
        assert_eq!(read(b"1", i64::MIN), 0.0);
    }

    /// The standard library's formatting.
    #[test]
    fn digits_are_those_of_the_standard_library() {
        let mut state = 5;
        for _ in 0..20_000 {
            let random = next(&mut state);
            for x in [f64::from_bits(random), (random >> 40) as f64 / 1024.0] {
                if !x.is_finite() {
                    continue;
                }
                for count in [1, 2, 8, 9, 17] {
                    let (made, first) = digits(x, count);
                    let wanted = format!("{:.*e}", count - 1, x.abs());
                    let (mantissa, exponent) = wanted.split_once('e').unwrap();
                    let mantissa = mantissa.replace('.', "");
                    let mantissa = match mantissa.trim_end_matches('0') {
                        "" => "0",
                        mantissa => mantissa,
                    };
                    assert_eq!(String::from_utf8(made).unwrap(), mantissa, "{x:e} {count}");
                    assert_eq!(first.to_string(), exponent, "{x:e} {count}");
                }
            }
        }
    }

    #[test]
    fn numbers_in_messages() {
        for (x, wanted) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (0.1, "0.1"),
            (-2.5, "-2.5"),
            (1234.0, "1234"),
            (1e15, "1000000000000000"),
            (1e17, "1e+17"),
            (1.5e-7, "1.5e-07"),
            (0.000_25, "0.00025"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
            (0.1 + 0.2, "0.30000000000000004"),
        ] {
            assert_eq!(text(x), wanted);
        }
    }
}
