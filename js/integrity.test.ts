import { describe, expect, it } from "vitest";
import { fakeBytes } from "./testing/fake.js";
import { failureOf, fakeLoader } from "./testing/loader.js";
import { serveEachTest, sri } from "./testing/serve.js";
import { send } from "./testing/server.js";
import type { LoadOptions } from "./types.js";

const BYTES = fakeBytes({ widths: [4], classes: ["a", "b"] });

const server = serveEachTest((server) => {
  server.routes.set("/model.onnx", send(BYTES));
});

const load = (source: string, options?: LoadOptions) => fakeLoader().loadModel(source, options);

describe("integrity", () => {
  const at = (integrity: string) => load(`${server.url}/model.onnx`, { integrity });
  const wrong = (kind: string) => sri(new Uint8Array(1), kind);

  it.each([
    ["sha256", sri(BYTES)],
    ["sha384", sri(BYTES, "sha384")],
    ["sha512", sri(BYTES, "sha512")],
    ["one of several", `${wrong("sha256")} ${sri(BYTES)}`],
    ["the strongest, whatever weaker ones say", `${wrong("sha256")} ${sri(BYTES, "sha512")}`],
    ["unknown kinds beside it", `md5-abc ${sri(BYTES)}?opt`],
    ["base64url", sri(BYTES).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")],
  ])("accepts %s", async (_what, integrity) => {
    await expect(at(integrity)).resolves.toBeDefined();
  });

  it.each([
    ["a wrong hash", wrong("sha256")],
    ["a right one beside a wrong stronger one", `${sri(BYTES)} ${wrong("sha384")}`],
  ])("refuses %s", async (_what, integrity) => {
    const error = await failureOf(() => at(integrity));
    expect(error).toMatchObject({ code: "INTEGRITY_MISMATCH" });
    expect((error as { details: { got: string } }).details.got).toMatch(/^sha(256|384)-/);
  });

  it.each(["nonsense", "md5-abc", "sha256-abc", "sha256-!!", `sha512-${"A".repeat(43)}=`])(
    "does not take %s for an integrity",
    async (integrity) => {
      expect(await failureOf(() => at(integrity))).toMatchObject({ code: "OPTIONS_INVALID" });
    },
  );

  it("says why it can't be checked in an insecure context", async () => {
    const { checkIntegrity, parseIntegrity } = await import("./integrity.js");
    const { subtle } = crypto;
    Object.defineProperty(crypto, "subtle", { value: undefined, configurable: true });
    const error = await failureOf(() => checkIntegrity(BYTES, parseIntegrity(sri(BYTES))));
    Object.defineProperty(crypto, "subtle", { value: subtle, configurable: true });
    expect(error).toMatchObject({ code: "OPTIONS_INVALID" });
    expect((error as Error).message).toContain("secure contexts");
  });
});
