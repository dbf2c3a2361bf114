import { call, Refusal } from "./api.ts";
import type { Session } from "./session.ts";

/** The session that this browser holds; null for none. */
export async function heldSession(): Promise<Session | null> {
  try {
    return await call("GET /api/v1/session", {});
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
