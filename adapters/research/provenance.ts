import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson } from "../../actors/runtime/mod.ts";
import { version } from "../cli/version.ts";
import type { SharedCandles } from "./shared-candles.ts";
import type { TrialRequest } from "./trial.ts";

const root = join(import.meta.dir, "../..");

/** What can sway a run: everything but the tests, the page and what only shows. */
const swaying = ["actors", "machines", "config", "adapters"];

const sha256 = (text: string): string => new Bun.CryptoHasher("sha256").update(text).digest("hex");

/** Hash over all that a trial is configured by; the market it runs on is not in it. */
export function configHashOf({ config, countFrom }: TrialRequest): string {
  const { source: _, ...rest } = config;
  return sha256(canonicalJson({ ...rest, countFrom }));
}

/** Hash over what the candles are and which of them a trial sees. */
export function dataHashOf({ identity, series }: SharedCandles, { stretch }: TrialRequest): string {
  const rows = series.map(({ symbol, rows }) => [symbol, rows]);
  return sha256(canonicalJson({ identity, rows, stretch }));
}

let known: string | null = null;

/** Version and a hash over the sources: `0.1.0+4f1d…`. Trials of other code are run again. */
export function codeVersion(): string {
  known ??= `${version}+${sourcesHash().slice(0, 12)}`;
  return known;
}

function sourcesHash(): string {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const folder of swaying) {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
    for (const file of files.sort()) {
      if (!/\.(ts|ya?ml)$/.test(file) || /\.(test|fixture)\.ts$/.test(file)) continue;
      hasher.update(`${folder}/${file}\n`);
      hasher.update(readFileSync(join(root, folder, file)));
    }
  }
  return hasher.digest("hex");
}
