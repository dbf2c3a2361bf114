import type { CcxtAssumptions } from "../venues/ccxt/mod.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

/** What a stand-in may be quicker with than the venue that it stands in for. */
const names = ["latestAcceptMs", "readLagMs"] as const;
type Name = (typeof names)[number];

/**
 * For the kill tests: `NOVACTOR_ASSUMPTIONS=latestAcceptMs=2000,readLagMs=300`, milliseconds, where
 * a stand-in on this machine is that quick. Nothing else is ever asked with other assumptions than
 * its own: with too short ones, an order would be sent again that is still on its way.
 *
 * @throws {CommandError} where orders go anywhere else, or the text makes no sense
 */
export function assumedOfStandIn(
  mode: string,
  rest: string | null,
): Partial<Pick<CcxtAssumptions, Name>> | null {
  const wanted = process.env.NOVACTOR_ASSUMPTIONS;
  if (wanted === undefined) return null;
  if (mode !== "rehearsal" || rest === null || !isOnThisMachine(rest)) {
    throw new CommandError(
      `Cannot assume "${wanted}" of "${rest ?? "the venue itself"}" in mode ${mode}: wanted a rehearsal venue on this ` +
        "machine, or NOVACTOR_ASSUMPTIONS not set",
      exitCode.usage,
    );
  }
  const values: Partial<Record<Name, number>> = {};
  for (const part of wanted.split(",")) {
    const [given = "", value = ""] = part.split("=", 2);
    const name = names.find((each) => each === given);
    if (name === undefined || !/^\d{1,6}$/.test(value)) {
      const text = `Cannot assume "${part}": wanted NAME=MILLISECONDS, NAME one of ${names.join(", ")}`;
      throw new CommandError(text, exitCode.usage);
    }
    values[name] = Number(value);
  }
  return values;
}

function isOnThisMachine(address: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(address).hostname);
}
