import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";

/** Directives that browsers ignore, with a warning, in a `<meta>`. */
const HEADER_ONLY = /^(frame-ancestors|report-uri|report-to|sandbox)\b/;

/**
 * Repeats the content security policy of the `_headers` file as a `<meta>` in the built page, so that it
 * holds on hosts that read no `_headers` too.
 */
export function contentSecurityPolicy(headersFile: string): Plugin {
  return {
    name: "predikt:csp",
    apply: "build",
    async transformIndexHtml() {
      const headers = await readFile(headersFile, "utf8");
      const policy = /^\s+Content-Security-Policy:\s*(.+)$/m.exec(headers)?.[1];
      if (!policy) throw new Error(`${headersFile} has no Content-Security-Policy`);
      const content = policy
        .split(";")
        .map((directive) => directive.trim())
        .filter((directive) => directive !== "" && !HEADER_ONLY.test(directive))
        .join("; ");
      return [
        {
          tag: "meta",
          attrs: { "http-equiv": "Content-Security-Policy", content },
          injectTo: "head-prepend",
        },
      ];
    },
  };
}
