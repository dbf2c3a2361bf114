import type { Configuration } from "../../config/schema.ts";
import { webApp } from "../../web/server/app.ts";
import type { PanelDoors } from "../../web/server/doors.ts";
import type { PanelOptions } from "../../web/server/ports.ts";
import type { Log } from "../log/mod.ts";
import { PanelStore, panelFileOf } from "../store/panel-store.ts";
import type { LedgerReader } from "../store/reader.ts";
import { PanelAddress, type ServedPanel, servePanel } from "./panel.ts";
import { firstKey, panelDoors } from "./panel-doors.ts";
import type { Pulse } from "./pulse.ts";
import { ActionRecord, type ShellRecord } from "./shell-record.ts";

interface PanelOf {
  readonly options: {
    /** The ledger. */
    readonly db: string;
    /** The port asked for; null for the configuration's. */
    readonly port: number | null;
    /** Whether nothing is printed but a report: a first key could not be shown. */
    readonly json: boolean;
  };
  /** Whether there is to be a panel only if a port was asked for. */
  readonly isBatch: boolean;
  readonly server: Configuration["server"];
  readonly shown: PanelOptions;
  readonly reload: PanelDoors["reload"];
  readonly log: Log;
  readonly pulse: Pulse;
  readonly reader: LedgerReader;
}

/** The panel of a run, if it has one, and the record of actions that it always has. */
export interface OpenedPanel {
  readonly port: number | null;
  /** For the banner: its address, with the first key if there is one; or why there is none. */
  readonly words: string | null;
  readonly note: ShellRecord;
  stop(): Promise<void>;
}

/**
 * Serves the panel where one is wanted. Without the panel's file there is none, and the desk runs
 * on: the shell has all of its commands.
 *
 * @throws {CommandError} where the port or the files of TLS cannot be had
 */
export async function openPanel(of: PanelOf): Promise<OpenedPanel> {
  const { options, isBatch, log } = of;
  const { db: ledgerFile, json: isSilent } = options;
  if (isBatch && options.port === null) return without(ledgerFile, log, null);
  let store: PanelStore;
  try {
    store = new PanelStore(panelFileOf(ledgerFile));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `There is no panel: ${reason}`;
    log.write({ level: "error", event: "panel.file", message, details: { error } });
    return without(ledgerFile, log, `none: ${reason}`);
  }
  try {
    const key = isSilent ? null : await firstKey(store);
    const panel = served(of, store);
    const record = new ActionRecord(ledgerFile, log, store);
    if (key !== null) {
      const text = "the desk's first start created it";
      record.note({ who: "novactor", what: "key.create", target: "admin", outcome: "done", text });
    }
    return {
      port: panel.port,
      words: key === null ? panel.origin : `${panel.origin}/#key=${key}`,
      note: record.note,
      async stop() {
        await panel.stop();
        record[Symbol.dispose]();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

function served(of: PanelOf, store: PanelStore): ServedPanel {
  const { server, shown, options } = of;
  const address = new PanelAddress(server);
  const doors = panelDoors({ ...of, store, address, idleMs: server.idle });
  return servePanel(options.port, server, address, webApp(shown, doors));
}

function without(ledgerFile: string, log: Log, words: string | null): OpenedPanel {
  const record = new ActionRecord(ledgerFile, log);
  return { port: null, words, note: record.note, stop: async () => record[Symbol.dispose]() };
}
