import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WasmSource } from "../slim-options.js";
import { fakeModule } from "../testing/fake.js";
import { failureOf } from "../testing/loader.js";
import { send, startServer, type TestServer } from "../testing/server.js";
import { compileWasm } from "./compile.js";

const BYTES = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const BROKEN = new Uint8Array([...BYTES, 99]);
const WASM = { "content-type": "application/wasm" };

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  server.routes.set("/typed.wasm", send(BYTES, WASM));
  server.routes.set("/untyped.wasm", send(BYTES, { "content-type": "text/plain" }));
  server.routes.set("/broken.wasm", send(BROKEN, WASM));
  server.routes.set("/page.wasm", send("<!doctype html>", { "content-type": "text/html" }));
});
afterAll(() => server.close());

describe("the engine's module", () => {
  it.each<[string, () => WasmSource]>([
    ["a URL string", () => `${server.url}/typed.wasm`],
    ["a URL", () => new URL(`${server.url}/typed.wasm`)],
    ["a URL without its type", () => `${server.url}/untyped.wasm`],
    ["a Response", () => new Response(BYTES, { headers: WASM })],
    ["bytes", () => BYTES],
    ["an ArrayBuffer", () => BYTES.buffer],
    ["a module", fakeModule],
  ])("is compiled from %s", async (_what, source) => {
    expect(await compileWasm(source())).toBeInstanceOf(WebAssembly.Module);
  });

  it.each<[string, () => unknown, string]>([
    ["a missing file", () => `${server.url}/missing.wasm`, "FETCH_FAILED"],
    ["nobody", () => "http://127.0.0.1:1/x.wasm", "FETCH_FAILED"],
    ["a page", () => `${server.url}/page.wasm`, "ENGINE_FAILED"],
    ["a broken module", () => `${server.url}/broken.wasm`, "ENGINE_FAILED"],
    ["broken bytes", () => BROKEN, "ENGINE_FAILED"],
    ["no bytes", () => new Uint8Array(0), "ENGINE_FAILED"],
    ["a number", () => 5, "OPTIONS_INVALID"],
  ])("is not got from %s", async (_what, source, code) => {
    expect(await failureOf(() => compileWasm(source() as WasmSource))).toMatchObject({ code });
  });
});
