/** The report in Markdown: what is printed, and what bench/results.md keeps. */

import { bytes, duration, kilobytes, rate, ratio, table } from "./format.mjs";

const ORT = "onnxruntime-web";
/** Other calls than predict. */
const FORMS = { run: "`run`", views: "views" };

/** @param {Awaited<ReturnType<import("../run.mjs").measure>>} report */
export function markdown(report) {
  const parts = [header(report)];
  const timed = [...(report.latency ?? []), ...(report.navigation ?? [])];
  if (timed.length > 0) parts.push("## One page, one thread", times(timed));
  if (report.networks) parts.push("## Networks", networks(report.networks));
  if (report.memory) parts.push("## Memory", memory(report.memory));
  if (report.server) parts.push("## Requests per second", requests(report.server));
  if (report.sizes) parts.push("## Bytes", sizes(report.sizes));
  return `${parts.join("\n\n")}\n`;
}

function header({ date, processor, processors, load, node, chromium, onnxruntimeWeb, profile }) {
  const versions = [
    chromium && `Chromium ${chromium}`,
    onnxruntimeWeb && `onnxruntime-web ${onnxruntimeWeb}`,
    `Node ${node}`,
  ];
  return [
    `${date.slice(0, 10)}, ${processors} × ${processor}, ${versions.filter(Boolean).join(", ")}, ${profile} build.`,
    `Medians; load average at the start ${load.toFixed(1)}. The ratio is predikt / onnxruntime-web, with the least and greatest of the rounds.`,
  ].join("\n");
}

function times(results) {
  const head = ["", "predikt", ORT, "m2cgen", "ratio", "its min–max", "target", "met"];
  const rows = results.map(({ title, error, form, ours, peers, target, met }) => {
    if (error) return [title, "not measured", "", "", "", "", target ?? "", ""];
    const peer = peers[ORT];
    return [
      FORMS[form] ? `${title} (${FORMS[form]})` : title,
      duration(ours),
      duration(peer.theirs),
      peers.m2cgen ? duration(peers.m2cgen.theirs) : "",
      ratio(peer.ratio),
      span(peer),
      target ?? "",
      verdict(met),
    ];
  });
  return table(head, rows);
}

function networks(results) {
  const beside = results.some(({ peers }) => peers?.beside);
  const head = ["", "predikt", ORT, "ratio", "its min–max"];
  if (beside) head.push("the other build", "ratio to it");
  const rows = results.map(({ title, error, ours, peers }) => {
    if (error) return [title, "not measured", ...head.slice(2).map(() => "")];
    const peer = peers[ORT];
    const row = [title, duration(ours), duration(peer.theirs), ratio(peer.ratio), span(peer)];
    if (beside) row.push(duration(peers.beside.theirs), ratio(peers.beside.ratio));
    return row;
  });
  return table(head, rows);
}

function memory(result) {
  const { parts, target, met } = result;
  const peer = result.peers[ORT];
  const row = (name, { wasm, heap }, value) => [
    name,
    kilobytes(wasm),
    kilobytes(heap),
    kilobytes(value),
  ];
  const shown = table(
    ["after the first iris prediction", "wasm pages", "JavaScript heap", "together"],
    [row("predikt", parts.ours, peer.ours), row(ORT, parts.theirs, peer.theirs)],
  );
  return `${shown}\n\nRatio ${ratio(peer.ratio)} (${span(peer)}), target ${target}: ${verdict(met)}.`;
}

function requests({ results, latency }) {
  const rows = results.map(({ title, peers, target, met }) => {
    const [[, peer]] = Object.entries(peers);
    return [
      title,
      rate(peer.ours),
      rate(peer.theirs),
      ratio(peer.ratio),
      span(peer),
      target ?? "",
      verdict(met),
    ];
  });
  const shown = table(["beside", "Worker", "it", "ratio", "its min–max", "target", "met"], rows);
  const { p50, p99 } = latency.worker;
  return `${shown}\n\nThe Worker's latency under this load: median ${p50} ms, 99th percentile ${p99} ms.`;
}

function sizes({ files, results }) {
  const rows = files.map((size) => [
    size.name,
    ...["raw", "gzip", "brotli"].map((form) => bytes(size[form])),
  ]);
  const shown = table(["bytes", "raw", "gzip -9", "brotli 11"], rows);
  const targets = results.map(
    ({ title, ours, target, met }) =>
      `${title}: ${kilobytes(ours)}, target ${target}: ${verdict(met)}.`,
  );
  return [shown, ...targets].join("\n\n");
}

function span({ least, greatest }) {
  return `${least.toFixed(2)}–${greatest.toFixed(2)}`;
}

/** @param {boolean | undefined} met */
function verdict(met) {
  if (met === undefined) return "";
  return met ? "yes" : "no";
}
