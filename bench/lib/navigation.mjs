/** What a page's first visitor waits for, and what memory it costs: one product to a page. */

import { opened } from "./browser.mjs";
import { compare, median } from "./stats.mjs";

const PAGES = { ours: "first-predikt.html", theirs: "first-ort.html" };
/** 10 Mbit/s each way, without latency, and a processor four times slower: DevTools' throttling. */
const BYTES_PER_SECOND = 10e6 / 8;
const SLOWER = 4;

/** Keeps hold of every wasm memory in the page, whoever makes it. */
function watchMemories() {
  const memories = new Set();
  const collect = (instance) => {
    for (const value of Object.values(instance.exports)) {
      if (value instanceof WebAssembly.Memory) memories.add(value);
    }
  };
  const { Instance, Memory } = WebAssembly;
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, given) {
      const instance = new target(...given);
      collect(instance);
      return instance;
    },
  });
  WebAssembly.Memory = new Proxy(Memory, {
    construct(target, given) {
      const memory = new target(...given);
      memories.add(memory);
      return memory;
    },
  });
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...given) => {
      const result = await original.apply(WebAssembly, given);
      collect(result.instance ?? result);
      return result;
    };
  }
  globalThis.wasmBytes = () =>
    [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

/**
 * From the start of a navigation to the first prediction, each in a browser context of its own, whose cache is empty.
 *
 * @param {import("@playwright/test").Browser} browser
 * @param {string} url of the site
 * @param {{ rounds: number, throttled: boolean }} options
 */
export async function measureNavigation(browser, url, { rounds, throttled }) {
  const ms = { ours: [], theirs: [] };
  const fetched = {};
  for (let round = -1; round < rounds; round++) {
    for (const [product, file] of Object.entries(PAGES)) {
      const message = await visit(browser, `${url}/${file}`, { throttled });
      if (round >= 0) ms[product].push(message.ms);
      fetched[product] = message.fetched;
    }
  }
  return {
    result: {
      id: throttled ? "navigation.throttled" : "navigation",
      title: throttled
        ? "navigation to first iris prediction, 10 Mbit/s, 4 × CPU"
        : "navigation to first iris prediction, unthrottled",
      ours: median(ms.ours),
      peers: { "onnxruntime-web": compare(ms.ours, ms.theirs) },
    },
    fetched,
  };
}

/**
 * Bytes of wasm memory and of the JavaScript heap (after a collection) once the iris model has predicted.
 *
 * @param {import("@playwright/test").Browser} browser
 * @param {string} url of the site
 * @param {number} rounds
 */
export async function measureMemory(browser, url, rounds) {
  const bytes = { ours: [], theirs: [] };
  const parts = {};
  for (let round = 0; round < rounds; round++) {
    for (const [product, file] of Object.entries(PAGES)) {
      const { wasm, heap } = await visit(browser, `${url}/${file}`, { memory: true });
      if (wasm === 0) throw new Error(`${file}: no wasm memory was seen`);
      bytes[product].push(wasm + heap);
      parts[product] = { wasm, heap };
    }
  }
  return {
    id: "memory",
    title: "memory after load and first iris prediction",
    ours: median(bytes.ours),
    peers: { "onnxruntime-web": compare(bytes.ours, bytes.theirs) },
    parts,
  };
}

/** Opens a product's page in a fresh context and reads what it says. */
async function visit(browser, address, { throttled = false, memory = false }) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const devTools = await context.newCDPSession(page);
    if (throttled) {
      await devTools.send("Network.enable");
      await devTools.send("Network.emulateNetworkConditions", {
        offline: false,
        latency: 0,
        downloadThroughput: BYTES_PER_SECOND,
        uploadThroughput: BYTES_PER_SECOND,
      });
      await devTools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    }
    if (memory) await page.addInitScript(watchMemories);
    const message = JSON.parse(await opened(page, address));
    if (message.label !== 0) throw new Error(`${address}: a setosa is not ${message.label}`);
    if (!memory) return message;
    await devTools.send("HeapProfiler.collectGarbage");
    const { usedSize } = await devTools.send("Runtime.getHeapUsage");
    return { wasm: await page.evaluate(() => globalThis.wasmBytes()), heap: usedSize };
  } finally {
    await context.close();
  }
}
