//! The JavaScript bindings, nothing else. The npm package wraps them; they are not an API of
//! their own. Rows go in and answers come out through the instance's memory, everything else as
//! values.

mod values;

use js_sys::{Array, ArrayBuffer, Object, Uint8Array};
use wasm_bindgen::prelude::*;

use self::values::{Fields, property, set};
use crate::error::{Code, Error};
use crate::model::Model;
use crate::tensor::{Data, DataType, Tensor, rare};

/// Runs the static constructors, in which tract collects its kernels, once an instance. A module
/// that does not call them itself gets them called before each export instead.
#[cfg(not(test))]
#[wasm_bindgen(start)]
#[allow(unsafe_code)]
pub fn start() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    // SAFETY: the linker makes this function in every module and it takes nothing. It must run
    // once an instance and before any other code: wasm-bindgen runs `start` right after it
    // instantiates the module, and nothing else calls either.
    unsafe { __wasm_call_ctors() };
}

/// What the third word of a result says where the prediction is texts.
const TEXTS: u32 = 2;

/// A loaded model.
#[wasm_bindgen]
pub struct WasmModel {
    model: Model,
    /// Address and size of the last answer; see [`WasmModel::result_ptr`].
    result: Box<[u32; 7]>,
    /// The texts of the next call, one behind the other, and where each of them ends.
    texts: Vec<u8>,
    ends: Vec<u32>,
    /// Why the last call of [`WasmModel::predict`] failed.
    failure: Option<Error>,
}

#[wasm_bindgen]
impl WasmModel {
    /// Loads the bytes of an ONNX file; `options` are [`LoadOptions`] in camel case, or undefined.
    pub fn load(bytes: &Uint8Array, options: JsValue) -> Result<WasmModel, JsValue> {
        let options = values::options(&options).map_err(|error| {
            let message = ["The options cannot be read: ", &error, "."].concat();
            throw(&Error::new(Code::OptionsInvalid, message))
        })?;
        let length = u64::from(bytes.length());
        if length > options.limits.max_bytes {
            return Err(throw(&crate::onnx::too_large(length, &options.limits)));
        }
        let model = Model::load(&bytes.to_vec(), options).map_err(|error| throw(&error))?;
        Ok(WasmModel { model, result: Box::default(), texts: vec![], ends: vec![], failure: None })
    }

    /// `{ inputs, outputs, classes?, features? }`.
    pub fn signature(&self) -> Result<JsValue, JsValue> {
        values::signature(self.model.signature()).map_err(|error| throw(&error))
    }

    /// `{ width, sparse, inputs: [{ name, type, buffer, width }] }`, or undefined where the model takes no rows.
    pub fn layout(&self) -> JsValue {
        self.model.layout().map_or(JsValue::UNDEFINED, values::layout)
    }

    /// Makes room for rows.
    pub fn reserve(&mut self, rows: u32, width: u32) -> Result<(), JsValue> {
        self.model.reserve(rows as usize, width as usize).map_err(|error| throw(&error))
    }

    /// Where an input's values are to be written: rows × its width, float32 or float64.
    pub fn input_ptr(&mut self, input: u32) -> u32 {
        match self.model.buffer(input as usize) {
            Some(Data::F32(values)) => values.as_mut_ptr() as u32,
            Some(Data::F64(values)) => values.as_mut_ptr() as u32,
            _ => 0,
        }
    }

    /// Makes room for so many texts of so many bytes in all, where the last two words of the result
    /// say then. What was written before may be lost.
    pub fn reserve_texts(&mut self, count: u32, bytes: u32) {
        self.ends.resize(count as usize, 0);
        self.texts.resize(bytes as usize, 0);
        self.result[5] = self.ends.as_ptr() as u32;
        self.result[6] = self.texts.as_ptr() as u32;
    }

    /// The texts of the last answer, rows × columns, where it is texts.
    pub fn prediction_strings(&self) -> Vec<String> {
        self.model.prediction().texts.clone()
    }

    /// Predicts the rows that were written. False where that failed: [`failure`](Self::failure)
    /// tells why.
    pub fn predict(&mut self, rows: u32) -> bool {
        match self.answer(rows as usize) {
            Ok(()) => true,
            Err(error) => {
                self.failure = Some(error);
                false
            }
        }
    }

    /// Why the last call of [`predict`](Self::predict) failed; undefined where it did not.
    pub fn failure(&mut self) -> JsValue {
        self.failure.take().map_or(JsValue::UNDEFINED, |error| throw(&error))
    }

    /// Where seven numbers of 32 bits are: address of the predictions (float64, rows × columns),
    /// columns, what they are (0 numbers, 1 positions among the classes, 2 texts: see
    /// [`prediction_strings`](Self::prediction_strings)), address of the probabilities (float64,
    /// rows × classes), classes; and where the texts of the next call go: the address of each
    /// one's end (32 bits), counted from where the first begins, which is the last number. All texts
    /// of an input come before those of the next. The place stays the same.
    pub fn result_ptr(&self) -> u32 {
        self.result.as_ptr() as u32
    }

