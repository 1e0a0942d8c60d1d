import { byId } from "./dom.ts";
import { showFacts } from "./facts.ts";
import { keepForOffline } from "./offline.ts";
import { type Opened, open, type Source } from "./open.ts";
import { Picker } from "./picker.ts";
import { Predictor } from "./predictor.ts";
import { clearProblem, showProblem } from "./problem.ts";
import { ProgressBar } from "./progress.ts";
import { listSamples, type Sample } from "./samples.ts";

const problem = byId("load-problem");
const thread = byId<HTMLInputElement>("thread");
const predictor = new Predictor();
const progress = new ProgressBar(() => loading?.abort());
const picker = new Picker(use);

let current: Opened | undefined;
let loading: AbortController | undefined;

/** Opens a model and puts it in place of the current one, which stays when the new one can't be opened. */
async function use(source: Source): Promise<void> {
  loading?.abort();
  const controller = new AbortController();
  loading = controller;
  const title = source.kind === "sample" ? source.sample.title : source.file.name;
  clearProblem(problem);
  progress.start(title);
  try {
    const opened = await open(source, {
      thread: thread.checked ? "worker" : "inline",
      signal: controller.signal,
      onProgress: (received) => {
        if (loading === controller) progress.update(title, received);
      },
    });
    if (controller.signal.aborted) {
      opened.model.dispose();
      return;
    }
    current?.model.dispose();
    current = opened;
    await show(opened);
  } catch (error) {
    if (loading !== controller) return;
    const after = current ? `${current.title} is still in use.` : undefined;
    if (controller.signal.aborted) clearProblem(problem);
    else showProblem(problem, `${title} could not be opened`, error, after);
  } finally {
    if (loading === controller) {
      progress.stop();
      picker.mark(current?.source);
      document.documentElement.dataset.ready = "true";
    }
  }
}

async function show(opened: Opened): Promise<void> {
  byId("input-model").textContent = opened.title;
  const hash = opened.source.kind === "sample" ? `#${opened.source.sample.name}` : "";
  history.replaceState(null, "", location.pathname + location.search + hash);
  showFacts(byId("facts"), opened);
  await predictor.show(opened);
}

/** The sample that the address names after its `#`. */
function named(samples: readonly Sample[]): Sample | undefined {
  return samples.find(({ name }) => name === location.hash.slice(1));
}

async function start(): Promise<void> {
  let samples: readonly Sample[] = [];
  try {
    samples = await listSamples();
    picker.show(samples);
    const first = named(samples) ?? samples[0];
    if (first) await use({ kind: "sample", sample: first });
    window.addEventListener("hashchange", () => {
      const sample = named(samples);
      if (sample) void use({ kind: "sample", sample });
    });
  } catch (error) {
    showProblem(
      problem,
      "The sample models could not be listed",
      error,
      "You can open your own file.",
    );
  }
  await keepForOffline(samples.map(({ url }) => url.href));
}

thread.addEventListener("change", () => {
  if (current) void use(current.source);
});

void start();
