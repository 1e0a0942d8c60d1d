//! Between JavaScript's values and ours, by hand: a general serializer is larger than all that
//! it would read and write here.

use js_sys::{Array, ArrayBuffer, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::engine::EngineKind;
use crate::error::{Code, Detail, Details, Error, Result};
use crate::features::Layout;
use crate::model::LoadOptions;
use crate::onnx::{Class, Dimension, Signature, Slot};
use crate::tensor::DataType;

/// The largest whole number below which a double holds every one.
const SAFE: f64 = 9_007_199_254_740_991.0;

/// An object under construction.
pub struct Fields(Object);

impl Fields {
    /// An object without properties.
    pub fn new() -> Self {
        Fields(Object::new())
    }

    /// The same with one more property.
    pub fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        set(&self.0, name, &value.into());
        self
    }

    /// The object.
    pub fn done(self) -> JsValue {
        self.0.into()
    }
}

/// Sets a property.
pub fn set(object: &JsValue, name: &str, value: &JsValue) {
    // A plain property of an object of our own: this cannot fail.
    let _ = Reflect::set(object, &name.into(), value);
}

/// The property of that name; undefined where there is none.
pub fn property(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn is_missing(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

fn array<T>(items: &[T], one: impl Fn(&T) -> JsValue) -> JsValue {
    items.iter().map(one).collect::<Array>().into()
}

fn texts_to_js(texts: &[String]) -> JsValue {
    array(texts, |text| text.as_str().into())
}

fn length_to_js(length: Option<usize>) -> JsValue {
    length.map_or(JsValue::NULL, |length| (length as f64).into())
}

/// Lengths, as numbers.
pub fn lengths_to_js(lengths: &[usize]) -> JsValue {
    array(lengths, |length| (*length as f64).into())
}

fn slot(slot: &Slot) -> JsValue {
    let shape = slot.shape.as_deref().map_or(JsValue::NULL, |shape| {
        array(shape, |dimension| match dimension {
            Dimension::Fixed(length) => (*length as f64).into(),
            Dimension::Named(name) => name.as_str().into(),
            Dimension::Free(()) => JsValue::NULL,
        })
    });
    Fields::new()
        .with("name", &*slot.name)
        .with("type", slot.data_type.name())
        .with("shape", shape)
        .done()
}

/// `{ inputs, outputs, classes?, features? }`.
///
/// # Errors
/// `OP_UNSUPPORTED` for a class that no JavaScript number holds.
pub fn signature(signature: &Signature) -> Result<JsValue> {
    let mut fields = Fields::new()
        .with("inputs", array(&signature.inputs, slot))
        .with("outputs", array(&signature.outputs, slot));
    if let Some(classes) = &signature.classes {
        let beyond =
            |class: &&Class| matches!(class, Class::Int(label) if (*label as f64).abs() > SAFE);
        if classes.iter().any(|class| beyond(&class)) {
            return Err(Error::new(
                Code::OpUnsupported,
                "A class label is beyond 2^53, which no JavaScript number holds. Pass `classes` with other labels.",
            ));
        }
        let classes = array(classes, |class| match class {
            Class::Int(label) => (*label as f64).into(),
            Class::Text(label) => label.as_str().into(),
        });
        fields = fields.with("classes", classes);
    }
    if let Some(features) = &signature.features {
        fields = fields.with("features", texts_to_js(features));
    }
    Ok(fields.done())
}

/// `{ width, sparse, inputs: [{ name, type, buffer, width }] }`.
pub fn layout(layout: &Layout) -> JsValue {
    let inputs = array(&layout.inputs, |input| {
        Fields::new()
            .with("name", &*input.name)
            .with("type", input.data_type.name())
            .with("buffer", input.buffer.name())
            .with("width", length_to_js(input.width))
            .done()
    });
    Fields::new()
        .with("inputs", inputs)
        .with("width", length_to_js(layout.width))
        .with("sparse", layout.sparse)
        .done()
}

/// An error's details, as an object.
pub fn details(details: &Details) -> JsValue {
    details
        .iter()
        .fold(Fields::new(), |fields, (name, detail)| match detail {
            Detail::Number(number) => fields.with(name, *number),
            Detail::Text(text) => fields.with(name, text.as_str()),
            Detail::List(texts) => fields.with(name, texts_to_js(texts)),
        })
        .done()
}

/// Reads a value, or says where in it something else was than what.
type Read<T> = std::result::Result<T, String>;

/// The elements of an array or of a typed array.
fn items<T>(value: &JsValue, what: &str, one: impl Fn(&JsValue) -> Read<T>) -> Read<Vec<T>> {
    if !Array::is_array(value) && !ArrayBuffer::is_view(value) {
        return Err([what, " is no array"].concat());
    }
    Array::from(value).iter().map(|item| one(&item)).collect()
}

fn optional<T>(value: &JsValue, read: impl FnOnce(&JsValue) -> Read<T>) -> Read<Option<T>> {
    if is_missing(value) { Ok(None) } else { read(value).map(Some) }
}

fn text(value: &JsValue, what: &str) -> Read<String> {
    value.as_string().ok_or_else(|| [what, " is no text"].concat())
}

fn whole(value: &JsValue) -> Option<i64> {
    match value.as_f64() {
        Some(number) if number.trunc() == number && number.abs() <= SAFE => Some(number as i64),
        Some(_) => None,
        None => i64::try_from(value.clone()).ok(),
    }
}

fn count(value: &JsValue, what: &str) -> Read<u64> {
    whole(value)
        .and_then(|number| u64::try_from(number).ok())
        .ok_or_else(|| [what, " is no whole number from 0 on"].concat())
}

/// A list of texts.
pub fn texts(value: &JsValue, what: &str) -> Read<Vec<String>> {
    items(value, what, |item| text(item, what))
}

/// The type of that name.
pub fn data_type(value: &JsValue) -> Option<DataType> {
    let name = value.as_string()?;
    (1..=13).filter_map(DataType::from_onnx).find(|kind| kind.name() == name)
}

/// [`LoadOptions`] in camel case.
pub fn options(value: &JsValue) -> Read<LoadOptions> {
    let mut options = LoadOptions::default();
    if is_missing(value) {
        return Ok(options);
    }
    if !value.is_object() {
        return Err("they are no object".to_owned());
    }
    let limits = property(value, "limits");
    let held = &mut options.limits;
    for (name, limit) in [
        ("maxBytes", &mut held.max_bytes),
        ("maxNodes", &mut held.max_nodes),
        ("maxSubgraphDepth", &mut held.max_subgraph_depth),
        ("maxRank", &mut held.max_rank),
        ("maxElements", &mut held.max_elements),
        ("maxTensorBytes", &mut held.max_tensor_bytes),
    ] {
        if let Some(given) = optional(&property(&limits, name), |value| count(value, name))? {
            *limit = given;
        }
    }
    let engine = property(value, "engine");
    if !is_missing(&engine) {
        options.engine = match engine.as_string().as_deref() {
            Some("auto") => EngineKind::Auto,
            Some("compact") => EngineKind::Compact,
            Some("tract") => EngineKind::Tract,
            _ => return Err("`engine` is none of auto, compact, tract".to_owned()),
        };
    }
    options.plan_cache = optional(&property(value, "planCache"), |value| {
        Ok(usize::try_from(count(value, "planCache")?).unwrap_or(usize::MAX))
    })?;
    options.classes = optional(&property(value, "classes"), |value| {
        items(value, "classes", |item| match whole(item) {
            Some(label) => Ok(Class::Int(label)),
            None => text(item, "a class").map(Class::Text),
        })
    })?;
    options.features = optional(&property(value, "features"), |value| texts(value, "features"))?;
    Ok(options)
}
