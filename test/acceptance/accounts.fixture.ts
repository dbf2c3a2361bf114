/** A desk with several accounts, asked and moved from outside. */
import type { DeskStatus } from "../../actors/desk/mod.ts";
import { askDesk } from "../../adapters/cli/control.ts";
import type { Rehearsal } from "../../adapters/venues/rehearsal/mod.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { DeskProcess } from "../kill/desk-process.ts";
import { lastClose, symbol } from "./nervous.fixture.ts";

export const socket = (url: string, path: string): string => url.replace("http", "ws") + path;

/** Accounts beside the first, as the configuration file has them. */
export function besideText(lines: readonly Readonly<Record<string, string>>[]): string {
  const limits = { riskShare: "0.01", maxShare: "0.2", positionCap: "2", dailyLossShare: "0.05" };
  const items = lines.map((line) =>
    Object.entries({ symbols: `[${symbol}]`, ...line, ...limits })
      .map(([key, value], index) => `${index === 0 ? "  - " : "    "}${key}: ${value}`)
      .join("\n"),
  );
  return `accounts:\n${items.join("\n")}\n`;
}

export async function statusOf(file: string): Promise<DeskStatus | null> {
  try {
    return (await askDesk(file, "/status")) as DeskStatus;
  } catch {
    return null;
  }
}

/** Moves the price of each market up a little, again and again, until something holds. */
export class Markets {
  private ticks = lastClose;
  private movedAt = 0;

  constructor(private readonly venues: readonly Rehearsal[]) {}

  until(desk: DeskProcess, file: string, holds: (status: DeskStatus) => boolean): Promise<boolean> {
    return desk.until(async () => {
      await Bun.sleep(60);
      if (performance.now() - this.movedAt > 700) this.move();
      const status = await statusOf(file);
      return status !== null && holds(status);
    });
  }

  private move(): void {
    this.movedAt = performance.now();
    this.ticks += 200;
    for (const { control } of this.venues) {
      control.feedPoint(symbol, decimal((this.ticks / 10).toFixed(1)));
    }
  }
}

export const accounts = ["kraken:main", "coinbase:main"] as const;

export const isHeldOn = (status: DeskStatus, account: string): boolean =>
  status.positions.some(
    ({ positionId, state }) => positionId.startsWith(`${account}/`) && state === "open",
  );
