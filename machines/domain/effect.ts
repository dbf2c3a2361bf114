import { fromTransition } from "xstate";

/**
 * An effect as a machine declares it: an invoked actor that holds its input and does nothing. The
 * runtime sees it in the machine's snapshot, waits until its turn is committed, does the work, and
 * sends the machine what came of it as an event. So a machine stays pure, and an effect that was
 * under way when the process died is found in the snapshot and run again.
 */
export function effect<Input>() {
  return fromTransition(
    (input: Input) => input,
    ({ input }: { input: Input }) => input,
  );
}
