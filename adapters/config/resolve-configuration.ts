import { accessSync, constants } from "node:fs";
import { defaultLayer } from "../../config/default-configuration.ts";
import { presetName } from "../../config/kinds.ts";
import type { Problem } from "../../config/problem.ts";
import { type Resolution, type Resolved, resolveLayers } from "../../config/resolve.ts";
import type { Configuration } from "../../config/schema.ts";
import { type Branch, emptyBranch, merge, nodeAt, pathMax, quoted } from "../../config/tree.ts";
import { environmentLayer, type Flag, flagLayer } from "../../config/variables.ts";
import { pathFrom, readConfigurationFile, readPreset } from "./files.ts";
import { environmentSecrets, leaks, withoutSecrets } from "./secrets.ts";

export interface ConfigurationRequest {
  /** A preset's name; null for the one that another layer names, if any does. */
  readonly preset: string | null;
  /** Path of the configuration file, or null for none. */
  readonly file: string | null;
  /** What the file is taken to hold: to check a change before it is written. */
  readonly text?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: readonly Flag[];
}

/**
 * The configuration out of all its layers: defaults, then preset, file, environment (`NOVACTOR_`)
 * and command line, of which later ones win key by key. Every problem of every layer is found in
 * one go. Paths in the result are absolute.
 */
export function resolveConfiguration(request: ConfigurationRequest): Resolution {
  const { preset, file, env } = request;
  const flags =
    preset === null
      ? request.flags
      : [...request.flags, { flag: "--preset", path: "preset", value: preset }];
  const fromFile = file === null ? null : readConfigurationFile(file, request.text);
  const fromEnvironment = environmentLayer(env);
  const fromFlags = flagLayer(flags);
  const above = [fromFile?.tree, fromEnvironment.tree, fromFlags.tree].filter(
    (tree) => tree != null,
  );
  const fromPreset = presetOf(above);
  const problems = [fromFile, fromPreset, fromEnvironment, fromFlags].flatMap(
    (layer) => layer?.problems ?? [],
  );
  const below = fromPreset?.tree ? [fromPreset.tree] : [];
  const resolution = resolveLayers([defaultLayer, ...below, ...above]);
  if (resolution.type === "problems") problems.push(...resolution.problems);
  const secrets = environmentSecrets(env);
  if (resolution.type === "problems" || problems.length > 0) {
    return { type: "problems", problems: problems.map((each) => withoutSecrets(each, secrets)) };
  }
  // Before any path is looked for, so that no message about a path can hold a secret.
  const leaked = leaks(resolution, secrets);
  return leaked.length > 0 ? { type: "problems", problems: leaked } : withPaths(resolution);
}

/** The preset that the layers above it name, read; null if they name none or nothing readable. */
function presetOf(layers: readonly Branch[]) {
  const named = layers.reduce(merge, emptyBranch({ layer: "default" }));
  const leaf = nodeAt(named, ["preset"]);
  const name = leaf?.type === "leaf" ? presetName.read(leaf.text ?? "") : undefined;
  // A name of no sound form is refused as a value, with the rest.
  return leaf === undefined || name === undefined ? null : readPreset(name, leaf.origin);
}

/** Makes paths absolute, and sees that the files are there. */
function withPaths(resolved: Resolved): Resolution {
  const { configuration, origins } = resolved;
  const problems: Problem[] = [];
  const absolute = (path: string, value: string): string =>
    pathFrom(origins.get(path)?.origin ?? { layer: "default" }, value);
  const files = configuration.market.files.map((file, index) => {
    const key = `market.files[${index}].path`;
    const path = absolute(key, file.path);
    const isUsed = configuration.market.source === "candles";
    if (isUsed && !isReadable(path)) problems.push(missingFile(resolved, key, path));
    return { ...file, path };
  });
  const { secretsFile, server } = configuration;
  const ofServer = (name: "cert" | "key") => {
    const path = server.tls[name];
    return path === null ? null : absolute(`server.tls.${name}`, path);
  };
  const result: Configuration = {
    ...configuration,
    ...(secretsFile === undefined ? {} : { secretsFile: absolute("secretsFile", secretsFile) }),
    market: { ...configuration.market, files },
    server: { ...server, tls: { cert: ofServer("cert"), key: ofServer("key") } },
  };
  if (problems.length > 0) return { type: "problems", problems };
  return { ...resolved, configuration: result };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) return false;
    throw error;
  }
}

function missingFile({ origins }: Resolved, key: string, path: string): Problem {
  const setting = origins.get(key);
  const text = setting?.text ?? path;
  return {
    path: key,
    value: text,
    state: `is ${quoted(text, pathMax)}, and this user cannot read ${quoted(path, pathMax)}`,
    wanted: "a candle file, its path taken from the folder of its configuration file",
    origin: setting?.origin ?? { layer: "default" },
  };
}
