/** A programmer's error. Kept on in production: better to stop than to be wrong. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** @throws {AssertionError} if the condition does not hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
