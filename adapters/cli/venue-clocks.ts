import type { Reply } from "../../actors/order/ports.ts";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import { clockOffset } from "../preflight/mod.ts";

interface AskedVenue {
  readonly at: VenueAccount;
  serverTime(): Promise<Reply<number>>;
}

/** A venue is asked again once its last answer is so old, milliseconds. */
const staleMs = 300_000;

interface Known {
  askedAt: number;
  isAsking: boolean;
  text: string;
}

/**
 * How far this machine's clock lies off those of the venues that orders go to. A venue is asked
 * while somebody looks, and no more often than every five minutes.
 */
export class VenueClocks {
  private readonly known = new Map<string, Known>();
  private readonly venues: readonly AskedVenue[];

  /** @param now this machine's clock, Unix milliseconds */
  constructor(
    venues: readonly AskedVenue[],
    private readonly now: () => number,
  ) {
    // Accounts of one venue have its clock in common.
    const names = venues.map(({ at }) => at.venue);
    this.venues = venues.filter(({ at }, index) => names.indexOf(at.venue) === index);
  }

  /** In words; null where orders go to no venue. */
  words(): string | null {
    if (this.venues.length === 0) return null;
    return this.venues.map((venue) => this.wordsOf(venue)).join("; ");
  }

  private wordsOf(venue: AskedVenue): string {
    const name = venue.at.venue;
    const known = this.known.get(name) ?? {
      ...{ askedAt: Number.NEGATIVE_INFINITY, isAsking: false },
      text: `${name} was not asked yet`,
    };
    this.known.set(name, known);
    if (!known.isAsking && this.now() - known.askedAt > staleMs) void this.ask(venue, known);
    return known.text;
  }

  private async ask(venue: AskedVenue, known: Known): Promise<void> {
    known.isAsking = true;
    const askedAt = this.now();
    try {
      const reply = await venue.serverTime();
      known.text = textOf(venue.at.venue, reply, askedAt, this.now());
    } catch (error) {
      known.text = `${venue.at.venue} could not be asked: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      known.askedAt = this.now();
      known.isAsking = false;
    }
  }
}

function textOf(name: string, reply: Reply<number>, askedAt: number, answeredAt: number): string {
  if (reply.type !== "confirmed") return `${name} did not tell its time`;
  const { offset, slack } = clockOffset({ askedAt, answeredAt, told: reply.value });
  const way = offset < 0 ? "behind" : "ahead of";
  return `${Math.round(Math.abs(offset))} ms ${way} ${name}, give or take ${Math.round(slack)} ms`;
}
