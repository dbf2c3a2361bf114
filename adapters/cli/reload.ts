import type { Desk } from "../../actors/desk/mod.ts";
import { canonicalJson } from "../../actors/runtime/mod.ts";
import { configurationChanged, planReload, refusalText } from "../../config/reload.ts";
import { runSettingsOf } from "../../config/run-settings.ts";
import type { Configuration } from "../../config/schema.ts";
import type { RunConfig } from "./run-config.ts";
import { ShownConfiguration } from "./shown-configuration.ts";
import type { StartConfiguration } from "./start-configuration.ts";

/** What came of a reload, in words. */
export interface Reloaded {
  readonly done: boolean;
  readonly text: string;
}

/**
 * A running desk's configuration: read again on demand, taken up in what is safe to change while
 * it runs, refused with the reason in what is not. Each change is a record of the journal.
 */
export function reloader(
  desk: Desk,
  run: RunConfig,
  first: Configuration,
  read: () => Configuration,
  /** Told of the configuration that holds from then on. */
  onTaken: (configuration: Configuration) => void = () => {},
): () => Reloaded {
  let current = first;
  return () => {
    const plan = planReload(current, read());
    const refused = plan.refuse.map(refusalText);
    if (plan.apply.length > 0) {
      const {
        account: _a,
        accounts: _o,
        matching: _m,
        fees: _f,
        ...rules
      } = runSettingsOf(plan.configuration);
      const changed = { ...run, desk: { ...run.desk, ...rules } };
      desk.reconfigure(changed.desk, configurationChanged(plan), canonicalJson(changed));
      current = plan.configuration;
      onTaken(current);
    }
    const taken = plan.apply.map(({ path, from, to }) => `${path}: ${from} -> ${to}`);
    const lines = [...taken, ...refused];
    const text = lines.length === 0 ? "nothing has changed" : lines.join("\n");
    return { done: refused.length === 0, text };
  };
}

/** The configuration of a running desk: how it is read again, and how it is shown. */
export function runningConfiguration(of: {
  readonly desk: Desk;
  readonly run: RunConfig;
  readonly started: StartConfiguration;
  /** @throws {CommandError} where it cannot be used */
  readonly read: () => StartConfiguration;
  readonly onTaken: (configuration: Configuration) => void;
}) {
  const shown = new ShownConfiguration(of.started, of.read);
  const read = () => of.read().configuration;
  const reload = reloader(of.desk, of.run, of.started.configuration, read, (taken) => {
    shown.taken(taken);
    of.onTaken(taken);
  });
  return { reload, shown };
}
