import type { Log } from "../log/mod.ts";
import type { LiveNotice } from "../simulation/live-timeline.ts";

/**
 * Tells the operator what is amiss with a live market, and that it is well again.
 *
 * @param venue whose market it is, as people call it
 */
export function liveNotices(
  venue: string,
  say: (text: string) => void,
  log: Log,
): (notice: LiveNotice) => void {
  const stale = new Set<string>();
  return (notice) => {
    if (notice.type === "health") {
      const channel = `${notice.symbol} ${notice.channel}`;
      // What was never stale begins fresh, which is no news.
      if (notice.isFresh && !stale.delete(channel)) return;
      if (!notice.isFresh) stale.add(channel);
    }
    const { text: words, isAmiss } = wordsOf(notice);
    if (words === null) return;
    const text = `${venue} ${words}`;
    say(text);
    const level = isAmiss ? "warn" : "info";
    log.write({ level, event: `market.${notice.type}`, message: text, actor: "feed" });
  };
}

function wordsOf(notice: LiveNotice): { readonly text: string | null; readonly isAmiss: boolean } {
  switch (notice.type) {
    case "connection": {
      const { state, cause } = notice.status;
      // Said when it comes to something: each try would be a line.
      if (state === "connecting") return { text: null, isAmiss: false };
      const isAmiss = state !== "live";
      return { text: `market data ${state}${cause === null ? "" : `: ${cause}`}`, isAmiss };
    }
    case "health": {
      const { symbol, channel, isFresh } = notice;
      return {
        text: `${symbol} ${channel} ${isFresh ? "fresh again" : "stale"}`,
        isAmiss: !isFresh,
      };
    }
    case "trouble": {
      const { kind, symbol, text } = notice;
      return {
        text: `market data, ${kind}${symbol ? ` of ${symbol}` : ""}: ${text}`,
        isAmiss: true,
      };
    }
  }
}
