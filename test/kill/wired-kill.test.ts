/**
 * Desks killed at every crash point of an order's life, at both venues behind sockets: after each
 * restart one truth on both sides, and the venue's own record is what is compared.
 */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import type { RehearsalVenueName } from "../../adapters/venues/rehearsal/mod.ts";
import { crashPoints } from "../../machines/domain/crash-point.ts";
import { WorkFolder } from "./harness.ts";
import { type Death, type WiredOutcome, type WiredPlot, wiredStory } from "./wired-story.ts";

setDefaultTimeout(600_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

/** A raise is an amend where the venue has one, else a cancel and a new stop. */
const raise = { kraken: "amend", coinbase: "cancel" } as const;

interface Tale {
  readonly name: string;
  readonly diesRaising: boolean;
  readonly deaths: (venue: RehearsalVenueName) => readonly Death[];
}

const tales: readonly Tale[] = [
  {
    name: "on its way in, and while that is looked up",
    diesRaising: false,
    deaths: () => [
      ...(["submit.beforeSend:1", "lookUp.beforeSend:1", "submit.afterSend:1"] as const),
      ...(["lookUp.afterSend:1", "lookUp.afterReply:1"] as const),
    ],
  },
  {
    name: "while its stop is placed and raised",
    diesRaising: true,
    deaths: (venue) => [
      ...(["submit.afterReply:1", "submit.beforeSend:1", "submit.afterSend:1"] as const),
      `${raise[venue]}.beforeSend:1`,
      `${raise[venue]}.afterSend:1`,
      `${raise[venue]}.afterReply:1`,
    ],
  },
  {
    name: "around its commits, and while its stop is taken away",
    diesRaising: false,
    deaths: () => [
      ...(["commit.before:5", "submit.afterReply:2", "commit.inside:3", "commit.after:4"] as const),
      ...(["cancel.beforeSend:1", "cancel.afterSend:1", "cancel.afterReply:1"] as const),
    ],
  },
  {
    name: "on its way out, and while it is put away",
    diesRaising: false,
    deaths: () => [
      ...(["submit.beforeSend:3", "submit.afterSend:1"] as const),
      ...(["archive.before:1", "archive.after:1"] as const),
    ],
  },
  {
    name: "sold, before that was known",
    diesRaising: false,
    deaths: () => ["submit.afterReply:3"],
  },
];

const plots = (["kraken", "coinbase"] as const).flatMap((venue) =>
  tales.map(({ name, diesRaising, deaths }): [string, WiredPlot] => [
    `${venue}, killed ${name}`,
    { venue, diesRaising, deaths: deaths(venue) },
  ]),
);

/** Stories mostly wait: so many are told at once, each test waits for its own. */
const atOnce = 3;
let free = atOnce;
const waiting: (() => void)[] = [];

async function told(plot: WiredPlot, file: string): Promise<WiredOutcome> {
  if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
  else free -= 1;
  try {
    return await wiredStory(plot, file);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }
}

let begun: readonly Promise<WiredOutcome>[] = [];

/** The first one asked for begins them all. */
function outcomeOf(index: number): Promise<WiredOutcome> | undefined {
  if (begun.length === 0) {
    begun = plots.map(([, plot], number) => told(plot, folder.file(`${number}.db`)));
    // Whoever waits for it hears of it.
    for (const outcome of begun) outcome.catch(() => {});
  }
  return begun[index];
}

test.each(plots.map(([name, { deaths }], index) => [name, deaths, index] as const))(
  "%s: the next desk goes on, and its books are the venue's",
  async (_, deaths, index) => {
    const outcome = await outcomeOf(index);
    expect(outcome).toMatchObject({ broken: [], oversold: [], complaints: "" });
    expect(outcome).toMatchObject({ isFlat: true, base: "1", orders: { live: 0 } });
    expect(outcome?.lives).toEqual([...deaths.map(() => "killed" as const), "ended"]);
  },
);

test("each crash point is met at each venue, but for amends where there are none", () => {
  for (const venue of ["kraken", "coinbase"] as const) {
    const met = new Set(
      tales.flatMap(({ deaths }) => deaths(venue).map((death) => death.split(":")[0])),
    );
    const left = crashPoints.filter((point) => !met.has(point));
    const amends = ["amend.beforeSend", "amend.afterSend", "amend.afterReply"] as const;
    expect(left).toEqual(venue === "kraken" ? [] : [...amends]);
  }
});
