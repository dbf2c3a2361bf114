import type { z } from "zod";
import type { AccountWatched, DeskStatus } from "../../actors/desk/mod.ts";
import type { stripView } from "../api/desk.ts";
import type { PanelOptions } from "../server/ports.ts";

export type StripView = z.input<typeof stripView>;

/** The status strip, of what is committed. */
export function stripOf({ desk, market, uptimeMs, version, clock }: PanelOptions): StripView {
  const { mode, state, brakes, at, quote, equity, positions, watch, ...rest } = desk.status();
  const { exposure, exposureCap, day, accounts } = watch;
  const nearest = accounts.reduce((one, other) => (used(other) > used(one) ? other : one));
  return {
    ...{ mode, market, state, brakes: [...brakes], at, quote, equity, version },
    ...{ exposure, exposureCap },
    day: {
      ...day,
      lossShare: nearest.dayLossShare,
      lossLimit: nearest.dayLossLimit,
      account: nearest.account,
    },
    links: rest.accounts.map((account) => linkOf(account, accounts, at)),
    clock: clock?.() ?? null,
    openPositions: positions.length,
    journalSeq: rest.journalHead.seq,
    alarms: rest.alarms,
    lastAlarm: rest.lastAlarm,
    uptimeMs: Math.round(uptimeMs()),
  };
}

/** How much of its daily loss limit an account has used. */
const used = ({ dayLossShare, dayLossLimit }: AccountWatched): number =>
  dayLossShare / dayLossLimit;

function linkOf(
  { account, state, unreadable }: DeskStatus["accounts"][number],
  watched: readonly AccountWatched[],
  now: number,
): StripView["links"][number] {
  const { symbols = [], streamCut } = watched.find((each) => each.account === account) ?? {};
  const stale = symbols.find((each) => each.stale !== null);
  const heard = symbols.flatMap(({ symbol, lastClosedAt }) =>
    lastClosedAt === null ? [] : [{ symbol, lastClosedAt }],
  );
  const oldest = heard.toSorted((one, other) => one.lastClosedAt - other.lastClosedAt)[0];
  return {
    ...{ account, state },
    fault:
      (unreadable && `not read ${unreadable.times} times: ${unreadable.cause}`) ??
      streamCut ??
      (stale ? `${stale.symbol}: ${stale.stale}` : null),
    dataAgeMs: oldest ? Math.max(0, now - oldest.lastClosedAt) : null,
    dataAgeOf: oldest?.symbol ?? null,
  };
}
