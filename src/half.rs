//! IEEE 754 binary16 bit patterns ↔ numbers.

/// IEEE binary32 → binary16, to nearest, ties to even.
pub(crate) fn f32_to_f16(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = ((bits >> 16) & 0x8000) as u16;
    let exponent = ((bits >> 23) & 0xff) as i32;
    let mantissa = bits & 0x7f_ffff;
    if exponent == 0xff {
        return sign | 0x7c00 | if mantissa != 0 { 0x200 } else { 0 };
    }
    let target = exponent - 127 + 15;
    if target >= 0x1f {
        return sign | 0x7c00;
    }
    // Subnormal halves drop more bits, and below the smallest nothing is left.
    let (mantissa, dropped) = match target {
        1.. => (mantissa, 13),
        -10..=0 => (mantissa | 0x80_0000, 14 - target),
        _ => return sign,
    };
    let kept = mantissa >> dropped;
    let rest = mantissa & ((1 << dropped) - 1);
    let half = 1 << (dropped - 1);
    let rounded = kept + u32::from(rest > half || (rest == half && kept & 1 == 1));
    // A carry out of the mantissa raises the exponent, as it should.
    sign | ((if target > 0 { (target as u32) << 10 } else { 0 }) + rounded) as u16
}

/// IEEE binary16 → binary64, exact.
pub(crate) fn f16_to_f64(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from((bits >> 10) & 0x1f);
    let mantissa = f64::from(bits & 0x3ff);
    sign * match exponent {
        0 => mantissa * (-24f64).exp2(),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * f64::from(exponent - 25).exp2(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// numpy 2.4: `numpy.float32(x).astype(numpy.float16).view(numpy.uint16)`.
    #[test]
    fn halves_round_as_numpy_does() {
        for (value, bits) in [
            (0.0f32, 0x0000),
            (-0.0, 0x8000),
            (1.0, 0x3c00),
            (-2.0, 0xc000),
            (0.1, 0x2e66),
            (65504.0, 0x7bff),
            (65519.0, 0x7bff),
            (65520.0, 0x7c00),
            (1e9, 0x7c00),
            (f32::INFINITY, 0x7c00),
            (f32::NEG_INFINITY, 0xfc00),
            (6.1035156e-5, 0x0400),
            (6.097_555e-5, 0x03ff),
            (5.9604645e-8, 0x0001),
            (2.9802322e-8, 0x0000),
            (2.980233e-8, 0x0001),
            (1e-30, 0x0000),
            (2049.0, 0x6800),
            (2051.0, 0x6802),
        ] {
            assert_eq!(f32_to_f16(value), bits, "{value}");
        }
        assert_eq!(f32_to_f16(f32::NAN) & 0x7e00, 0x7e00);
    }

    #[test]
    fn every_half_survives_a_round_trip() {
        for bits in 0..=u16::MAX {
            let value = f16_to_f64(bits);
            if value.is_nan() {
                continue;
            }
            assert_eq!(f32_to_f16(value as f32), bits, "{bits:04x}");
        }
    }
}
