import type { MarketNews, MarketTimeline } from "./timeline.ts";

/** One of several markets; the run's first one has no name. */
export interface NamedTimeline<Venue> {
  readonly market?: string;
  readonly timeline: MarketTimeline<Venue>;
}

/** Whoever gives each market the venues that it moves. */
export interface VenuesByMarket<Venue> {
  of(market: string | undefined): Venue;
}

/**
 * Several live markets as one sequence of steps: whichever has a step at hand is next, in turns
 * where several have. What is news says of which market it is.
 */
export class MergedTimeline<Venue, Venues extends VenuesByMarket<Venue>>
  implements MarketTimeline<Venues>
{
  /** Waits that are under way, so that none is begun twice. */
  private readonly waits: (Promise<void> | null)[];
  private next = 0;

  constructor(private readonly markets: readonly NamedTimeline<Venue>[]) {
    if (markets.length === 0) throw new RangeError("Cannot merge no market at all");
    this.waits = markets.map(() => null);
  }

  ready(): Promise<void> | null {
    const { markets, waits } = this;
    for (let offset = 0; offset < markets.length; offset += 1) {
      const index = (this.next + offset) % markets.length;
      if (waits[index] != null) continue;
      const wait = markets[index]?.timeline.ready() ?? null;
      if (wait === null) {
        this.next = index;
        return null;
      }
      waits[index] = wait.finally(() => {
        waits[index] = null;
      });
    }
    return Promise.race(waits.filter((each) => each !== null));
  }

  nextAt(): number | null {
    return this.chosen.timeline.nextAt();
  }

  step(venues: Venues): MarketNews | null {
    const { market, timeline } = this.chosen;
    this.next = (this.next + 1) % this.markets.length;
    const news = timeline.step(venues.of(market));
    return news && market !== undefined ? { ...news, market } : news;
  }

  changes(): readonly { readonly key: string; readonly value: unknown }[] {
    return this.markets.flatMap(({ market, timeline }) =>
      timeline.changes().map(({ key, value }) => ({ key: placeKeyOf(market, key), value })),
    );
  }

  async close(): Promise<void> {
    for (const { timeline } of this.markets) await timeline.close?.();
  }

  private get chosen(): NamedTimeline<Venue> {
    return this.markets[this.next] as NamedTimeline<Venue>;
  }
}

const placeKeyOf = (market: string | undefined, key: string): string =>
  market === undefined ? key : `${market}/${key}`;

/** What a market's own timeline kept of its place among that of all. */
export function placeOf(
  stored: ReadonlyMap<string, unknown>,
  market: string,
): ReadonlyMap<string, unknown> {
  const prefix = placeKeyOf(market, "");
  return new Map(
    [...stored]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}
