import { beforeAll, beforeEach, expect, it, vi } from "vitest";

type Listener = (event: unknown) => void;

const listeners = new Map<string, Listener>();
const put = vi.fn<(key: string, response: Response) => Promise<void>>();
const match = vi.fn<(key: string) => Promise<Response | undefined>>();
const network = vi.fn<(request: Request) => Promise<Response>>();

beforeAll(async () => {
  vi.stubGlobal("__VERSION__", "1");
  vi.stubGlobal("__FILES__", []);
  vi.stubGlobal("self", {
    location: { origin: "https://page.example" },
    addEventListener: (type: string, listener: Listener) => listeners.set(type, listener),
  });
  vi.stubGlobal("caches", { open: async () => ({ match, put }) });
  vi.stubGlobal("fetch", network);
  await import("./sw.js");
});

beforeEach(() => {
  put.mockReset().mockResolvedValue();
  match.mockReset().mockResolvedValue(undefined);
  network.mockReset().mockImplementation(async () => new Response("from the network"));
});

/** What the page gets for a path, and the work that goes on beside it. */
function ask(path: string) {
  const beside: Promise<unknown>[] = [];
  let answer: Promise<Response> | undefined;
  listeners.get("fetch")?.({
    request: new Request(`https://page.example${path}`),
    respondWith: (promise: Promise<Response>) => {
      answer = promise;
    },
    waitUntil: (promise: Promise<unknown>) => beside.push(promise),
  });
  return { answer, beside };
}

const textOf = async (answer: Promise<Response> | undefined) => (await answer)?.text();

const CHANGING = "/models/iris/model.json";
const FIXED = "/models/iris/1/model.onnx";

it.each([CHANGING, FIXED])("answers %s though the cache is full", async (path) => {
  put.mockRejectedValue(new DOMException("full", "QuotaExceededError"));
  const { answer, beside } = ask(path);
  expect(await textOf(answer)).toBe("from the network");
  await Promise.all(beside);
  expect(put).toHaveBeenCalledOnce();
});

it.each([CHANGING, FIXED])("answers %s before it is kept", async (path) => {
  put.mockReturnValue(new Promise(() => undefined));
  expect(await textOf(ask(path).answer)).toBe("from the network");
});

it("keeps what was answered, and nothing that failed", async () => {
  const kept = ask(FIXED);
  await kept.answer;
  await Promise.all(kept.beside);
  expect(put.mock.calls.map(([key]) => key)).toEqual([FIXED]);
  expect(await put.mock.calls[0]?.[1].text()).toBe("from the network");
  network.mockResolvedValue(new Response(null, { status: 404 }));
  await ask(FIXED).answer;
  expect(put).toHaveBeenCalledOnce();
});

it("asks the cache first for what never changes, and last for what may", async () => {
  match.mockImplementation(async () => new Response("kept"));
  expect(await textOf(ask(FIXED).answer)).toBe("kept");
  expect(await textOf(ask(CHANGING).answer)).toBe("from the network");
  network.mockRejectedValue(new TypeError("offline"));
  expect(await textOf(ask(CHANGING).answer)).toBe("kept");
});

it("leaves the API alone", () => {
  expect(ask("/predict").answer).toBeUndefined();
  expect(ask("/models").answer).toBeUndefined();
});
