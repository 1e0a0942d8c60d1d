import { describe, expect, it } from "vitest";
import { readJson } from "./body.js";

const request = (body: BodyInit | null, headers: Record<string, string> = {}) =>
  new Request("https://example.com/predict", { method: "POST", body, headers });

/** A body that arrives in `count` chunks of `size` bytes and says nothing of its length. */
function chunks(count: number, size: number, onCancel = () => {}): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (sent++ === count) controller.close();
        else controller.enqueue(new Uint8Array(size).fill(0x20));
      },
      cancel: onCancel,
    },
    { highWaterMark: 0 },
  );
}

const code = (status: number, name: string) => expect.objectContaining({ status, code: name });

describe("readJson", () => {
  it("reads JSON, with and without a media type", async () => {
    const bytes = new TextEncoder().encode('{"a": "é"}');
    expect(await readJson(request(bytes), 100)).toEqual({ a: "é" });
    const type = "Application/JSON; charset=UTF-8";
    expect(await readJson(request(bytes, { "content-type": type }), 100)).toEqual({ a: "é" });
    const suffix = { "content-type": "application/vnd.api+json" };
    expect(await readJson(request(bytes, suffix), 100)).toEqual({ a: "é" });
  });

  it("takes what curl sends without a header", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    expect(await readJson(request(new TextEncoder().encode("[1]"), form), 100)).toEqual([1]);
    const body = request(new TextEncoder().encode("a=1"), form);
    await expect(readJson(body, 100)).rejects.toEqual(code(400, "BODY_INVALID"));
  });

  it("reads a body of exactly the limit", async () => {
    expect(await readJson(request(new TextEncoder().encode("[1,2]")), 5)).toEqual([1, 2]);
  });

  it.each([
    { "content-type": "text/plain" },
    { "content-type": "application/json; charset=latin1" },
    { "content-type": "" },
    { "content-type": "application/json", "content-encoding": "gzip" },
  ])("refuses the media type of %j", async (headers) => {
    const body = new TextEncoder().encode("{}");
    await expect(readJson(request(body, headers), 100)).rejects.toEqual(
      code(415, "MEDIA_TYPE_UNSUPPORTED"),
    );
  });

  it("refuses a declared length over the limit", async () => {
    await expect(
      readJson(request("x".repeat(101), { "content-type": "application/json" }), 100),
    ).rejects.toMatchObject({ status: 413, code: "BODY_TOO_LARGE", details: { limit: 100 } });
  });

  it("counts what arrives and stops there", async () => {
    let cancelled = false;
    const body = chunks(1_000_000, 1000, () => {
      cancelled = true;
    });
    await expect(readJson(request(body), 5000)).rejects.toEqual(code(413, "BODY_TOO_LARGE"));
    expect(cancelled).toBe(true);
  });

  it("does not believe a length that is too small", async () => {
    const lying = request(chunks(10, 1000), { "content-length": "2" });
    await expect(readJson(lying, 5000)).rejects.toEqual(code(413, "BODY_TOO_LARGE"));
  });

  it.each([
    ["", { position: 0, line: 1, column: 1 }],
    ["  \n", { position: 0, line: 1, column: 1 }],
    ['{"features": [1,\n 2,, 3]}', { position: 20, line: 2, column: 4 }],
    ['{"features": [NaN]}', { position: 14, line: 1, column: 15 }],
    ['{"features": [1, 2', { position: 18, line: 1, column: 19 }],
  ])("says where %j is not JSON", async (text, details) => {
    await expect(
      readJson(request(text, { "content-type": "application/json" }), 100),
    ).rejects.toMatchObject({ status: 400, code: "BODY_INVALID", details });
  });

  it("refuses an absent body and bytes that are not UTF-8", async () => {
    await expect(readJson(request(null), 100)).rejects.toEqual(code(400, "BODY_INVALID"));
    await expect(readJson(request(new Uint8Array([0x22, 0xff, 0x22])), 100)).rejects.toEqual(
      code(400, "BODY_INVALID"),
    );
    await expect(readJson(request(new Uint8Array([0x22, 0xc3])), 100)).rejects.toEqual(
      code(400, "BODY_INVALID"),
    );
  });

  it("does the same for a body of declared length", async () => {
    const send = (bytes: number[]) =>
      readJson(request(new Uint8Array(bytes), { "content-length": String(bytes.length) }), 100);
    await expect(send([])).rejects.toEqual(code(400, "BODY_INVALID"));
    for (const broken of [[0xff], [0xc3], [0xe2, 0x82], [0xff, 0xef, 0xbf, 0xbd]]) {
      await expect(send([0x22, ...broken, 0x22])).rejects.toEqual(code(400, "BODY_INVALID"));
    }
    expect(await send([0x22, 0xef, 0xbf, 0xbd, 0x22])).toBe("\ufffd");
    expect(await send([0xef, 0xbb, 0xbf, 0x22, 0xef, 0xbf, 0xbd, 0x22])).toBe("\ufffd");
    expect(await send([0x22, 0xc3, 0xa9, 0x22])).toBe("é");
  });

  it("takes a body that breaks off for the client's doing", async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.error(new Error("connection lost")),
    });
    await expect(readJson(request(body), 100)).rejects.toEqual(code(400, "BODY_INVALID"));
    const cut = new ReadableStream({
      pull: (controller) => controller.error(new Error("connection lost")),
    });
    const declared = request(cut, { "content-length": "20" });
    await expect(readJson(declared, 100)).rejects.toEqual(code(400, "BODY_INVALID"));
  });

  it("survives a body nested as deep as the limit allows", async () => {
    const deep = new TextEncoder().encode("[".repeat(500_000));
    await expect(readJson(request(deep), 1_000_000)).rejects.toEqual(code(400, "BODY_INVALID"));
    const closed = new TextEncoder().encode("[".repeat(400_000) + "]".repeat(400_000));
    expect(Array.isArray(await readJson(request(closed), 1_000_000))).toBe(true);
  });
});
