//! What the bytes are when they are no ONNX model, told from their first few.

use crate::error::{Code, Error, Result};

/// Refuses what is plainly something else, by its name.
///
/// # Errors
/// `MODEL_INVALID` for an empty file, HTML or other text, a pickle, HDF5, a zip archive and a
/// Git LFS pointer.
pub fn check(bytes: &[u8]) -> Result<()> {
    let refuse = |found: &str, advice: &str| {
        Err(Error::new(Code::ModelInvalid, format!("This is {found}, not an ONNX model. {advice}"))
            .with("expected", "ONNX")
            .with("got", found))
    };
    if bytes.is_empty() {
        return refuse("an empty file", "Check that the download or the export finished.");
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let starts = |prefix: &[u8]| {
        text.len() >= prefix.len() && text[..prefix.len()].eq_ignore_ascii_case(prefix)
    };
    if starts(b"<!doctype") || starts(b"<html") || starts(b"<head") || starts(b"<body") {
        return refuse(
            "an HTML page",
            "The URL most likely answers with an error page or the application's start page: check the path of the model.",
        );
    }
    if starts(b"<") {
        return refuse("XML or HTML", "Check the path of the model.");
    }
    if starts(b"version https://git-lfs") {
        return refuse("a Git LFS pointer", "Fetch the real file with `git lfs pull`.");
    }
    if starts(b"{\"") || starts(b"{\n") || starts(b"{ ") {
        return refuse(
            "JSON",
            "Give the URL of the .onnx file, or of a manifest named manifest.json.",
        );
    }
    match bytes {
        [0x80, 0x02..=0x05, ..] => {
            refuse("a Python pickle", "Convert it to ONNX first, for instance with skl2onnx.")
        }
        [0x89, b'H', b'D', b'F', ..] => {
            refuse("an HDF5 file", "Convert it to ONNX first, for instance with tf2onnx.")
        }
        [b'P', b'K', 3, 4, ..] => refuse(
            "a zip archive (.keras, .pt and .npz are such)",
            "Export the model to ONNX first.",
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_named() {
        for (bytes, name) in [
            (&b""[..], "empty"),
            (b"\n <!DOCTYPE html><title>404</title>", "HTML"),
            (b"\xef\xbb\xbf<HTML>", "HTML"),
            (b"<?xml version='1.0'?>", "XML"),
            (b"{\"error\": 404}", "JSON"),
            (b"\x80\x04\x95\x00", "pickle"),
            (b"\x89HDF\r\n", "HDF5"),
            (b"PK\x03\x04", "zip"),
            (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        ] {
            let error = check(bytes).unwrap_err();
            assert_eq!(error.code(), Code::ModelInvalid);
            assert!(error.message().contains(name), "{error}");
        }
        assert!(check(&[0x08, 0x07, 0x12, 0x04]).is_ok());
    }
}
