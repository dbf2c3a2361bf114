import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { StreamEntry } from "../api/stream.ts";
import type { JournalRow, PanelOptions } from "./ports.ts";

const everyMs = 250;
const entriesMost = 2_000;

/** The journal from the client's last sequence on, as it grows, with a heartbeat. */
export function entryStream({ desk, ledger }: PanelOptions) {
  return (context: Context) =>
    streamSSE(context, async (stream) => {
      const asked = Number(context.req.header("Last-Event-ID") ?? Number.NaN);
      let seq = Number.isSafeInteger(asked) ? asked : desk.status().journalHead.seq;
      let isOpen = true;
      stream.onAbort(() => {
        isOpen = false;
      });
      while (isOpen) {
        const entries: StreamEntry[] = [];
        for (const row of ledger.journal.range(seq + 1, seq + entriesMost)) {
          entries.push(entryOf(row));
        }
        seq = entries.at(-1)?.seq ?? seq;
        await stream.writeSSE({ event: "entries", data: JSON.stringify(entries), id: String(seq) });
        await stream.sleep(everyMs);
      }
    });
}

function entryOf({ content, hash: _, ...row }: JournalRow): StreamEntry {
  const { transitions = [] } = JSON.parse(content) as {
    readonly transitions?: readonly { readonly actor: string }[];
  };
  return { ...row, actors: [...new Set(transitions.map(({ actor }) => actor))] };
}
