/** The servers: the Worker and a constant one in workerd, and the Flask app under gunicorn. They listen on 127.0.0.1 only. */

import { spawn } from "node:child_process";
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { bench, peers, root } from "./paths.mjs";

const WORKER = `${peers}/worker`;
const ASSETS = `${peers}/assets`;
const QUIET = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  DO_NOT_TRACK: "1",
};

/** Bundles the Worker that wrangler.jsonc describes, as `wrangler deploy` would, and writes workerd's configuration. */
async function bundleWorker(port) {
  await rm(WORKER, { recursive: true, force: true });
  await rm(ASSETS, { recursive: true, force: true });
  await mkdir(ASSETS, { recursive: true });
  await cp(`${root}/models`, `${ASSETS}/models`, {
    recursive: true,
    filter: (path) => !/\.(py|txt|md)$|__pycache__/.test(path),
  });
  await run(`${root}/node_modules/.bin/wrangler`, [
    ...["deploy", "--dry-run", "--config", `${root}/wrangler.jsonc`],
    ...["--outdir", WORKER, "--assets", ASSETS],
  ]);
  Object.assign(process.env, QUIET);
  const { unstable_readConfig: readConfig } = await import("wrangler");
  const config = readConfig({ config: `${root}/wrangler.jsonc` });
  const names = await readdir(WORKER);
  const modules = [
    '(name = "worker.js", esModule = embed "worker.js")',
    ...names
      .filter((name) => name.endsWith(".wasm"))
      .map((name) => `(name = "${name}", wasm = embed "${name}")`),
  ];
  const bindings = Object.entries(config.vars).map(
    ([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`,
  );
  await writeFile(
    `${WORKER}/workerd.capnp`,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      compatibilityDate = "${config.compatibility_date}",
      modules = [${modules.join(", ")}],
      bindings = [${[...bindings, '(name = "ASSETS", service = "assets")'].join(", ")}],
    )),
    (name = "assets", disk = (path = ${JSON.stringify(ASSETS)})),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`,
  );
}

/** The Worker in workerd, without wrangler's development proxies before it. */
export async function startWorker() {
  const port = await freePort();
  await bundleWorker(port);
  const args = ["serve", `${WORKER}/workerd.capnp`];
  return started("workerd", `${root}/node_modules/.bin/workerd`, args, port);
}

/**
 * A Worker in workerd that answers always the same.
 * @param {string} answer JSON
 * @param {{ reads: boolean }} options whether it reads what it is asked
 */
export async function startConstant(answer, { reads }) {
  const port = await freePort();
  const folder = `${peers}/${reads ? "reading" : "constant"}`;
  await mkdir(folder, { recursive: true });
  await writeFile(
    `${folder}/worker.js`,
    `const answer = ${JSON.stringify(answer)};
const headers = { "content-type": "application/json" };
const respond = () => new Response(answer, { headers });
export default { fetch: ${reads ? "(request) => request.text().then(respond)" : "respond"} };
`,
  );
  await writeFile(
    `${folder}/workerd.capnp`,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      compatibilityDate = "2026-11-01",
      modules = [(name = "worker.js", esModule = embed "worker.js")],
    )),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`,
  );
  const args = ["serve", `${folder}/workerd.capnp`];
  return started("workerd", `${root}/node_modules/.bin/workerd`, args, port);
}

/**
 * The Flask app under gunicorn with two worker processes.
 *
 * @param {string[]} options more of gunicorn's
 */
export async function startFlask(options = []) {
  const port = await freePort();
  const args = ["--workers", "2", "--bind", `127.0.0.1:${port}`, "--log-level", "warning"];
  return started(
    "gunicorn",
    `${peers}/venv/bin/gunicorn`,
    [...args, ...options, "--chdir", bench, "flask_app:app"],
    port,
    { MODEL: `${peers}/iris.joblib`, PYTHONDONTWRITEBYTECODE: "1" },
  );
}

/** Starts a server and waits until it answers. */
async function started(name, command, args, port, environment = {}) {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  process.once("exit", () => child.kill());
  let failure;
  child.once("error", (error) => {
    failure = error;
  });
  child.once("exit", (code) => {
    failure ??= new Error(`${name} ended with ${code}`);
  });
  const url = `http://127.0.0.1:${port}/predict`;
  const stop = async () => {
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(kill);
  };
  for (let tries = 0; tries < 300; tries++) {
    if (failure) throw failure;
    const answered = await fetch(url).then(
      (response) => response.arrayBuffer(),
      () => undefined,
    );
    if (answered) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`${name} does not answer at ${url}`);
}

/** Runs a command to its end; what it said is shown when it fails. */
async function run(command, args) {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...QUIET },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  const code = await new Promise((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code}\n${said}`);
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