    /// Runs on `{ name: { type, dims, data } }`, answers the same.
    pub fn run(&mut self, feeds: &Object) -> Result<JsValue, JsValue> {
        let feeds = Object::entries(feeds)
            .iter()
            .map(|entry| {
                let entry = Array::from(&entry);
                let name = entry.get(0).as_string().unwrap_or_default();
                let tensor = tensor_from_js(&name, &entry.get(1))?;
                Ok((name, tensor))
            })
            .collect::<Result<Vec<_>, Error>>()
            .map_err(|error| throw(&error))?;
        let outputs = self.model.run(&feeds).map_err(|error| throw(&error))?;
        let result = Object::new();
        for (name, tensor) in outputs {
            set(&result, &name, &tensor_to_js(tensor));
        }
        Ok(result.into())
    }
}

impl WasmModel {
    fn answer(&mut self, rows: usize) -> Result<(), Error> {
        if !self.ends.is_empty() {
            self.take_texts()?;
        }
        let answer = self.model.predict_reserved(rows)?;
        let result = &mut *self.result;
        result[0] = answer.values.as_ptr() as u32;
        result[1] = answer.columns as u32;
        result[2] = if answer.texts.is_empty() { u32::from(answer.is_class) } else { TEXTS };
        result[3] = answer.probabilities.as_ptr() as u32;
        result[4] = answer.classes as u32;
        Ok(())
    }

    /// Gives the inputs the texts that were written.
    fn take_texts(&mut self) -> Result<(), Error> {
        let mut start = 0;
        let mut ends = self.ends.iter().map(|end| *end as usize);
        let mut input = 0;
        while let Some(data) = self.model.buffer(input) {
            input += 1;
            let Data::Str(texts) = data else { continue };
            for (text, end) in texts.iter_mut().zip(&mut ends) {
                let given = self.texts.get(start..end).and_then(|text| str::from_utf8(text).ok());
                let given = given.ok_or_else(|| {
                    Error::new(Code::InputType, "A text of the input is no UTF-8.")
                })?;
                text.clear();
                text.push_str(given);
                start = end;
            }
        }
        Ok(())
    }
}

/// A JavaScript `Error` with `code` and `details`.
fn throw(error: &Error) -> JsValue {
    let thrown = js_sys::Error::new(error.message());
    set(&thrown, "code", &error.code().as_str().into());
    set(&thrown, "details", &values::details(error.details()));
    thrown.into()
}

fn no_tensor(name: &str) -> Error {
    let message = ["The input `", name, "` is no tensor. Pass { type, dims, data }."].concat();
    Error::new(Code::InputType, message).with("name", name)
}

/// The package has checked that a tensor is one, with its element type's own array.
fn tensor_from_js(name: &str, value: &JsValue) -> Result<Tensor, Error> {
    let data = property(value, "data");
    let data_type = values::data_type(&property(value, "type"))
        .filter(|kind| *kind == DataType::String || ArrayBuffer::is_view(&data))
        .ok_or_else(|| no_tensor(name))?;
    let dims = Array::from(&property(value, "dims"));
    let dims = dims.iter().map(|dim| dim.as_f64().unwrap_or(0.0) as usize).collect();
    macro_rules! typed {
        ($array:ident) => {
            data.unchecked_ref::<js_sys::$array>().to_vec()
        };
    }
    // `data_type` is none of these where this build does not have them.
    macro_rules! seldom {
        ($array:ident) => {
            if cfg!(feature = "extra") { typed!($array) } else { vec![] }
        };
    }
    let data = match data_type {
        DataType::Float16 => Data::F16(rare(seldom!(Uint16Array))),
        DataType::Float32 => Data::F32(typed!(Float32Array)),
        DataType::Float64 => Data::F64(typed!(Float64Array)),
        DataType::Int8 => Data::I8(rare(seldom!(Int8Array))),
        DataType::Int16 => Data::I16(rare(seldom!(Int16Array))),
        DataType::Int32 => Data::I32(typed!(Int32Array)),
        DataType::Int64 => Data::I64(typed!(BigInt64Array)),
        DataType::Uint8 => Data::U8(typed!(Uint8Array)),
        DataType::Uint16 => Data::U16(rare(seldom!(Uint16Array))),
        DataType::Uint32 => Data::U32(rare(seldom!(Uint32Array))),
        DataType::Uint64 => Data::U64(rare(seldom!(BigUint64Array))),
        DataType::Bool => {
            Data::Bool(typed!(Uint8Array).into_iter().map(|byte| byte != 0).collect())
        }
        DataType::String => Data::Str(values::texts(&data, "data").map_err(|_| no_tensor(name))?),
    };
    Tensor::new(dims, data).map_err(|error| error.with("name", name))
}

