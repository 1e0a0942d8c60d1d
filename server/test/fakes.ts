import { createApp, type Services } from "../app.js";
import { Catalogue } from "../catalogue.js";
import { type Env, readConfig } from "../config.js";
import type { FeatureRecord, Features, FeatureValue } from "../features.js";
import { type LoadModel, Registry, type ServedModel } from "../registry.js";
import type { Store } from "../store.js";

/** Work goes on without anybody to keep alive: in tests the request outlives it. */
export const keepNothing = (): void => undefined;

/** Files in memory; `reads` counts how often each path was asked for. */
export class MemoryStore implements Store {
  readonly kind = "r2";
  readonly reads = new Map<string, number>();

  constructor(readonly files: Map<string, unknown>) {}

  async fetch(path: string): Promise<Response> {
    this.reads.set(path, (this.reads.get(path) ?? 0) + 1);
    const file = this.files.get(path);
    if (file instanceof Error) throw file;
    if (file === undefined) return new Response(null, { status: 404 });
    return typeof file === "string" ? new Response(file) : Response.json(file);
  }
}

/** A two-column model published as `name`, with two versions: 1 serves, 2 is the challenger. */
export function published(name: string): [string, unknown][] {
  const card = {
    name,
    title: `Title of ${name}`,
    description: "A sum.",
    aliases: { champion: "1", challenger: "2" },
    versions: ["1", "2"],
  };
  const manifest = (version: string) => ({
    name,
    version,
    signature: {
      inputs: [{ name: "x", type: "float32", shape: [null, 2] }],
      outputs: [{ name: "y", type: "float32", shape: [null, 1] }],
    },
    features: [{ name: "a" }, { name: "b" }],
    metrics: { r2: 0.5 },
  });
  return [
    [`models/${name}/model.json`, card],
    [`models/${name}/1/manifest.json`, manifest("1")],
    [`models/${name}/2/manifest.json`, manifest("2")],
    [`models/${name}/1/model.onnx`, "bytes of the model"],
  ];
}

/** A model of texts, numbers and missing values, published as `mixed`. */
export const mixedModel: [string, unknown][] = [
  [
    "models/mixed/model.json",
    { name: "mixed", title: "Mixed", aliases: { champion: "1" }, versions: ["1"] },
  ],
  [
    "models/mixed/1/manifest.json",
    {
      name: "mixed",
      version: "1",
      signature: {
        inputs: [
          { name: "age", type: "float32", shape: [null, 1] },
          { name: "town", type: "string", shape: [null, 1] },
          { name: "children", type: "int64", shape: [null, 1] },
          { name: "member", type: "bool", shape: [null, 1] },
        ],
        outputs: [{ name: "label", type: "string", shape: [null] }],
      },
      features: [
        { name: "age", title: "Age", unit: "years", min: 18, max: 99, nullable: true },
        { name: "town", type: "string", values: ["Oslo", "Rome"] },
        { name: "children" },
        { name: "member" },
      ],
      classes: ["no", "yes"],
      golden: {
        features: [
          [30, "Rome", 2, true],
          [null, "Oslo", 0, false],
        ],
        prediction: ["yes", "no"],
        probabilities: [
          [0.1, 0.9],
          [0.8, 0.2],
        ],
      },
    },
  ],
  [
    "models/wide/model.json",
    { name: "wide", title: "Wide", aliases: { champion: "1" }, versions: ["1"] },
  ],
  [
    "models/wide/1/manifest.json",
    {
      name: "wide",
      version: "1",
      signature: {
        inputs: [
          { name: "word", type: "string", shape: ["N", 1] },
          { name: "x", type: "float64", shape: ["N", 3] },
        ],
        outputs: [],
      },
    },
  ],
  ["models/index.json", { models: ["sum", "mixed", "wide", "gone"] }],
];

/** An error as the package throws it. */
export function coded(code: string, message: string, details: object = {}): Error {
  return Object.assign(new Error(message), { name: "PrediktError", code, details });
}

/** A model that adds the values of a row. */
export function sumModel(overrides: Partial<ServedModel> = {}): ServedModel {
  const sum = (row: FeatureValue[] | FeatureRecord) =>
    Object.values(row).reduce<number>((total, value) => total + Number(value), 0);
  return {
    signature: {
      inputs: [{ name: "x", type: "float32", shape: [null, 2] }],
      outputs: [{ name: "y", type: "float32", shape: [null, 1] }],
      features: ["a", "b"],
    },
    predict: (features: Features) => ({ prediction: rowsOf(features).map(sum) }),
    dispose: () => undefined,
    ...overrides,
  };
}

function rowsOf(features: Features): (FeatureValue[] | FeatureRecord)[] {
  if (!Array.isArray(features)) return [features];
  return features.some((item) => typeof item !== "object" || item === null)
    ? [features as FeatureValue[]]
    : (features as FeatureValue[][]);
}

/** An application over fakes, and what a test may want to look at. */
export function fakeServer(
  options: { env?: Env; load?: LoadModel; files?: Iterable<[string, unknown]> } = {},
) {
  const config = readConfig({ DEFAULT_MODEL: "sum", ...options.env });
  const files: [string, unknown][] = [
    ["models/index.json", { models: ["sum", "other"] }],
    ...published("sum"),
    ...published("other"),
    ...(options.files ?? []),
  ];
  const store = new MemoryStore(new Map(files));
  const logged: object[] = [];
  const loads: string[] = [];
  const load: LoadModel = (name, version) => {
    loads.push(`${name}/${version}`);
    return options.load ? options.load(name, version) : Promise.resolve(sumModel());
  };
  const services: Services = {
    config,
    store,
    catalogue: new Catalogue(store, { ttlMs: config.aliasTtlMs, keepAlive: keepNothing }),
    registry: new Registry(load, { max: config.maxModels, keepAlive: keepNothing }),
    log: (entry) => logged.push(entry),
  };
  const app = createApp(services);
  return { app, services, store, logged, loads };
}

/** A request with a JSON body. */
export function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}
