import { secretBytes } from "../draws.ts";
import type { ApiKey } from "./keys.ts";

/** How long a token can be used to begin a session. */
export const tokenLifeMs = 900_000;

interface Token {
  readonly key: ApiKey;
  readonly expiresAt: number;
  /** The connection that it belongs to since it was first used. */
  connection: object | null;
}

/** WebSocket tokens: each is good for one connection, as long as that lasts. */
export class SessionTokens {
  readonly #seed: string;
  #tokens = new Map<string, Token>();
  #count = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  create(key: ApiKey, now: number): string {
    this.#count += 1;
    const text = secretBytes(32, this.#seed, "token", String(this.#count));
    for (const [name, { expiresAt, connection }] of this.#tokens) {
      if (connection === null && expiresAt < now) this.#tokens.delete(name);
    }
    this.#tokens.set(text, { key, expiresAt: now + tokenLifeMs, connection: null });
    return text;
  }

  /** The key whose token this is, on this connection; null if it is not good here. */
  use(text: string, connection: object, now: number): ApiKey | null {
    const token = this.#tokens.get(text);
    if (token === undefined) return null;
    if (token.connection === null && token.expiresAt >= now) token.connection = connection;
    return token.connection === connection ? token.key : null;
  }

  /** The connection ended. */
  release(connection: object): void {
    for (const [name, token] of this.#tokens) {
      if (token.connection === connection) this.#tokens.delete(name);
    }
  }

  clear(): void {
    this.#tokens = new Map();
  }
}
