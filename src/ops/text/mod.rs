//! From texts to numbers (ai.onnx, ai.onnx.ml, com.microsoft).

#[cfg(feature = "extra")]
mod murmur_hash3;
mod regex;
#[cfg(feature = "extra")]
mod regex_full_match;
#[cfg(feature = "extra")]
mod string_concat;
mod string_normalizer;
#[cfg(feature = "extra")]
mod string_split;
mod tf_idf_vectorizer;
mod tokenizer;

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[
    #[cfg(feature = "extra")]
    murmur_hash3::OPERATORS,
    #[cfg(feature = "extra")]
    regex_full_match::OPERATORS,
    #[cfg(feature = "extra")]
    string_concat::OPERATORS,
    string_normalizer::OPERATORS,
    #[cfg(feature = "extra")]
    string_split::OPERATORS,
    tf_idf_vectorizer::OPERATORS,
    tokenizer::OPERATORS,
];
