/** Brings what is committed to the log: after the commit, and never in its way. */
import type {
  CommitBatch,
  JournalRecord,
  RuntimeStore,
  Stored,
} from "../../actors/runtime/ports.ts";
import type { Log } from "./log.ts";
import { type DeskView, deskAfter, logLines, turnLine, turnOf } from "./turn-lines.ts";

/** Told of what a store gave at the start, and of each batch once it is durable. */
export interface CommitListener {
  loaded(stored: Stored): void;
  committed(batch: CommitBatch): void;
}

/** The store as the actor system sees it, with someone who listens. */
export function tellingStore(store: RuntimeStore, listener: CommitListener): RuntimeStore {
  return {
    load() {
      const stored = store.load();
      listener.loaded(stored);
      return stored;
    },
    commit(batch) {
      store.commit(batch);
      listener.committed(batch);
    },
    archivedActor: (name) => store.archivedActor(name),
    stateOf: (space) => store.stateOf(space),
    recordsAfter: (kinds, seq) => store.recordsAfter(kinds, seq),
  };
}

/** Writes the lines of committed turns. Follows every turn, whatever the level is at the time. */
export class TurnLog implements CommitListener {
  private view: DeskView = { brakes: [], alarms: 0, lastAlarm: null };

  constructor(private readonly log: Log) {}

  /** Goes on from what the root actor knew, so that only what changes is told. */
  loaded({ actors }: Stored): void {
    const desk = actors.find(({ name }) => name === "desk");
    const { context } = (desk?.snapshot ?? {}) as { readonly context?: DeskView };
    if (context) this.view = context;
  }

  /** Never throws: a record that the log cannot read is for `journal verify` to find. */
  committed({ records }: CommitBatch): void {
    const isDetailed = this.log.isOn("debug");
    for (const record of records) {
      if (isDetailed) this.log.write(turnLine(record));
      try {
        this.follow(record);
      } catch (error) {
        const message = `Cannot tell of record ${record.seq}`;
        this.log.write({ level: "error", event: "log.failed", message, details: { error } });
      }
    }
  }

  private follow(record: JournalRecord): void {
    const turn = turnOf(record);
    if (!turn) return;
    for (const line of logLines(turn, this.view)) this.log.write(line);
    this.view = deskAfter(turn, this.view);
  }
}
