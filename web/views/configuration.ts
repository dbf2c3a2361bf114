import { configurationRecordKind } from "../../actors/desk/mod.ts";
import type { configurationRoutes } from "../api/configuration.ts";
import type { Handlers } from "../api/route.ts";
import type { JournalRow, PanelOptions } from "../server/ports.ts";

/** Changes that are listed. */
const historyMost = 50;

interface Changed {
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
}

const textOf = (value: unknown): string =>
  value === null || value === undefined ? "not set" : String(value);

/** What a record of the journal says of a change: a reload's list, or words. */
function historyOf({ seq, at, content }: JournalRow) {
  const { input } = JSON.parse(content) as { readonly input: { readonly change: unknown } };
  const { change } = input;
  if (typeof change === "string") return { seq, at, text: change, changes: [] };
  if (Array.isArray(change)) {
    return { seq, at, text: change.map(String).join(", "), changes: [] };
  }
  const { changes = [], refused = [] } = (change ?? {}) as {
    readonly changes?: readonly Changed[];
    readonly refused?: readonly Changed[];
  };
  const told = (each: Changed) => {
    return { path: each.path, from: textOf(each.from), to: textOf(each.to) };
  };
  const paths = refused.map(({ path }) => path).join(", ");
  const text = paths === "" ? "taken up" : `taken up, but not ${paths}`;
  return { seq, at, text, changes: changes.map(told) };
}

/** The configuration in force, and how it came to be. */
export function configurationViews({
  desk,
  ledger,
  configuration,
}: Pick<PanelOptions, "desk" | "ledger" | "configuration">): Handlers<typeof configurationRoutes> {
  return {
    "GET /api/v1/configuration": () => {
      desk.commit();
      const { settings, secrets } = configuration.effective();
      const { changes, problem } = configuration.pending();
      const records = ledger.journal.page({ kind: configurationRecordKind }, historyMost);
      return {
        settings: [...settings],
        secrets: [...secrets],
        pending: { changes: [...changes], problem },
        history: records.map(historyOf),
      };
    },
  };
}
