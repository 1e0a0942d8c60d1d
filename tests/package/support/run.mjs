/** Runs commands. */

import { execFile } from "node:child_process";
import { delimiter } from "node:path";
import { commands } from "./paths.mjs";

/** Nothing that is started here reports home or asks a network. */
const QUIET = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  DO_NOT_TRACK: "1",
  NO_COLOR: "1",
};

/** The same for what runs in this process. */
export function beQuiet() {
  Object.assign(process.env, QUIET);
}

/**
 * Runs a command with text as its standard input, those of the development dependencies first.
 *
 * @returns {Promise<string>} its standard output; rejected with all it wrote when it fails
 */
export function run(command, args, { cwd, input = "", timeout = 60_000 }) {
  const PATH = `${commands}${delimiter}${process.env.PATH}`;
  const env = { ...process.env, ...QUIET, PATH };
  // A test's own variables and flags are not those of a user's shell.
  for (const name of ["NODE_TEST_CONTEXT", "NODE_OPTIONS", "FORCE_COLOR"]) delete env[name];
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      { cwd, env, timeout, killSignal: "SIGKILL", maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const how = error.killed ? `was stopped after ${timeout / 1000} s` : "failed";
        const line = [command, ...args].join(" ");
        reject(new Error(`${line} ${how}:\n${stdout}\n${stderr}`, { cause: error }));
      },
    );
    // A command that ends without having read its input is judged by how it ended.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}
