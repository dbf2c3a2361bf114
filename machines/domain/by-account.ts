import { accountKey, type VenueAccount } from "./ids.ts";

/** Values by account and id: in two steps, for no key is put together when one is looked for. */
export class ByAccount<Value> {
  private readonly accounts = new Map<string, Map<string, Value>>();

  get(at: VenueAccount, id: string): Value | undefined {
    return this.accounts.get(accountKey(at))?.get(id);
  }

  has(at: VenueAccount, id: string): boolean {
    return this.accounts.get(accountKey(at))?.has(id) ?? false;
  }

  /** All of one account, by id: also of what is set later. */
  of(at: VenueAccount): ReadonlyMap<string, Value> {
    return this.valuesOf(at);
  }

  set(at: VenueAccount, id: string, value: Value): void {
    this.valuesOf(at).set(id, value);
  }

  delete(at: VenueAccount, id: string): void {
    this.accounts.get(accountKey(at))?.delete(id);
  }

  /** Forgets all of one account, or of every one. */
  clear(at?: VenueAccount): void {
    if (at) this.accounts.get(accountKey(at))?.clear();
    else for (const values of this.accounts.values()) values.clear();
  }

  *values(): Iterable<Value> {
    for (const values of this.accounts.values()) yield* values.values();
  }

  private valuesOf(at: VenueAccount): Map<string, Value> {
    const key = accountKey(at);
    let values = this.accounts.get(key);
    if (!values) {
      values = new Map();
      this.accounts.set(key, values);
    }
    return values;
  }
}
