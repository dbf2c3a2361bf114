import { effect, signal } from "@preact/signals";
import { now, onEntries, strip } from "../live.ts";

/** The desk's time as last heard, and when by this browser's clock. */
const heard = signal({ at: 0, by: 0 });

/** A desk that is this near to the browser's clock runs by a real one, which goes on in between. */
const nearMs = 60_000;

/** The desk's time: virtual in a run from files or of generated prices. 0 before it is known. */
export function deskNow(): number {
  const { at, by } = heard.value;
  return at !== 0 && Math.abs(at - by) < nearMs ? at + Math.max(0, now.value - by) : at;
}

function hear(at: number): void {
  if (at > heard.peek().at) heard.value = { at, by: Date.now() };
}

effect(() => hear(strip.value?.at ?? 0));
onEntries((entries) => hear(entries.at(-1)?.at ?? 0));
