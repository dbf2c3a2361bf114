import { createHash, timingSafeEqual } from "node:crypto";

/** SHA-256 as hexadecimal digits: of what has too many values to be guessed. */
export const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Compares in a time that does not tell where two texts differ. */
export function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

const keyForm = /^nvk_([0-9a-f]{12})_[\w-]{43}$/;

/** The public part of a key, or null if it is none. */
export const keyIdOf = (text: string): string | null => keyForm.exec(text)?.[1] ?? null;
