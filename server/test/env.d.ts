/** The bindings of the tests: both stores, and the variables of wrangler.jsonc. */
declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("../worker.js");
  }
  interface Env {
    ASSETS: Fetcher;
    MODELS: R2Bucket;
    DEFAULT_MODEL: string;
  }
}