fn tensor_to_js(tensor: Tensor) -> JsValue {
    let data_type = tensor.data_type();
    let (dims, data) = tensor.into_parts();
    let data: JsValue = match data {
        Data::F16(values) => js_sys::Uint16Array::from(&values[..]).into(),
        Data::F32(values) => js_sys::Float32Array::from(&values[..]).into(),
        Data::F64(values) => js_sys::Float64Array::from(&values[..]).into(),
        Data::I8(values) => js_sys::Int8Array::from(&values[..]).into(),
        Data::I16(values) => js_sys::Int16Array::from(&values[..]).into(),
        Data::I32(values) => js_sys::Int32Array::from(&values[..]).into(),
        Data::I64(values) => js_sys::BigInt64Array::from(&values[..]).into(),
        Data::U8(values) => Uint8Array::from(&values[..]).into(),
        Data::U16(values) => js_sys::Uint16Array::from(&values[..]).into(),
        Data::U32(values) => js_sys::Uint32Array::from(&values[..]).into(),
        Data::U64(values) => js_sys::BigUint64Array::from(&values[..]).into(),
        Data::Bool(values) => {
            let bytes: Vec<u8> = values.into_iter().map(u8::from).collect();
            Uint8Array::from(&*bytes).into()
        }
        Data::Str(values) => values.into_iter().map(JsValue::from).collect::<Array>().into(),
    };
    Fields::new()
        .with("type", data_type.name())
        .with("dims", values::lengths_to_js(&dims))
        .with("data", data)
        .done()
}

#[cfg(test)]
mod tests {
    use js_sys::Reflect;
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    use super::*;

    wasm_bindgen_test_configure!(run_in_browser);

    fn iris() -> WasmModel {
        let bytes = Uint8Array::from(&include_bytes!("../models/iris/1/model.onnx")[..]);
        WasmModel::load(&bytes, JsValue::UNDEFINED).unwrap()
    }

    #[wasm_bindgen_test]
    fn rows_go_in_and_answers_come_out_through_memory() {
        let mut model = iris();
        model.reserve(1, 4).unwrap();
        let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
        js_sys::Float32Array::new_with_byte_offset_and_length(
            &memory.buffer(),
            model.input_ptr(0),
            4,
        )
        .copy_from(&[5.1, 3.5, 1.4, 0.2]);
        assert!(model.predict(1));
        let mut result = [0; 5];
        js_sys::Uint32Array::new_with_byte_offset_and_length(
            &memory.buffer(),
            model.result_ptr(),
            5,
        )
        .copy_to(&mut result);
        let [values, columns, is_class, probabilities, classes] = result;
        assert_eq!((columns, is_class, classes), (1, 0, 3));
        let doubles = |ptr, length| {
            js_sys::Float64Array::new_with_byte_offset_and_length(&memory.buffer(), ptr, length)
                .to_vec()
        };
        assert_eq!(doubles(values, 1), [0.0]);
        assert!(doubles(probabilities, 3)[0] > 0.9);
    }

    #[wasm_bindgen_test]
    fn why_a_call_failed_is_told_once() {
        let mut model = iris();
        assert!(!model.predict(1));
        assert_eq!(property(&model.failure(), "code"), "INPUT_SHAPE");
        assert!(model.failure().is_undefined());
    }

    #[wasm_bindgen_test]
    fn named_tensors_go_in_and_come_out() {
        let tensor = Object::new();
        Reflect::set(&tensor, &"type".into(), &"float32".into()).unwrap();
        Reflect::set(&tensor, &"dims".into(), &Array::of2(&1.into(), &4.into())).unwrap();
        let data = js_sys::Float32Array::from(&[5.1f32, 3.5, 1.4, 0.2][..]);
        Reflect::set(&tensor, &"data".into(), &data).unwrap();
        let feeds = Object::new();
        Reflect::set(&feeds, &"float_input".into(), &tensor).unwrap();
        let outputs = iris().run(&feeds).unwrap();
        let label = property(&property(&outputs, "output_label"), "data");
        assert_eq!(label.unchecked_into::<js_sys::BigInt64Array>().to_vec(), [0]);
    }

    #[wasm_bindgen_test]
    fn an_error_is_an_error_with_code_and_details() {
        let error = iris().reserve(1, 3).unwrap_err();
        assert!(error.is_instance_of::<js_sys::Error>());
        assert_eq!(property(&error, "code"), "INPUT_SHAPE");
        assert_eq!(property(&property(&error, "details"), "expected"), 4);
    }

    #[wasm_bindgen_test]
    fn options_are_read_and_wrong_ones_named() {
        let options =
            js_sys::JSON::parse(r#"{"features": ["a", "b", "c", "d"], "limits": {"maxNodes": 3}}"#)
                .unwrap();
        let bytes = Uint8Array::from(&include_bytes!("../models/iris/1/model.onnx")[..]);
        let Err(error) = WasmModel::load(&bytes, options) else { panic!("the limit did not hold") };
        assert_eq!(property(&error, "code"), "LIMIT_EXCEEDED");
        let Err(error) =
            WasmModel::load(&bytes, js_sys::JSON::parse(r#"{"engine": "warp"}"#).unwrap())
        else {
            panic!("an unknown engine was taken")
        };
        assert_eq!(property(&error, "code"), "OPTIONS_INVALID");
    }
}
