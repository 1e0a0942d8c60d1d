//! The protobuf wire format, read from a slice without copying
//! (protobuf encoding specification, proto3).

use crate::error::{Code, Error, Result};

/// The payload of one field.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
}

/// A field's number and payload.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    pub number: u64,
    pub value: Value<'a>,
}

/// Walks over the fields of one message.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

fn invalid(what: &str) -> Error {
    Error::new(
        Code::ModelInvalid,
        format!(
            "This is no complete ONNX file: {what}. Export the model again, or check that the whole file was copied or downloaded."
        ),
    )
}

impl<'a> Fields<'a> {
    pub fn new(message: &'a [u8]) -> Self {
        Fields { rest: message }
    }

    /// The next field, or `None` at the end of the message.
    pub fn next(&mut self) -> Result<Option<Field<'a>>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(self.array()?),
            2 => {
                let length = self.varint()?;
                let length = usize::try_from(length)
                    .map_err(|_| invalid("a field is longer than memory could hold"))?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Fixed32(self.array()?),
            _ => return Err(invalid("it is not encoded as protocol buffers")),
        };
        match key >> 3 {
            0 => Err(invalid("a field has the number 0")),
            number => Ok(Some(Field { number, value })),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        if length > self.rest.len() {
            return Err(invalid("it ends in the middle of a field")
                .with("missing", length - self.rest.len()));
        }
        let (head, tail) = self.rest.split_at(length);
        self.rest = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for (index, &byte) in self.rest.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                self.rest = &self.rest[index + 1..];
                return Ok(value);
            }
        }
        Err(invalid("a number never ends"))
    }
}

impl<'a> Value<'a> {
    /// A varint field as a signed number.
    pub fn int(self) -> Result<i64> {
        match self {
            Value::Varint(value) => Ok(value as i64),
            _ => Err(invalid("a field that holds a number has another type")),
        }
    }

    /// A 32-bit float field.
    pub fn float(self) -> Result<f32> {
        match self {
            Value::Fixed32(bytes) => Ok(f32::from_le_bytes(bytes)),
            _ => Err(invalid("a field that holds a float has another type")),
        }
    }

    /// A length-delimited field: bytes, text or a message.
    pub fn bytes(self) -> Result<&'a [u8]> {
        match self {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(invalid("a field that holds bytes has another type")),
        }
    }

    /// A text field, which must be UTF-8.
    pub fn text(self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| invalid("a name is not UTF-8"))
    }

    /// Appends a repeated varint field, packed or not, to `out`.
    pub fn ints<T>(self, out: &mut Vec<T>, convert: impl Fn(u64) -> T) -> Result<()> {
        match self {
            Value::Varint(value) => out.push(convert(value)),
            Value::Bytes(bytes) => {
                out.reserve(bytes.iter().filter(|byte| **byte & 0x80 == 0).count());
                let mut fields = Fields::new(bytes);
                while !fields.rest.is_empty() {
                    out.push(convert(fields.varint()?));
                }
            }
            _ => return Err(invalid("a list of numbers has another type")),
        }
        Ok(())
    }

    /// Appends a repeated 32-bit float field, packed or not, to `out`.
    pub fn floats(self, out: &mut Vec<f32>) -> Result<()> {
        match self {
            Value::Fixed32(bytes) => out.push(f32::from_le_bytes(bytes)),
            Value::Bytes(bytes) => {
                let (chunks, rest) = bytes.as_chunks::<4>();
                if !rest.is_empty() {
                    return Err(invalid("a list of floats is cut short"));
                }
                out.extend(chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)));
            }
            _ => return Err(invalid("a list of floats has another type")),
        }
        Ok(())
    }

    /// Appends a repeated 64-bit float field, packed or not, to `out`.
    pub fn doubles(self, out: &mut Vec<f64>) -> Result<()> {
        match self {
            Value::Fixed64(bytes) => out.push(f64::from_le_bytes(bytes)),
            Value::Bytes(bytes) => {
                let (chunks, rest) = bytes.as_chunks::<8>();
                if !rest.is_empty() {
                    return Err(invalid("a list of doubles is cut short"));
                }
                out.extend(chunks.iter().map(|chunk| f64::from_le_bytes(*chunk)));
            }
            _ => return Err(invalid("a list of doubles has another type")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<u64>> {
        let mut fields = Fields::new(bytes);
        let mut numbers = vec![];
        while let Some(field) = fields.next()? {
            numbers.push(field.number);
        }
        Ok(numbers)
    }

    #[test]
    fn fields_of_every_kind_are_walked() {
        let message = [
            0x08, 0x96, 0x01, // 1: varint 150
            0x12, 0x02, b'o', b'k', // 2: bytes "ok"
            0x1d, 0, 0, 0x80, 0x3f, // 3: float 1.0
            0x21, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, // 4: double 1.0
        ];
        assert_eq!(all(&message).unwrap(), [1, 2, 3, 4]);
    }

    #[test]
    fn broken_messages_are_errors() {
        for broken in [
            &[0x12, 0x05, b'o'][..],                     // longer than what is left
            &[0x08][..],                                 // no value
            &[0x0b][..],                                 // group
            &[0x00, 0x01][..],                           // field number 0
            &[0xff; 11][..],                             // endless varint
            &[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], // length of 2^42
        ] {
            assert_eq!(all(broken).unwrap_err().code(), Code::ModelInvalid, "{broken:x?}");
        }
    }

    #[test]
    fn packed_and_single_numbers_are_the_same() {
        let mut out = vec![];
        Value::Bytes(&[1, 0x96, 0x01]).ints(&mut out, |v| v as i64).unwrap();
        Value::Varint(u64::MAX).ints(&mut out, |v| v as i64).unwrap();
        assert_eq!(out, [1, 150, -1]);
        assert!(Value::Bytes(&[0x96]).ints(&mut out, |v| v as i64).is_err());
        assert!(Value::Bytes(&[0, 0]).floats(&mut vec![]).is_err());
    }
}
