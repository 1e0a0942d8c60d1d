/** A `.wasm` import is a compiled module in workerd. Seen by this package only: it is not emitted. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
