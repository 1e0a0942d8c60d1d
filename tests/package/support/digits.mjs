/** Some of the digits that its training never saw, and what PyTorch makes of them. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { models } from "./paths.mjs";

const samples = JSON.parse(await readFile(join(models, "digits/1/samples.json"), "utf8"));

export const rows = samples.features.slice(0, 20);

export const prediction = samples.prediction.slice(0, 20);
