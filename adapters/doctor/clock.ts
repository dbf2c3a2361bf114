/** Is this machine's clock right, and has it ever gone back? */
import { systemClock } from "../clock/system-clock.ts";
import { textRedaction } from "../log/redact-text.ts";
import { type Finding, found } from "./finding.ts";

/** Venues refuse what is signed a few seconds off; candles of a wrong second are wrong candles. */
const offsetMaxMs = 500;
const offsetCriticalMs = 5_000;

const timeoutMs = 5_000;

/** What a source gives is true to this, if it gives whole seconds. */
const halfSecondMs = 500;

/**
 * Compares the clock with that of a server: the field `unixtime` (seconds) of its JSON, else the
 * header `Date`, either half a second after the second that it names.
 */
export async function checkClock(address: string | null): Promise<Finding> {
  if (address === null) {
    const cure = "novactor doctor --time-source URL of a server that you trust";
    return found("clock", "note", "The clock was not compared with another", cure);
  }
  const source = textRedaction([])(address);
  const cure = `See that "${source}" can be reached and gives a Date header or {"unixtime": …}`;
  try {
    const asked = performance.now();
    const before = systemClock.now();
    const reply = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) });
    const roundTripMs = performance.now() - asked;
    const told = await timeOf(reply);
    if (told === null) {
      const text = `"${source}" answered with status ${reply.status} and no time`;
      return found("clock", "warning", text, cure);
    }
    const offsetMs = before + roundTripMs / 2 - told.at;
    return offsetFinding(source, offsetMs, roundTripMs / 2 + told.uncertaintyMs);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return found("clock", "warning", `Cannot ask "${source}" for the time: ${reason}`, cure);
  }
}

function offsetFinding(source: string, offsetMs: number, uncertaintyMs: number): Finding {
  const [size, slack] = [Math.abs(offsetMs), Math.round(uncertaintyMs)];
  const text =
    `The clock is ${Math.round(size)} ms (give or take ${slack} ms) ` +
    `${offsetMs < 0 ? "behind" : "ahead of"} "${source}"`;
  const surely = size - uncertaintyMs;
  if (surely <= offsetMaxMs) return found("clock", "ok", text);
  const cure = "Let NTP set it (timedatectl set-ntp true, or chrony) before the desk is started";
  return found("clock", surely > offsetCriticalMs ? "critical" : "warning", text, cure);
}

async function timeOf(reply: Response): Promise<{ at: number; uncertaintyMs: number } | null> {
  const text = await reply.text();
  if (!reply.ok) return null;
  const seconds = unixTimeIn(text);
  if (seconds !== null && !Number.isInteger(seconds)) {
    return { at: seconds * 1000, uncertaintyMs: 0 };
  }
  const whole = seconds === null ? Date.parse(reply.headers.get("date") ?? "") : seconds * 1000;
  return Number.isNaN(whole) ? null : { at: whole + halfSecondMs, uncertaintyMs: halfSecondMs };
}

function unixTimeIn(text: string): number | null {
  try {
    const { unixtime } = JSON.parse(text) as { unixtime?: unknown };
    return typeof unixtime === "number" && unixtime > 0 ? unixtime : null;
  } catch {
    // Not JSON, or not an object: the header may still tell.
    return null;
  }
}

/** A time that was written down by this machine's clock, Unix milliseconds. */
export interface WrittenTime {
  readonly what: string;
  readonly at: number;
}

/** File systems round. */
const backMaxMs = 2_000;
const backCriticalMs = 5 * 60_000;

/** Whether the clock is behind what it said when the ledger was last written. */
export function checkClockHistory(times: readonly WrittenTime[], now: number): Finding {
  const [last] = [...times].sort((a, b) => b.at - a.at);
  if (!last) return found("clockHistory", "ok", "Nothing was written yet that could be later");
  const backMs = last.at - now;
  if (backMs <= backMaxMs) {
    return found("clockHistory", "ok", `The clock is past ${last.what}`);
  }
  const text =
    `The clock went back: ${last.what} is of ${isoTime(last.at)}, ` +
    `${(backMs / 1000).toFixed(0)} s after now, ${isoTime(now)}`;
  const cure =
    "Set the clock right; if it is right now, it was wrong then: a lease of that time holds until then";
  return found("clockHistory", backMs > backCriticalMs ? "critical" : "warning", text, cure);
}

const isoTime = (at: number): string => new Date(at).toISOString();
