import type { Reply } from "../../actors/order/ports.ts";
import type { StreamTimers } from "../venues/streams/mod.ts";

export interface DeadMansSwitchOptions {
  /** Asks the venue to cancel all orders unless asked again in time; 0 calls that off. */
  readonly cancelAllAfter: (timeoutMs: number) => Promise<Reply<unknown>>;
  readonly timeoutMs: number;
  readonly timers: StreamTimers;
  /** Told once when it could not be renewed, and again only after it was. */
  readonly onTrouble: (text: string) => void;
}

/** The venue's own advice: every 15 to 30 s for a time of 60 s. */
const everyMostMs = 20_000;

/**
 * Keeps a venue's dead man's switch from firing for as long as the process lives. When it fires, ALL
 * orders of the account are cancelled, protective stops included: whoever arms it has accepted that.
 * Returns what ends it in order, calling it off at the venue.
 */
export function keepArmed(options: DeadMansSwitchOptions): () => Promise<void> {
  const { cancelAllAfter, timeoutMs, timers, onTrouble } = options;
  let isStopped = false;
  let isTroubled = false;
  let cancelTimer = () => {};
  let beat: Promise<void> = Promise.resolve();
  const arm = async (): Promise<void> => {
    const reply = await cancelAllAfter(timeoutMs);
    if (reply.type === "confirmed") isTroubled = false;
    else if (!isTroubled) {
      isTroubled = true;
      const cause = reply.type === "refused" ? reply.text : reply.cause;
      onTrouble(`the dead man's switch was not renewed, all orders may be cancelled: ${cause}`);
    }
    if (isStopped) return;
    cancelTimer = timers.after(Math.min(timeoutMs / 3, everyMostMs), begin);
  };
  const begin = (): void => {
    beat = arm();
  };
  begin();
  return async () => {
    if (isStopped) return;
    isStopped = true;
    cancelTimer();
    await beat;
    const reply = await cancelAllAfter(0);
    if (reply.type === "confirmed") return;
    onTrouble(
      "the dead man's switch was not called off: the venue cancels all orders when it fires",
    );
  };
}
