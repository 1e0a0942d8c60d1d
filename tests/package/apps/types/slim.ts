import { configure, loadModel, type SlimOptions, type WasmSource } from "predikt/slim";

const places: Record<string, WasmSource> = { simd: "/simd.wasm", relaxed: new Uint8Array() };
const options: SlimOptions = { wasm: (variant) => places[variant] ?? "/simd.wasm" };
configure(options);
configure({ compact: new URL("https://example.com/compact.wasm") });
configure({ compact: async () => new Uint8Array(), wasm: "/full.wasm" });

export const iris = await loadModel("/models/iris/model.json");
