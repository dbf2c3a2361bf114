import { randomBytes } from "node:crypto";
import type { Locksmith, MadeKey } from "../../web/server/doors.ts";

/** argon2id as ASVS 5.0 wants it at the least; both run on a thread beside the loop. */
const cost = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

/** Makes operators' keys: `nvk_`, a public id of 48 bits, and 256 bits that let in. */
export const locksmith: Locksmith = {
  async make(): Promise<MadeKey> {
    const id = randomBytes(6).toString("hex");
    const text = `nvk_${id}_${locksmith.draw()}`;
    return { id, text, hash: await Bun.password.hash(text, cost) };
  },
  isRight: (text, hash) => Bun.password.verify(text, hash),
  draw: () => randomBytes(32).toString("base64url"),
};
