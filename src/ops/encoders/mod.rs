//! What prepares features: scaling, imputing, encoding categories (ai.onnx.ml).

mod array_feature_extractor;
mod binarizer;
#[cfg(feature = "extra")]
mod category_mapper;
mod feature_vectorizer;
pub(super) mod features;
mod imputer;
mod label_encoder;
pub(super) mod lookup;
mod normalizer;
mod one_hot_encoder;
mod scaler;
#[cfg(test)]
pub(super) mod testing;

use super::Families;

/// The operators of this room.
pub const FAMILIES: Families = &[
    array_feature_extractor::OPERATORS,
    binarizer::OPERATORS,
    #[cfg(feature = "extra")]
    category_mapper::OPERATORS,
    feature_vectorizer::OPERATORS,
    imputer::OPERATORS,
    label_encoder::OPERATORS,
    normalizer::OPERATORS,
    one_hot_encoder::OPERATORS,
    scaler::OPERATORS,
];
