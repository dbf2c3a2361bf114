/** Who may write the ledger, and does that process still live? */
import type { LeaseHolder } from "../store/lease-row.ts";
import { isProvablyDead, type ProcessIdentity } from "../store/process-identity.ts";
import { type Finding, found } from "./finding.ts";

/** A finding about the lease; `now` is of the wall clock, Unix milliseconds. */
export function leaseFinding(
  holder: LeaseHolder | null,
  self: ProcessIdentity,
  now: number,
): Finding {
  if (!holder) return found("lease", "ok", "The lease is free: nobody ever held it");
  const { pid, host, renewedAt, expiresAt, releasedAt } = holder;
  const who = `process ${pid} on host "${host}"`;
  if (releasedAt !== null) {
    const text = `The lease is free: ${who} gave it back at ${isoTime(releasedAt)}`;
    return found("lease", "ok", text);
  }
  const age = `last renewed ${Math.round((now - renewedAt) / 1000)} s ago`;
  if (isProvablyDead(holder, self)) {
    const text = `The lease is stale: ${who} ended without giving it back, ${age}`;
    const cure = "Nothing to do: the next start takes it over at once; see in its log why it ended";
    return found("lease", "note", text, cure);
  }
  if (now >= expiresAt) {
    const text = `The lease ran out: ${who} does not renew it, ${age}`;
    const cure = `See whether that process hangs or its host is down; a start takes over from it`;
    return found("lease", "warning", text, cure);
  }
  return found("lease", "ok", `The lease is held by ${who}, ${age}`);
}

const isoTime = (at: number): string => new Date(at).toISOString();
