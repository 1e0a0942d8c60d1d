import { describe, expect, it } from "vitest";
import { fakeServer, post } from "./test/fakes.js";

const headersOf = (response: Response) => Object.fromEntries(response.headers);

/** Paths that are answered directly, and the same ones as the router answers them. */
const TWINS = [
  ["/predict", "/predict/"],
  ["/predict?trace=1", "/predict/?trace=1"],
  ["/models/sum/predict", "/models/s%75m/predict"],
  ["/models/sum/versions/1/predict", "/models/sum/versions/%31/predict"],
  ["/models/other/versions/challenger/predict", "/models/other/versions/challenge%72/predict"],
  ["/models/gone/predict", "/models/g%6fne/predict"],
  ["/models/sum/versions/9/predict", "/models/sum/versions/%39/predict"],
] as const;

describe("predictions without the router", () => {
  it.each(TWINS)("%s is answered as %s is, by it", async (direct, routed) => {
    for (const origins of ["*", "https://app.example", ""]) {
      for (const body of [{ features: [1, 2] }, { features: [] }, "{"]) {
        const { app } = fakeServer({ env: { CORS_ORIGINS: origins } });
        const init = post(body, { origin: "https://app.example" });
        const [one, other] = [await app.request(direct, init), await app.request(routed, init)];
        expect(one.status).toBe(other.status);
        expect(headersOf(one)).toEqual(headersOf(other));
        expect(await one.json()).toEqual(await other.json());
      }
    }
  });

  it("leave every other path to it", async () => {
    const { app } = fakeServer();
    for (const path of ["/", "/predicts", "/models/sum/predicts/", "/models/.sum/predict"]) {
      expect((await app.request(path, post({ features: [1, 2] }))).status).toBe(404);
    }
  });
});
