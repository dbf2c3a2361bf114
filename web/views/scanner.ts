import { codeWords, type LaneView } from "../../actors/desk/mod.ts";
import type { DecisionCode } from "../../machines/domain/decision.ts";
import type { Handlers, ReplyOf } from "../api/route.ts";
import type { scannerRoutes } from "../api/scanner.ts";
import type { PanelOptions } from "../server/ports.ts";
import { type JournalTape, tapeOf } from "./journal-tape.ts";
import { decisionView, frameText } from "./lane-words.ts";

type Scanned = ReplyOf<(typeof scannerRoutes)["GET /api/v1/scanner"]>["lanes"][number];

/** Over which the price's change is told, milliseconds. */
const changeOverMs = 86_400_000;

/** All lanes side by side. */
export function scannerViews(options: PanelOptions): Handlers<typeof scannerRoutes> {
  const { desk } = options;
  const tape = tapeOf(options);
  return {
    "GET /api/v1/scanner": async () => {
      const lanes = desk.lanes();
      const { at, counts, strategies } = desk.status();
      const codes = Object.entries(counts.codes) as [DecisionCode, number][];
      const scanned: Scanned[] = [];
      for (const lane of lanes) {
        scanned.push(await scannedLane(lane, tape));
        // With many lanes, others are not to wait for all of them.
        await options.lanes.pause();
      }
      return {
        at,
        lanes: scanned,
        off: strategies
          .filter(({ offSince }) => offSince !== null)
          .map(({ strategy, reason, offUntil }) => ({ strategy, reason, until: offUntil })),
        codes: codes
          .map(([code, count]) => ({ code, words: codeWords[code], count }))
          .sort((a, b) => b.count - a.count),
        decisions: counts.decisions,
      };
    },
  };
}

async function scannedLane(view: LaneView, tape: JournalTape): Promise<Scanned> {
  const { lane, instrument, evaluation, scanner, lastClosedAt, positions } = view;
  const latest = await tape.latest(lane);
  const past = lastClosedAt === null ? null : await pastClose(tape, lane, lastClosedAt);
  const held = positions.find(({ tags }) => !tags.includes("over"));
  return {
    ...{ lane, symbol: instrument.symbol, account: view.account, quote: instrument.quote },
    ...{ actor: scanner.actor, state: scanner.state, coolsUntil: scanner.until },
    ...{ price: view.price, lastClosedAt, bars: view.bars, warmup: view.warmup },
    isWarm: view.isWarm,
    change: past && evaluation ? evaluation.close / past.close - 1 : null,
    changeSince: past?.at ?? null,
    regimes: (evaluation?.frames ?? []).map(({ frameMs, regime }) => {
      return { frame: frameText(frameMs), regime };
    }),
    leaning: evaluation?.leaning ?? 0,
    confidence: evaluation && Number.isFinite(evaluation.confidence) ? evaluation.confidence : null,
    votes: (evaluation?.frames ?? []).flatMap(votesOf),
    decision: latest && decisionView(latest),
    position: held
      ? { positionId: held.positionId, state: held.state, quantity: held.quantity }
      : null,
    unknownOrders: view.orders.filter(({ tags }) => tags.includes("unknown")).length,
    quarantined: [...view.quarantined],
  };
}

type FrameEvaluation = NonNullable<LaneView["evaluation"]>["frames"][number];

/** What a strategy says of itself that has no vote. */
const withoutVote = /^(warming up|failed at|in quarantine|cannot say)/;

function votesOf({ frameMs, votes }: FrameEvaluation): Scanned["votes"] {
  const frame = frameText(frameMs);
  return votes.map(({ strategy, direction, strength, words }) => {
    const isKnown = Number.isFinite(strength) && !withoutVote.test(words);
    // Without a minus before zero, which JSON has none of.
    return { strategy, frame, value: isKnown ? direction * strength || 0 : null };
  });
}

/** The close of a day ago, or the first at hand; null where nothing is older than the last bar. */
async function pastClose(tape: JournalTape, lane: string, lastClosedAt: number) {
  const since = lastClosedAt - changeOverMs;
  const found = (await tape.lastClosed(lane, since)) ?? (await tape.first(lane));
  if (!found) return null;
  const { openedAt, timeframeMs, close } = found.bar;
  const at = openedAt + timeframeMs;
  return at < lastClosedAt ? { at, close } : null;
}
