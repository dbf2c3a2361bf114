import { isSection, keyAt, keys, nearestKey, variablePrefix } from "./keys.ts";
import { liveSwitch } from "./live-schema.ts";
import { nearest } from "./nearest.ts";
import type { Problem } from "./problem.ts";
import { namesSecret, secretPrefix, secretsWanted } from "./secret-names.ts";
import { type Branch, emptyBranch, type Origin, pathText, withLeaf } from "./tree.ts";

/** A layer that was read, and what of it could not be. */
export interface LayerResult {
  readonly tree: Branch;
  readonly problems: readonly Problem[];
}

/** Variables of ours that set no key: the configuration file, the ledger, the kill tests', research, live trading. */
export const reservedVariables: readonly string[] = [
  "NOVACTOR_CONFIG",
  "NOVACTOR_DB",
  "NOVACTOR_CRASH",
  "NOVACTOR_ASSUMPTIONS",
  "NOVACTOR_SCRIPT",
  "NOVACTOR_TRIALS",
  "NOVACTOR_JOB",
  liveSwitch,
];

const variableByName = new Map(keys.map((each) => [each.variable ?? "", each]));

/** Never shows the value: what nobody knows may be a secret with a slip in its name. */
function unknownVariable(name: string): Problem {
  const origin: Origin = { layer: "environment", variable: name };
  const base = { path: name, value: null, state: "is not a variable of Novactor", origin };
  if (namesSecret(name)) return { ...base, wanted: secretsWanted };
  // Compared without the prefix, which all have in common and which would make all look alike.
  const known = [...variableByName.keys(), ...reservedVariables].filter((each) => each !== "");
  const rests = known.map((each) => each.slice(variablePrefix.length));
  const close = nearest(name.slice(variablePrefix.length), rests);
  return {
    ...base,
    wanted: `${variablePrefix} and a key's path, such as NOVACTOR_RISK__POSITION_CAP`,
    ...(close === undefined ? {} : { nearest: variablePrefix + close }),
  };
}

/**
 * The environment as a layer. `NOVACTOR_RISK__POSITION_CAP=2` sets `risk.positionCap`: two
 * underscores part the names of a path, one the words of a name. Lists are set by files only.
 * Variables of secrets are left to the reader of secrets.
 */
export function environmentLayer(
  environment: Readonly<Record<string, string | undefined>>,
): LayerResult {
  let tree = emptyBranch({ layer: "environment", variable: variablePrefix });
  const problems: Problem[] = [];
  for (const [name, text] of Object.entries(environment)) {
    const isOurs = name.startsWith(variablePrefix) && text !== undefined;
    if (!isOurs || name.startsWith(secretPrefix) || reservedVariables.includes(name)) continue;
    const known = variableByName.get(name);
    if (known === undefined) {
      problems.push(unknownVariable(name));
      continue;
    }
    const origin: Origin = { layer: "environment", variable: name };
    tree = withLeaf(tree, known.path.split("."), { type: "leaf", text, origin });
  }
  return { tree, problems };
}

/** One value from the command line. */
export interface Flag {
  /** As the operator wrote it: `--set risk.positionCap` or `--seed`. */
  readonly flag: string;
  /** The key that it sets. */
  readonly path: string;
  readonly value: string;
}

function unknownFlag({ flag, path }: Flag): Problem {
  const origin: Origin = { layer: "flag", flag };
  const dot = path.lastIndexOf(".");
  const shown = pathText([path]);
  if (isSection(path)) {
    return {
      path: shown,
      value: null,
      state: "is a group of keys",
      wanted: `one of its keys, such as ${keys.find((each) => each.path.startsWith(`${path}.`))?.path}`,
      origin,
    };
  }
  if (keyAt(path) !== undefined) {
    return {
      path: shown,
      value: null,
      state: "is a list or in one",
      wanted: "it in a configuration file: only a file can set a list",
      origin,
    };
  }
  if (namesSecret(path)) {
    return { path: shown, value: null, state: "is not a key", wanted: secretsWanted, origin };
  }
  const close = nearestKey(dot < 0 ? "" : path.slice(0, dot), path.slice(dot + 1));
  return {
    path: shown,
    value: null,
    state: "is not a key",
    wanted: "the path of a key, such as risk.positionCap",
    origin,
    ...(close === undefined ? {} : { nearest: close }),
  };
}

/** Values of the command line as a layer; a later one of the same path wins. */
export function flagLayer(flags: readonly Flag[]): LayerResult {
  let tree = emptyBranch({ layer: "flag", flag: "command line" });
  const problems: Problem[] = [];
  for (const flag of flags) {
    const known = keyAt(flag.path);
    if (known === undefined || known.variable === null) {
      problems.push(unknownFlag(flag));
      continue;
    }
    const origin: Origin = { layer: "flag", flag: flag.flag };
    tree = withLeaf(tree, flag.path.split("."), { type: "leaf", text: flag.value, origin });
  }
  return { tree, problems };
}
