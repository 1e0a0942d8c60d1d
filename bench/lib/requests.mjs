/** Requests per second of the servers. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { peers, root } from "./paths.mjs";
import { startConstant, startFlask, startWorker } from "./servers.mjs";
import { compare, median } from "./stats.mjs";

const CONNECTIONS = 16;
const TOLERANCE = 1e-5;
const JSON_TYPE = { "content-type": "application/json" };
const ROW = [5.1, 3.5, 1.4, 0.2];

/**
 * @param {{ rounds: number, seconds: number }} settings
 * @param {(text: string) => void} say
 */
export async function measureServers({ rounds, seconds }, say) {
  const servers = {};
  try {
    servers.worker = await startWorker();
    servers.flask = await startFlask();
    servers.threaded = await startFlask(["--threads", String(CONNECTIONS / 2)]);
    for (const peer of ["flask", "threaded"])
      await checkEqual(servers.worker.url, servers[peer].url);
    const answer = JSON.stringify(await ask(servers.worker.url, ROW));
    servers.constant = await startConstant(answer, { reads: false });
    servers.reading = await startConstant(answer, { reads: true });
    say("held-out set: the Worker's labels equal Flask's, probabilities within 1e-5");

    const autocannon = createRequire(`${peers}/package.json`)("autocannon");
    for (const { url } of Object.values(servers)) await fire(autocannon, url, Math.min(2, seconds));
    const measured = Object.fromEntries(Object.keys(servers).map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, { url }] of Object.entries(servers)) {
        measured[name].push(await fire(autocannon, url, seconds));
      }
    }
    return summary(measured);
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  }
}

/** Sends one row for so many seconds. */
async function fire(autocannon, url, seconds) {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    method: "POST",
    headers: JSON_TYPE,
    body: JSON.stringify({ features: ROW }),
  });
  const { errors, timeouts, non2xx } = result;
  if (errors + timeouts + non2xx > 0) {
    throw new Error(`${url}: ${errors} errors, ${timeouts} timeouts, ${non2xx} refusals`);
  }
  return {
    perSecond: result["2xx"] / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}

/** @throws Error unless both servers answer the held-out set alike, row by row and at once */
async function checkEqual(ours, theirs) {
  const { features } = JSON.parse(await readFile(`${root}/models/iris/1/samples.json`, "utf8"));
  for (const body of [features, ...features]) {
    const [a, b] = await Promise.all([ours, theirs].map((url) => ask(url, body)));
    const labels = JSON.stringify(a.prediction) === JSON.stringify(b.prediction);
    const near = a.probabilities.every((row, i) =>
      row.every((value, k) => Math.abs(value - b.probabilities[i][k]) <= TOLERANCE),
    );
    if (!labels || !near || a.probabilities.length !== b.probabilities.length) {
      throw new Error(`The servers differ: ${JSON.stringify({ body, ours: a, theirs: b })}`);
    }
  }
}

async function ask(url, features) {
  const response = await fetch(url, {
    method: "POST",
    headers: JSON_TYPE,
    body: JSON.stringify({ features }),
  });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status} ${await response.text()}`);
  return response.json();
}

function summary(measured) {
  const rates = (name) => measured[name].map((round) => round.perSecond);
  const beside = (id, title, peer, label) => ({
    id,
    title,
    ours: median(rates("worker")),
    peers: { [label]: compare(rates("worker"), rates(peer)) },
  });
  const results = [
    beside("requests.flask", "Flask, gunicorn --workers 2", "flask", "Flask"),
    beside("requests.threaded", "Flask, gunicorn --workers 2 --threads 8", "threaded", "Flask"),
    beside("requests.constant", "a Worker that returns a constant", "constant", "constant"),
    beside("requests.reading", "one that reads the request first", "reading", "reading"),
  ];
  const latency = {};
  for (const [name, rounds] of Object.entries(measured)) {
    latency[name] = {
      p50: median(rounds.map((round) => round.p50)),
      p99: median(rounds.map((round) => round.p99)),
    };
  }
  return { results, latency };
}
