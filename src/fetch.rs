//! `fetch` for Rust front ends: a model over HTTP, in any realm that has a global `fetch`
//! (pages, workers, Node, Workers). The npm package does this in TypeScript instead.

use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, Response};

use crate::error::{Code, Error, Result};
use crate::model::{LoadOptions, Model};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(url: &str) -> std::result::Result<Promise, JsValue>;
}

/// Downloads and loads the model at `url`, relative to the page where there is one.
///
/// Bytes are counted while they stream in; the download stops at `options.limits.max_bytes`.
///
/// # Errors
/// `MODEL_NOT_FOUND` for HTTP 404, `FETCH_FAILED` for other statuses and network failures,
/// `MODEL_TOO_LARGE`, and whatever [`Model::load`] can fail with.
pub async fn model(url: &str, options: LoadOptions) -> Result<Model> {
    let bytes = bytes(url, options.limits.max_bytes).await?;
    Model::load(&bytes, options)
}

async fn bytes(url: &str, max_bytes: u64) -> Result<Vec<u8>> {
    let failed = |error: JsValue| {
        let reason = error
            .dyn_ref::<js_sys::Error>()
            .map_or_else(String::new, |e| String::from(e.message()));
        Error::new(Code::FetchFailed, format!("{url} could not be fetched. {reason}"))
            .with("url", url)
    };
    let response = JsFuture::from(global_fetch(url).map_err(failed)?).await.map_err(failed)?;
    let response: Response = response.dyn_into().map_err(failed)?;
    if !response.ok() {
        let code = if response.status() == 404 { Code::ModelNotFound } else { Code::FetchFailed };
        return Err(Error::new(
            code,
            format!("{url} answered with the status {}. Check the path.", response.status()),
        )
        .with("url", url)
        .with("status", usize::from(response.status())));
    }
    let mut bytes = vec![];
    let Some(body) = response.body() else { return Ok(bytes) };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    loop {
        let step = JsFuture::from(reader.read()).await.map_err(failed)?;
        let done = Reflect::get(&step, &"done".into()).map_err(failed)?;
        if done.is_truthy() {
            return Ok(bytes);
        }
        let chunk = Reflect::get(&step, &"value".into()).map_err(failed)?;
        let chunk: Uint8Array = chunk.dyn_into().map_err(failed)?;
        let length = bytes.len() as u64 + u64::from(chunk.length());
        if length > max_bytes {
            // What the server still sends is of no use; whether it stops at once is its own affair.
            let _ = reader.cancel();
            return Err(Error::new(
                Code::ModelTooLarge,
                format!("{url} has more than the {max_bytes} bytes allowed. Raise `limits.maxBytes` if you trust it."),
            )
            .with("limit", "maxBytes")
            .with("expected", max_bytes));
        }
        bytes.extend(chunk.to_vec());
    }
}
