import { loadModel, type Manifest, type Model, PrediktError, type WorkerModel } from "predikt";
import { blankRow, type RowLayout, rowLayout, takesAnyWidth } from "./layout.ts";
import type { Sample } from "./samples.ts";

/** A model, here or in a worker thread: `await` serves both. */
export type AnyModel = Model | WorkerModel;

/** What can be opened: a published model of this site, or a file of the person's own. */
export type Source = { kind: "sample"; sample: Sample } | { kind: "file"; file: File };

/** How a model is opened. */
export interface OpenOptions {
  thread: "inline" | "worker";
  signal: AbortSignal;
  onProgress: (progress: { loaded: number; total?: number }) => void;
}

/** A model that is ready to predict, with what the page tells about it. */
export interface Opened {
  source: Source;
  /** What people call it: the title of a sample, the name of a file. */
  title: string;
  model: AnyModel;
  manifest: Manifest | undefined;
  /** Size of the file. */
  bytes: number | undefined;
  /** SHA-256 of the file in hexadecimal; only for a file without a manifest to check it against. */
  sha256: string | undefined;
  thread: "inline" | "worker";
  layout: RowLayout;
  /** How the golden samples went, when the manifest has some. */
  selfTest: SelfTest | undefined;
  /** Why `predict` can't serve this model, so that only `run` can. */
  runOnly: PrediktError | undefined;
}

/** Outcome of replaying the manifest's golden samples on this device. */
export interface SelfTest {
  rows: number;
  error: PrediktError | undefined;
}

/** Opens a source. Throws a {@link PrediktError} when it can't. */
export async function open(source: Source, options: OpenOptions): Promise<Opened> {
  const model = await load(source, options);
  try {
    const manifest = model.manifest;
    const layout = rowLayout(model.signature, manifest);
    return {
      source,
      title: source.kind === "sample" ? source.sample.title : source.file.name,
      model,
      manifest,
      bytes: source.kind === "file" ? source.file.size : manifest?.model.bytes,
      sha256: source.kind === "file" ? await sha256(source.file) : undefined,
      thread: options.thread,
      layout,
      selfTest: await selfTest(model, manifest),
      runOnly: await findRunOnly(model, layout),
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function load(source: Source, options: OpenOptions): Promise<AnyModel> {
  const { thread, ...rest } = options;
  const from = source.kind === "sample" ? source.sample.url : source.file;
  return thread === "worker" ? loadModel(from, { ...rest, thread }) : loadModel(from, rest);
}

async function selfTest(
  model: AnyModel,
  manifest: Manifest | undefined,
): Promise<SelfTest | undefined> {
  const golden = manifest?.golden;
  if (!golden) return undefined;
  const rows = golden.features.length;
  try {
    await model.selfTest();
    return { rows, error: undefined };
  } catch (error) {
    if (error instanceof PrediktError) return { rows, error };
    throw error;
  }
}

/** Asks the model itself, with a blank row. What the values make of it doesn't matter here. */
async function findRunOnly(model: AnyModel, layout: RowLayout): Promise<PrediktError | undefined> {
  try {
    const rows = layout.kind === "text" ? layout.batch : 1;
    await model.predict(Array.from({ length: rows }, () => blankRow(layout)));
  } catch (error) {
    if (!(error instanceof PrediktError)) throw error;
    const fits = layout.width !== null || !takesAnyWidth(model.signature);
    if (error.code === "INPUT_TYPE" || (error.code === "INPUT_SHAPE" && fits)) return error;
  }
  return undefined;
}

async function sha256(file: Blob): Promise<string | undefined> {
  if (!globalThis.crypto?.subtle) return undefined;
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
