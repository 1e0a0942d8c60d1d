//! Bounds the memory of the wasm module: a model that asks for more gets an error, not the whole machine.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        println!("cargo:rustc-link-arg-cdylib=--max-memory={}", 2u64 << 30);
    }
}
