import type { z } from "zod";
import type { logLine, logRoutes } from "../api/logs.ts";
import type { Handlers } from "../api/route.ts";
import type { PanelOptions } from "../server/ports.ts";

type Line = z.input<typeof logLine>;

const ranks: readonly Line["level"][] = ["debug", "info", "warn", "error"];

/** What the log said last, as far as it is kept at hand. */
export function logViews({ log }: Pick<PanelOptions, "log">): Handlers<typeof logRoutes> {
  const tail = log.keepTail();
  return {
    "GET /api/v1/logs": ({ query: { level, actor = "", text = "", before, limit } }) => {
      const least = ranks.indexOf(level);
      const wanted = text.toLowerCase();
      const lines: Line[] = [];
      let more = false;
      for (const line of tail.newestFirst(before)) {
        if (ranks.indexOf(line.level) < least) continue;
        if (!(line.actor ?? "").includes(actor)) continue;
        if (!`${line.event} ${line.message}`.toLowerCase().includes(wanted)) continue;
        if (lines.length === limit) {
          more = true;
          break;
        }
        lines.push(line);
      }
      return { lines, more, level: log.level, lost: log.lost };
    },
  };
}
