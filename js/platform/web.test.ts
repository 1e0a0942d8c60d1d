import { afterEach, describe, expect, it, vi } from "vitest";
import { failureOf } from "../testing/loader.js";
import { slimPlatform } from "./slim.js";
import { resolveUrl, webPlatform } from "./web.js";
import { workerdPlatform } from "./workerd.js";

const BYTES = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

afterEach(() => vi.unstubAllGlobals());

describe("a relative URL", () => {
  it("is relative to the document, or to the worker's script", () => {
    vi.stubGlobal("location", { href: "https://site.example/app/worker.js" });
    expect(resolveUrl("m.onnx").href).toBe("https://site.example/app/m.onnx");
    vi.stubGlobal("document", { baseURI: "https://site.example/base/" });
    expect(resolveUrl("m.onnx").href).toBe("https://site.example/base/m.onnx");
    expect(resolveUrl("/models/m.onnx").href).toBe("https://site.example/models/m.onnx");
  });

  it("needs one of them", async () => {
    const error = await failureOf(() => resolveUrl("/m.onnx"));
    expect(error).toMatchObject({ code: "OPTIONS_INVALID", details: { got: "/m.onnx" } });
  });
});

/** A Web Worker of which only the handlers count. */
class StubWorker {
  onmessage?: (event: { data: unknown }) => void;
  onmessageerror?: () => void;
  onerror?: (event: { message?: string }) => void;
  postMessage = vi.fn();
  terminate = vi.fn();
}

describe("a Web Worker", () => {
  const platform = (worker: () => unknown) =>
    webPlatform({ wasm: () => BYTES, worker: worker as () => Worker });

  it("brings its messages and its crashes", () => {
    vi.stubGlobal("Worker", StubWorker);
    const worker = new StubWorker();
    const port = platform(() => worker).startThread?.();
    const receive = vi.fn();
    const crash = vi.fn();
    port?.listen(receive, crash);
    port?.post({ op: "x" }, []);
    expect(worker.postMessage).toHaveBeenCalledWith({ op: "x" }, []);
    worker.onmessage?.({ data: 5 });
    expect(receive).toHaveBeenCalledWith(5);
    worker.onerror?.({ message: "boom" });
    worker.onerror?.({});
    worker.onmessageerror?.();
    expect(crash.mock.calls.map(([error]) => (error as Error).message)).toEqual([
      "boom",
      "its script could not be loaded",
      "a message could not be read",
    ]);
    port?.terminate();
    expect(worker.terminate).toHaveBeenCalled();
  });

  it("is missing with a reason", async () => {
    expect(await failureOf(() => platform(() => null).startThread?.())).toMatchObject({
      code: "ENGINE_UNSUPPORTED",
    });
    vi.stubGlobal("Worker", StubWorker);
    const refuse = () => {
      throw new DOMException("cross-origin", "SecurityError");
    };
    expect(await failureOf(() => platform(refuse).startThread?.())).toMatchObject({
      code: "ENGINE_FAILED",
      message: expect.stringContaining("own origin"),
    });
  });
});

describe("slim", () => {
  it("takes the module of all engines, or a function of the build", async () => {
    const { platform, configure } = slimPlatform(() => null as unknown as Worker);
    await expect(platform.compile("simd")).rejects.toMatchObject({ code: "OPTIONS_INVALID" });
    configure({ wasm: BYTES });
    expect(await platform.compile("simd")).toBeInstanceOf(WebAssembly.Module);
    const wasm = vi.fn(async () => BYTES);
    configure({ wasm });
    expect(await platform.compile("relaxed")).toBeInstanceOf(WebAssembly.Module);
    expect(wasm).toHaveBeenCalledWith("relaxed");
    const nothing = () => configure({});
    expect(await failureOf(nothing)).toMatchObject({ code: "OPTIONS_INVALID" });
  });

  it("takes one module or both, and says which there are", async () => {
    const { platform, configure } = slimPlatform(() => null as unknown as Worker);
    const missing = { code: "OPTIONS_INVALID" };
    expect(platform.artefacts?.()).toEqual(["compact", "full"]);
    configure({ compact: BYTES });
    expect(platform.artefacts?.()).toEqual(["compact"]);
    expect(await platform.compile("compact")).toBeInstanceOf(WebAssembly.Module);
    await expect(platform.compile("simd")).rejects.toMatchObject(missing);
    configure({ wasm: BYTES });
    expect(platform.artefacts?.()).toEqual(["full"]);
    await expect(platform.compile("compact")).rejects.toMatchObject(missing);
    configure({ compact: async () => BYTES, wasm: BYTES });
    expect(platform.artefacts?.()).toEqual(["compact", "full"]);
    expect(await platform.compile("compact")).toBeInstanceOf(WebAssembly.Module);
  });
});

describe("workerd", () => {
  it("has its modules already, and no threads", async () => {
    const module = new WebAssembly.Module(BYTES);
    const compact = new WebAssembly.Module(BYTES);
    const platform = workerdPlatform({ compact, full: module });
    expect(await platform.compile(platform.variant())).toBe(module);
    expect(await platform.compile("compact")).toBe(compact);
    expect(platform.startThread).toBeUndefined();
  });
});
