import type { Reached } from "../../actors/runtime/ports.ts";
import { crashPoints } from "../../machines/domain/crash-point.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

/**
 * For the kill tests: `NOVACTOR_CRASH=submit.afterSend:3` ends the process, without a word and
 * without a chance to clean up, when that moment is reached for the third time.
 */
export function crashHook(): Reached {
  const wanted = process.env.NOVACTOR_CRASH;
  if (wanted === undefined) return () => {};
  const [point, times] = wanted.split(":");
  if (!crashPoints.some((each) => each === point) || !/^[1-9]\d*$/.test(times ?? "")) {
    throw new CommandError(
      `Cannot crash at "${wanted}": wanted POINT:TIMES, POINT one of ${crashPoints.join(", ")}`,
      exitCode.usage,
    );
  }
  let left = Number(times);
  return (reached) => {
    if (reached !== point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  };
}
