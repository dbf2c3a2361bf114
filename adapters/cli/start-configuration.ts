import { problemsText } from "../../config/problem.ts";
import type { Resolved } from "../../config/resolve.ts";
import { runSettingsOf } from "../../config/run-settings.ts";
import type { Configuration } from "../../config/schema.ts";
import type { Origin } from "../../config/tree.ts";
import type { Flag } from "../../config/variables.ts";
import { loadConfiguration } from "../config/load-configuration.ts";
import type { Secret } from "../config/secret.ts";
import { flagOf } from "./config.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import type { RunSettings } from "./run-config.ts";

/** What of the command line sways the configuration; undefined where nothing was said. */
export interface ConfigurationFlags {
  readonly config?: string;
  readonly preset?: string;
  readonly set: readonly string[];
  readonly seed?: number;
  readonly speed?: number | "max";
  /** Where prices come from, other than the configuration says. */
  readonly market?: string;
}

export interface StartConfiguration {
  readonly configuration: Configuration;
  readonly settings: RunSettings;
  /** By name. Never to be shown. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** With where each value comes from. */
  readonly resolved: Resolved;
  readonly secretOrigins: readonly { readonly name: string; readonly origin: Origin }[];
}

function flagsOf({ set, seed, speed }: ConfigurationFlags): Flag[] {
  const flags = set.map(flagOf);
  if (seed !== undefined) flags.push({ flag: "--seed", path: "seed", value: String(seed) });
  if (speed !== undefined) {
    flags.push({ flag: "--speed", path: "market.speed", value: String(speed) });
  }
  return flags;
}

/**
 * The configuration that a run starts with: defaults, preset, file, environment and flags.
 *
 * @throws {CommandError} with every problem of every layer.
 */
export function startConfiguration(flags: ConfigurationFlags): StartConfiguration {
  const { env } = process;
  const file = flags.config ?? env.NOVACTOR_CONFIG ?? null;
  const request = { file, preset: flags.preset ?? null, env, flags: flagsOf(flags) };
  const loaded = loadConfiguration(request, process.getuid?.() ?? -1);
  if (loaded.type === "problems") {
    const text = problemsText("Cannot start with this configuration", loaded.problems);
    throw new CommandError(text.trimEnd(), exitCode.badConfiguration);
  }
  const { configuration } = loaded.resolved;
  refuseOtherPrices(flags.market, configuration);
  const secrets = new Map([...loaded.secrets].map(([name, { secret }]) => [name, secret]));
  const secretOrigins = [...loaded.secrets.values()].map(({ name, origin }) => ({ name, origin }));
  const { resolved } = loaded;
  return {
    configuration,
    settings: runSettingsOf(configuration),
    secrets,
    resolved,
    secretOrigins,
  };
}

/** Orders at a venue follow its own prices: those of files, or made up, are for paper. */
function refuseOtherPrices(market: string | undefined, { mode }: Configuration): void {
  if (market === undefined || market === "live" || mode === "paper") return;
  throw new CommandError(
    `Cannot take "--market ${market}" while mode is ${mode}: wanted the venue's own prices, ` +
      '"--market live" or nothing, or mode paper',
    exitCode.badConfiguration,
  );
}
