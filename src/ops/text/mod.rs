//! From texts to numbers (ai.onnx, ai.onnx.ml, com.microsoft).

mod murmur_hash3;
mod regex;
mod regex_full_match;
mod string_concat;
mod string_normalizer;
mod string_split;
mod tf_idf_vectorizer;
mod tokenizer;

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[
    murmur_hash3::OPERATORS,
    regex_full_match::OPERATORS,
    string_concat::OPERATORS,
    string_normalizer::OPERATORS,
    string_split::OPERATORS,
    tf_idf_vectorizer::OPERATORS,
    tokenizer::OPERATORS,
];
