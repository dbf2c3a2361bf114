import type { Desk } from "../../actors/desk/mod.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import { money } from "./report.ts";

/** Lines a second at the most: whoever runs a market at full speed wants the report, not these. */
const linesPerSecond = 5;

/**
 * Tells on the terminal what the desk decides to do, and each minute of the market in which it
 * does nothing, a line that says so.
 */
export class EventLines {
  private readonly startedAt = performance.now();
  private lines = 0;
  private lastAt = 0;

  constructor(
    private readonly say: (text: string) => void,
    private readonly quote: string,
  ) {}

  /** After each bar. */
  bar(desk: Desk, decision: Decision): void {
    const now = performance.now();
    const allowed = ((now - this.startedAt) / 1000 + 1) * linesPerSecond;
    if (this.lines >= allowed) return;
    const time = new Date(decision.at).toISOString().slice(0, 16).replace("T", " ");
    if (decision.outcome === "trade") {
      this.lines += 1;
      this.lastAt = now;
      const verb = decision.code === "exit" ? "leave" : "enter";
      this.say(`  ${time}  ${decision.symbol.padEnd(9)} ${verb}`);
    } else if (now - this.lastAt >= quietMs) {
      this.lines += 1;
      this.lastAt = now;
      const { candles, trades } = desk.counts;
      const equity = money(desk.equity.equity, this.quote);
      const why = decision.code === "warmingUp" ? "warming up" : "watching";
      this.say(`  ${time}  ${why}: ${candles} candles, ${trades} trades, equity ${equity}`);
    }
  }
}

/** Silence after which a line says that all is well, milliseconds. */
const quietMs = 3_000;
