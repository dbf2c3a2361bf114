import { describe, expect, test } from "bun:test";
import { MergedTimeline, placeOf } from "./merged-timeline.ts";
import type { MarketNews, MarketTimeline } from "./timeline.ts";

/** A market whose steps are put in by hand; each step tells its venue's name and its number. */
class ByHand implements MarketTimeline<string> {
  waits = 0;
  readonly seen: string[] = [];
  isClosed = false;
  private at: number[] = [];
  private wake: () => void = () => {};

  put(...times: number[]): void {
    this.at.push(...times);
    this.wake();
  }

  ready(): Promise<void> | null {
    if (this.at.length > 0) return null;
    this.waits += 1;
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  nextAt(): number | null {
    return this.at[0] ?? null;
  }

  step(venue: string): MarketNews | null {
    const ticks = this.at.shift() ?? 0;
    this.seen.push(`${venue} ${ticks}`);
    return { type: "price", symbol: "BTC/USD", ticks };
  }

  changes() {
    return [{ key: "live", value: this.seen.length }];
  }

  close(): void {
    this.isClosed = true;
  }
}

function twoMarkets() {
  const [first, second] = [new ByHand(), new ByHand()];
  const merged = new MergedTimeline<string, { of(market: string | undefined): string }>([
    { timeline: first },
    { market: "coinbase", timeline: second },
  ]);
  const venues = { of: (market: string | undefined) => market ?? "main" };
  const step = () => {
    expect(merged.ready()).toBe(null);
    return merged.step(venues);
  };
  return { first, second, merged, step };
}

describe("MergedTimeline", () => {
  test("takes turns between markets that have steps, and names all but the first", () => {
    const { first, second, step } = twoMarkets();
    first.put(1, 2);
    second.put(10, 20);
    const news = [step(), step(), step(), step()];
    expect(news.map((each) => each && { ...each, type: undefined })).toMatchObject([
      { ticks: 1 },
      { ticks: 10, market: "coinbase" },
      { ticks: 2 },
      { ticks: 20, market: "coinbase" },
    ]);
    expect(news[0]).not.toHaveProperty("market");
    expect([first.seen, second.seen]).toEqual([
      ["main 1", "main 2"],
      ["coinbase 10", "coinbase 20"],
    ]);
  });

  test("is ready while any market is, and begins no wait twice", () => {
    const { first, second, step } = twoMarkets();
    second.put(1, 2, 3);
    for (let count = 0; count < 3; count += 1) step();
    expect([first.waits, second.waits]).toEqual([1, 0]);
  });

  test("waits for whichever comes first, and goes on with it", async () => {
    const { first, second, merged, step } = twoMarkets();
    const wait = merged.ready();
    expect(wait).toBeInstanceOf(Promise);
    second.put(7);
    await wait;
    expect(step()).toMatchObject({ ticks: 7, market: "coinbase" });
    const again = merged.ready();
    first.put(8);
    await again;
    expect(step()).toMatchObject({ ticks: 8 });
    expect([first.waits, second.waits]).toEqual([1, 2]);
  });

  test("keeps each market's place apart, and closes them all", async () => {
    const { first, second, merged, step } = twoMarkets();
    second.put(7);
    step();
    const kept = new Map(merged.changes().map(({ key, value }) => [key, value] as const));
    expect([...kept]).toEqual([
      ["live", 0],
      ["coinbase/live", 1],
    ]);
    expect([...placeOf(kept, "coinbase")]).toEqual([["live", 1]]);
    await merged.close();
    expect([first.isClosed, second.isClosed]).toEqual([true, true]);
  });
});
