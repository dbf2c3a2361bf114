import type { Desk } from "../../actors/desk/mod.ts";

interface Shown {
  readonly desk: Desk;
  /** The banner's words for the prices: never left out. */
  readonly market: string;
  /** How long this process runs, milliseconds. */
  readonly uptimeMs: () => number;
  readonly version: string;
}

/** What `novactor status` is told. */
export function statusBody({ desk, market, uptimeMs, version }: Shown) {
  const status = desk.status();
  return {
    ...status,
    market,
    version,
    uptimeMs: Math.round(uptimeMs()),
    journalHead: status.journalHead.hash,
    journalSeq: status.journalHead.seq,
  };
}
