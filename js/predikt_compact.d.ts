/** What TypeScript sees of the generated glue that lies beside the emitted files in dist/. */

import type { Binding, Instance } from "./binding.js";

export default function init(input: { module_or_path: WebAssembly.Module }): Promise<Instance>;
export const initSync: Binding["initSync"];
export const __wbg_reset_state: Binding["__wbg_reset_state"];
export const __wbg_get_imports: Binding["__wbg_get_imports"];
export const __wbg_finalize_init: Binding["__wbg_finalize_init"];
export const WasmModel: Binding["WasmModel"];
