import { describe, expect, it } from "vitest";
import { fakeServer, post } from "./test/fakes.js";

const ORIGIN = "https://app.example";

function call(origins: string, init: RequestInit & { headers?: Record<string, string> }) {
  return fakeServer({ env: { CORS_ORIGINS: origins } }).app.request("/predict", init);
}

const preflight = (origin = ORIGIN) => ({
  method: "OPTIONS",
  headers: {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type, x-team",
  },
});

describe("CORS", () => {
  it("answers preflights of every origin when that is configured", async () => {
    const response = await call("*", preflight());
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    expect(response.headers.get("access-control-allow-headers")).toBe("content-type, x-team");
    expect(response.headers.get("vary")).toBeNull();
  });

  it("lets listed origins in, and only them", async () => {
    const origins = `https://other.example,${ORIGIN}`;
    const allowed = await call(origins, preflight());
    expect(allowed.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(allowed.headers.get("vary")).toBe("Origin");
    const refused = await call(origins, preflight("https://evil.example"));
    expect(refused.headers.get("access-control-allow-origin")).toBeNull();
    expect(refused.headers.get("access-control-allow-methods")).toBeNull();
    expect(refused.headers.get("vary")).toBe("Origin");
  });

  it("adds nothing when no origin is configured", async () => {
    const response = await call("", preflight());
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    expect(response.headers.get("allow")).toBe("POST, OPTIONS");
  });

  it("marks answers and errors alike", async () => {
    const headers = { origin: ORIGIN, "content-type": "application/json" };
    const good = await call(ORIGIN, { ...post({ features: [1, 2] }), headers });
    expect(good.status).toBe(200);
    expect(good.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    const bad = await call(ORIGIN, { ...post("{"), headers });
    expect(bad.status).toBe(400);
    expect(bad.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    const missing = await call(ORIGIN, { headers });
    expect(missing.status).toBe(405);
    expect(missing.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  });
});
