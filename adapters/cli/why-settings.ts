import type { DeskConfig } from "../../actors/desk/mod.ts";
import { defaultLayer } from "../../config/default-configuration.ts";
import { keyAt, keys } from "../../config/keys.ts";
import { nearest } from "../../config/nearest.ts";
import { problemsText } from "../../config/problem.ts";
import { resolveLayers } from "../../config/resolve.ts";
import { runSettingsOf } from "../../config/run-settings.ts";
import { strategyNames } from "../../config/strategies.ts";
import { type Branch, emptyBranch, type Origin, rowSeparator } from "../../config/tree.ts";
import { type Flag, flagLayer } from "../../config/variables.ts";
import { fromFloat } from "../../machines/domain/decimal.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

/** Whether a past decision comes out otherwise by the key: what the journal has is as it is. */
const rerunPath = /^(strategy\.(?!eventPriceMovePct|performance|guardrail|session)|risk\.|stop\.)/;

const rerunPaths = keys.map(({ path }) => path).filter((path) => rerunPath.test(path));

const lastName = (path: string): string => path.slice(path.lastIndexOf(".") + 1);

/**
 * What `--set minConfidence=0.5` makes of a desk's configuration. The end of a path is enough where
 * only one key ends so. Values are held to the same rules as in a configuration file.
 *
 * @throws {CommandError} for an unknown or ambiguous name; the function it returns, for a value
 */
export function settingsChange(settings: readonly string[]): (config: DeskConfig) => DeskConfig {
  const flags = settings.map((setting): Flag => {
    const [name = "", ...rest] = setting.split("=");
    return { flag: `--set ${name}`, path: pathOf(name), value: rest.join("=") };
  });
  const changes = flagLayer(flags).tree;
  const limits = flags.filter(({ path }) => path.startsWith("risk.")).map(({ path }) => path);
  return (config) => {
    const resolved = resolveLayers([defaultLayer, ledgerLayer(config), changes]);
    if (resolved.type === "problems") {
      const text = problemsText("Cannot judge by these settings", resolved.problems);
      throw new CommandError(text.trimEnd(), exitCode.badConfiguration);
    }
    const { strategy, risk, stop } = runSettingsOf(resolved.configuration);
    const { eventPriceMove, standing } = config.strategy;
    const { dailyLossShare, exposureCap } = config.risk;
    const capped = exposureCap === undefined ? {} : { exposureCap };
    // Of an account beside the first, only what was said is another: its limits are its own.
    const said = Object.fromEntries(
      limits.map((path) => [lastName(path), risk[lastName(path) as keyof typeof risk]]),
    );
    const others = config.others?.map((each) => ({ ...each, risk: { ...each.risk, ...said } }));
    return {
      ...config,
      strategy: { ...strategy, eventPriceMove, standing },
      risk: { ...risk, dailyLossShare, ...capped },
      stop,
      ...(others && { others }),
    };
  };
}

/** The key that a name, or the end of a path, is meant for. */
function pathOf(name: string): string {
  const meant = rerunPaths.filter((path) => path === name || path.endsWith(`.${name}`));
  const [path] = meant;
  if (path !== undefined && meant.length === 1) return path;
  if (meant.length > 1) {
    const shown = meant.slice(0, 6).join(", ") + (meant.length > 6 ? ", ..." : "");
    throw refused(`"${name}" is the name of ${meant.length} keys, wanted one of ${shown}`);
  }
  if (keyAt(name) !== undefined || keys.some(({ path: each }) => each.endsWith(`.${name}`))) {
    throw refused(
      `"${name}" is not judged again: what came of it is in the journal, ` +
        "wanted a key of strategy, risk or stop that decisions are judged by",
    );
  }
  const close = nearest(name, [...rerunPaths, ...rerunPaths.map(lastName)]);
  const full = rerunPaths.filter((each) => each === close || lastName(each) === close);
  const hint = full.length > 0 ? `; perhaps ${full.slice(0, 3).join(" or ")} was meant` : "";
  throw refused(`"${name}" is not a key, wanted one of strategy, risk or stop${hint}`);
}

function refused(text: string): CommandError {
  return new CommandError(`Cannot change setting: ${text}`, exitCode.badConfiguration);
}

type Texts = { readonly [name: string]: string | Texts };

const origin: Origin = { layer: "file", file: "the ledger", line: 0 };

/** A desk's configuration as it would be written in a file, as far as it is judged again. */
function ledgerLayer({ strategy, risk, stop }: DeskConfig): Branch {
  const { frames, quarantineAfter, confluence, votes, regime, multipliers } = strategy;
  const { riskShare, maxShare, positionCap } = risk;
  return branchOf({
    strategy: {
      frames: frames === null ? "standard" : textOf(frames),
      quarantineAfter: textOf(quarantineAfter),
      confluence: textsOf(confluence),
      votes: Object.fromEntries(
        strategyNames.map((name) => {
          const vote = votes[name];
          if (!vote) return [name, { use: "false" }];
          return [name, { use: "true", ...textsOf({ ...vote.parameters, weight: vote.weight }) }];
        }),
      ),
      regime: textsOf(regime),
      multipliers: Object.fromEntries(
        Object.entries(multipliers).map(([name, each]) => [name, textsOf(each)]),
      ),
    },
    risk: { riskShare, maxShare, positionCap: textOf(positionCap) },
    stop: textsOf(stop),
  });
}

function textsOf(values: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values as Record<string, number | readonly number[]>).map(([name, value]) => [
      name,
      textOf(value),
    ]),
  );
}

/** Digits that every double that a file can hold survives, there and back. */
const places = 40;

function textOf(value: number | readonly number[]): string {
  if (typeof value === "number") return fromFloat(value, places);
  return value.map(textOf).join(rowSeparator);
}

function branchOf(texts: Texts): Branch {
  const children = Object.entries(texts).map(([name, text]) => {
    return [name, typeof text === "string" ? leafOf(text) : branchOf(text)] as const;
  });
  return { ...emptyBranch(origin), children: new Map(children) };
}

function leafOf(text: string) {
  return { type: "leaf", text, origin } as const;
}
