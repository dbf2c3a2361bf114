/** A stream of numbers from 0 to below 1, the same ones for the same seed. */
export type Stream = () => number;

/**
 * A seeded stream (sfc32, 128 bits of state) for what is drawn many times over: samples, shuffles.
 * Draws that sway a desk are keyed instead, so that a restart does not change them.
 */
export function seededStream(seed: number): Stream {
  let a = seed >>> 0;
  let b = Math.floor(seed / 2 ** 32) >>> 0;
  let c = 0x9e3779b9;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum / 2 ** 32;
  };
  // Neighbouring seeds give like numbers at first.
  for (let count = 0; count < 16; count += 1) next();
  return next;
}

/** A whole number from 0 to below `below`. */
export function drawBelow(stream: Stream, below: number): number {
  return Math.floor(stream() * below);
}

/** Shuffles in place (Fisher and Yates): each order is as likely as any other. */
export function shuffle<T>(items: T[], stream: Stream): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = drawBelow(stream, last + 1);
    const kept = items[last] as T;
    items[last] = items[other] as T;
    items[other] = kept;
  }
  return items;
}
