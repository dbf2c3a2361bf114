import { keyAt } from "../../config/keys.ts";
import { changesOf, planReload, refusalText } from "../../config/reload.ts";
import type { Resolved, Setting } from "../../config/resolve.ts";
import type { Configuration } from "../../config/schema.ts";
import { originText } from "../../config/tree.ts";
import type { PanelConfiguration } from "../../web/server/ports.ts";
import { CommandError } from "./exit-codes.ts";
import type { StartConfiguration } from "./start-configuration.ts";

type Read = Pick<StartConfiguration, "resolved" | "secretOrigins">;

const effects = {
  safe: "at once",
  restart: "after a restart",
  newLedger: "with a new ledger",
} as const;

/** A running desk's configuration as it is shown: each value, where it comes from, what would change. */
export class ShownConfiguration implements PanelConfiguration {
  private readonly settings: Map<string, Setting>;
  private current: Configuration;

  /** `read` reads all layers again. @throws {CommandError} where they cannot be used */
  constructor(
    private readonly first: Read,
    private readonly read: () => Read,
  ) {
    this.settings = new Map(first.resolved.origins);
    this.current = first.resolved.configuration;
  }

  /** A part of what was read again holds from now on. */
  taken(configuration: Configuration): void {
    const { origins } = this.read().resolved;
    for (const { path } of changesOf(this.current, configuration)) {
      const setting = origins.get(path);
      if (setting) this.settings.set(path, setting);
      else this.settings.delete(path);
    }
    this.current = configuration;
  }

  effective(): ReturnType<PanelConfiguration["effective"]> {
    const settings = [...this.settings].map(([path, { text, origin }]) => {
      const key = keyAt(path);
      return {
        ...{ path, value: text, origin: originText(origin), isDefault: origin.layer === "default" },
        about: key?.about ?? "",
        changes: key ? effects[key.reload] : "",
      };
    });
    const secrets = this.first.secretOrigins.map(({ name, origin }) => {
      return { name, origin: originText(origin) };
    });
    return { settings, secrets };
  }

  pending(): ReturnType<PanelConfiguration["pending"]> {
    let next: Resolved;
    try {
      next = this.read().resolved;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return { changes: [], problem: error.message };
    }
    const { apply, refuse } = planReload(this.current, next.configuration);
    const textOf = (value: unknown) => (value === null ? "not set" : String(value));
    const changes = [
      ...apply.map((each) => ({ ...each, effect: "at once", why: null })),
      ...refuse.map((each) => ({ ...each, effect: effects[each.needs], why: refusalText(each) })),
    ];
    return {
      changes: changes.map(({ path, from, to, effect, why }) => {
        return { path, from: textOf(from), to: textOf(to), effect, why };
      }),
      problem: null,
    };
  }
}
