import type { JournalRecord } from "../runtime/mod.ts";
import type { DeskConfig } from "./config.ts";

/** Kind of the journal record that a reload of the configuration leaves. */
export const configurationRecordKind = "configuration";

/** Parts of a configuration that a running desk may take up and that sway what it decides. */
type Reloaded = Pick<DeskConfig, "strategy" | "stop" | "risk">;

/** A stretch of the journal under one configuration. */
export interface ConfigurationEra {
  /** It holds for records after this sequence. */
  readonly since: number;
  readonly config: DeskConfig;
}

/** A stretch of the journal that was judged by the same data planes. */
export interface PlanesEra {
  /** They judge records after this sequence, up to `until` with it. */
  readonly since: number;
  readonly until: number;
  /** The first record that they may have heard: what came before they were made, included. */
  readonly hearFrom: number;
  /** The configuration that they were made by. */
  readonly config: DeskConfig;
}

/** Which configuration was in force when, and which records each set of data planes has heard. */
export class ConfigurationHistory {
  readonly eras: readonly ConfigurationEra[];
  readonly planes: readonly PlanesEra[];

  /**
   * @param first the configuration that the ledger began with
   * @param changes its records of kind `configuration`, oldest first
   * @throws {RangeError} for a configuration without the parts that decisions come from: it is of
   *   another version
   */
  constructor(first: DeskConfig, changes: Iterable<JournalRecord>) {
    const eras = [{ since: 0, config: withParts(first, first, "the ledger's configuration") }];
    const planes = [{ since: 0, hearFrom: 0, config: (eras[0] as ConfigurationEra).config }];
    for (const record of changes) {
      const { input } = JSON.parse(record.content) as {
        input: Reloaded & { readonly planesFrom?: number | null };
      };
      const before = (eras.at(-1) as ConfigurationEra).config;
      const config = withParts(before, input, `configuration record ${record.seq}`);
      eras.push({ since: record.seq, config });
      // Without a word of planes, the old ones went on.
      if (input.planesFrom === undefined) continue;
      // Null is for new planes that found nothing to hear.
      planes.push({ since: record.seq, hearFrom: input.planesFrom ?? record.seq, config });
    }
    this.eras = eras;
    this.planes = planes.map((each, index) => {
      return { ...each, until: planes[index + 1]?.since ?? Number.POSITIVE_INFINITY };
    });
  }

  /** The configuration under which a record was made. */
  at(seq: number): DeskConfig {
    return (this.eras.findLast(({ since }) => since < seq) ?? (this.eras[0] as ConfigurationEra))
      .config;
  }

  /** The planes that judged a record. */
  planesAt(seq: number): PlanesEra {
    return this.planes.findLast(({ since }) => since < seq) ?? (this.planes[0] as PlanesEra);
  }
}

function withParts(config: DeskConfig, { strategy, stop, risk }: Reloaded, what: string) {
  const parts = { "strategy.votes": strategy?.votes, stop, risk };
  for (const [name, part] of Object.entries(parts)) {
    if (typeof part === "object" && part !== null) continue;
    throw new RangeError(`Cannot read ${what}: it has no "${name}", it is of another version`);
  }
  return { ...config, strategy, stop, risk };
}
