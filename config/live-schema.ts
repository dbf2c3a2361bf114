import { z } from "zod";
import type { Decimal } from "../machines/domain/decimal.ts";
import { atStart, key, safe } from "./key.ts";
import { exactNumber, type Kind, orWord } from "./kinds.ts";

/** What an operator has to write, word for word, before the desk trades with real money. */
export const liveNotice = "I trade real money without risk limits, alerts and simulation";

/** The environment variable that has to hold the word below, beside the mode in a file. */
export const liveSwitch = "NOVACTOR_LIVE";
export const liveSwitchWord = "yes";

const notice: Kind<string> = {
  read: (text) => (text === liveNotice ? text : undefined),
  wanted: `the words "${liveNotice}"`,
};

/** What holds while real money is traded, and counts for nothing else. */
export const liveSchema = z.strictObject({
  acknowledged: key(
    orWord(notice, "none", null),
    "That you know what this version lacks: live trading begins only with the words wanted here.",
    atStart("the gate of live trading is passed when the desk starts"),
  ),
  maxExposure: key(
    exactNumber({ above: "0", to: "1000000" }, "50"),
    "Most that open positions have cost and working entries may cost, together, in quote coin.",
    safe("counts from the next entry on; what is open above a lowered cap is not closed"),
  ),
});

/** The cap that a run is held to, in quote coin; nothing where no real money is traded. */
export function exposureCapOf({
  mode,
  live,
}: {
  readonly mode: string;
  readonly live: { readonly maxExposure: Decimal };
}): { readonly exposureCap?: Decimal } {
  return mode === "live" ? { exposureCap: live.maxExposure } : {};
}
