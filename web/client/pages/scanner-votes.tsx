import { plain } from "../parts/words.ts";
import type { ScannedLane } from "./scanner.tsx";

interface HeatMapProps {
  readonly lane: string;
  readonly votes: ScannedLane["votes"];
}

/** Two letters for a strategy: `meanReversion` is `MR`, `trend` is `Tr`. */
function short(strategy: string): string {
  const [, second] = strategy.match(/^[a-z]+([A-Z])/) ?? [];
  const first = (strategy[0] ?? "").toUpperCase();
  return second ? first + second : first + (strategy[1] ?? "");
}

/** Strategies by timeframes: the sign and tenths of each vote, on a colour as strong as the vote. */
export function HeatMap({ lane, votes }: HeatMapProps) {
  const frames = [...new Set(votes.map(({ frame }) => frame))];
  const strategies = [...new Set(votes.map(({ strategy }) => strategy))];
  const values = new Map(
    votes.map(({ frame, strategy, value }) => [`${frame} ${strategy}`, value]),
  );
  if (votes.length === 0) return <span class="dim">no votes yet</span>;
  return (
    <table class="heat" aria-label={`Votes on ${lane}`}>
      <thead>
        <tr>
          <td />
          {strategies.map((strategy) => (
            <th key={strategy} scope="col" title={strategy}>
              <abbr title={strategy}>{short(strategy)}</abbr>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {frames.map((frame) => (
          <tr key={frame}>
            <th scope="row">{frame}</th>
            {strategies.map((strategy) => {
              const value = values.get(`${frame} ${strategy}`) ?? null;
              return (
                <td key={strategy} class={toneOf(value)} title={titleOf(strategy, frame, value)}>
                  {cellText(value)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function toneOf(value: number | null): string {
  if (value === null) return "heat-none";
  if (value === 0) return "heat-zero";
  const strength = Math.abs(value) > 0.66 ? 3 : Math.abs(value) > 0.33 ? 2 : 1;
  return `heat-${value > 0 ? "up" : "down"}-${strength}`;
}

/** Sign and tenths: `+6`, `−10`; a dot for no opinion, nothing for no vote. */
function cellText(value: number | null): string {
  if (value === null) return "";
  if (value === 0) return "·";
  return `${value > 0 ? "+" : "−"}${Math.max(1, Math.round(Math.abs(value) * 10))}`;
}

function titleOf(strategy: string, frame: string, value: number | null): string {
  const opinion =
    value === null
      ? "no vote yet, or not heard"
      : value === 0
        ? "no opinion"
        : `${value > 0 ? "hold" : "leave"}, strength ${plain(Math.abs(value), 2)}`;
  return `${strategy} on ${frame}: ${opinion}`;
}

/** What the signs and letters of the heat maps mean. */
export function HeatMapKey({ lanes }: { readonly lanes: readonly ScannedLane[] }) {
  const strategies = [
    ...new Set(lanes.flatMap(({ votes }) => votes.map(({ strategy }) => strategy))),
  ];
  return (
    <p class="note heat-key">
      Votes: <b>+</b> says hold, <b>−</b> says leave, from 1 to 10 tenths of full strength; <b>·</b>{" "}
      has no opinion; an empty cell has no vote yet.{" "}
      {strategies.map((each) => (
        <span key={each} class="nowrap">
          <b>{short(each)}</b> {each}
        </span>
      ))}
    </p>
  );
}
