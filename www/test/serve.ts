// Serves the built page as a static host does, with the headers of its `_headers` file.
//
//   node www/test/serve.ts [port] [folder]

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { headersFor, parseHeaders } from "./headers.ts";

const port = Number(process.argv[2] ?? 4173);
const folder = process.argv[3] ?? fileURLToPath(new URL("../dist", import.meta.url));
const rules = parseHeaders(await readFile(join(folder, "_headers"), "utf8"));

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".onnx": "application/octet-stream",
};

const server = createServer(async (request, response) => {
  const path = decodeURIComponent(new URL(request.url ?? "/", "http://page").pathname);
  for (const [name, value] of headersFor(rules, path)) response.setHeader(name, value);
  const file = join(folder, normalize(path.endsWith("/") ? `${path}index.html` : path));
  try {
    if (!file.startsWith(folder + sep) || path === "/_headers") throw new Error("not served");
    const body = await readFile(file);
    const type = types[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "content-length": body.length });
    response.end(body);
  } catch {
    response.writeHead(404, { "content-type": "text/plain" });
    response.end("not found\n");
  }
});

server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));
