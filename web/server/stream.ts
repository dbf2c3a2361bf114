import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { StreamHello } from "../api/stream.ts";
import type { PanelLedger, PanelOptions } from "./ports.ts";
import { type Place, StreamHub } from "./stream-hub.ts";

/**
 * The journal as it grows, from the client's last sequence on, with the status strip and a heartbeat.
 * A client that reads slowly is waited for, and told what it then missed.
 */
export function entryStream(options: PanelOptions) {
  const hub = new StreamHub(options);
  const run = runOf(options);
  return (context: Context) => {
    const asked = askedAfter(context);
    return streamSSE(context, async (stream) => {
      const leave = hub.join((ms) => stream.sleep(ms));
      let isOpen = true;
      stream.onAbort(() => {
        isOpen = false;
        leave();
      });
      const committed = hub.committed();
      // A sequence from beyond the end is another journal's.
      const place: Place = { seq: Math.min(asked ?? committed, committed), strip: 0, beat: 0 };
      const hello: StreamHello = { run: run(), seq: place.seq, version: options.version };
      const id = () => String(place.seq);
      try {
        await stream.writeSSE({
          event: "hello",
          data: JSON.stringify(hello),
          id: id(),
          retry: 1_000,
        });
        while (isOpen) {
          const looked = hub.looked();
          for (let told = hub.next(place); told && isOpen; told = hub.next(place)) {
            await stream.writeSSE({ event: told.event, data: told.data, id: String(told.seq) });
          }
          isOpen &&= await looked;
        }
      } finally {
        leave();
      }
    });
  };
}

/** After which sequence the client wants to go on; null for from now. */
function askedAfter({ req }: Context): number | null {
  const text = req.header("Last-Event-ID") ?? req.query("after") ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** A name of the ledger: of what was noted when it was made, and of its first record. */
function runOf({ ledger }: PanelOptions): () => string {
  let known: string | null = null;
  return () => {
    if (known !== null) return known;
    const first = firstHash(ledger);
    const made = Bun.hash(JSON.stringify([...ledger.meta()])).toString(36);
    if (first !== null) known = `${made}-${first.slice(0, 16)}`;
    return known ?? made;
  };
}

function firstHash(ledger: PanelLedger): string | null {
  const here = ledger.journal.record(1);
  if (here) return here.hash;
  try {
    for (const { hash } of ledger.history()) return hash;
  } catch (error) {
    console.error(`web: Cannot read the first record: ${(error as Error).message}`);
  }
  return null;
}
