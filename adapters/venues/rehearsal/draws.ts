const hexDigits = 12;
const hexRange = 16 ** hexDigits;

/** A number in [0, 1) that belongs to these words: the same ones draw the same, in any order. */
export function share(seed: string, ...words: readonly (string | number)[]): number {
  const hash = new Bun.CryptoHasher("sha256").update(JSON.stringify([seed, ...words]));
  return Number.parseInt(hash.digest("hex").slice(0, hexDigits), 16) / hexRange;
}

/** The same for what is drawn by the hundred: quick, and good enough to look at. */
export function quickShare(seed: string, ...words: readonly (string | number)[]): number {
  return Bun.hash.xxHash32(`${seed}/${words.join("/")}`) / 2 ** 32;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** So many capital letters and digits that belong to these words. At most 32. */
export function letters(count: number, seed: string, ...words: readonly (string | number)[]) {
  const digest = new Bun.CryptoHasher("sha256").update(JSON.stringify([seed, ...words])).digest();
  return Array.from({ length: count }, (_, index) => alphabet[(digest[index] ?? 0) % 32]).join("");
}

/** So many bytes that belong to these words, in base64. At most 64. */
export function secretBytes(count: number, seed: string, ...words: readonly string[]): string {
  const hash = new Bun.CryptoHasher("sha512").update(JSON.stringify([seed, ...words]));
  return hash.digest().subarray(0, count).toString("base64");
}
