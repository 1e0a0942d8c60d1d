import { describe, expect, it } from "vitest";
import { ConfigError, isSegment, readConfig } from "./config.js";

describe("readConfig", () => {
  it("has a default for every variable", () => {
    expect(readConfig({})).toEqual({
      defaultModel: "iris",
      maxBodyBytes: 1_048_576,
      maxBatch: 256,
      maxTextLength: 65_536,
      maxModels: 8,
      maxModelBytes: 67_108_864,
      aliasTtlMs: 30_000,
      corsOrigins: "*",
      selfTest: true,
    });
  });

  it("reads origins as a list, and an empty list as none", () => {
    const listed = readConfig({ CORS_ORIGINS: "https://a.example, http://localhost:5173" });
    expect(listed.corsOrigins).toEqual(["https://a.example", "http://localhost:5173"]);
    expect(readConfig({ CORS_ORIGINS: "" }).corsOrigins).toEqual([]);
  });

  it.each([
    { DEFAULT_MODEL: "../secret" },
    { MAX_BODY_BYTES: "1 MiB" },
    { MAX_BODY_BYTES: "-1" },
    { MAX_BATCH: "0" },
    { MAX_BATCH: "1e3" },
    { MAX_TEXT_LENGTH: "0" },
    { MAX_MODELS: "many" },
    { ALIAS_TTL_SECONDS: "1.5" },
    { CORS_ORIGINS: "example.com" },
    { CORS_ORIGINS: "https://example.com/path" },
    { SELF_TEST: "yes" },
  ])("refuses %j and names the variable", (env) => {
    const [name] = Object.keys(env);
    expect(() => readConfig(env)).toThrow(ConfigError);
    expect(() => readConfig(env)).toThrow(name);
  });
});

describe("isSegment", () => {
  it.each(["iris", "v1.2", "a-b_c", "1.0.0+build", "_x", "2026-11-22"])("takes %j", (text) => {
    expect(isSegment(text)).toBe(true);
  });
  it.each(["", ".", "..", ".hidden", "a/b", "a b", "é", "a".repeat(65)])("refuses %j", (text) => {
    expect(isSegment(text)).toBe(false);
  });
});
