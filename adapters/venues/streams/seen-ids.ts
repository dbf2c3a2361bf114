/** The last so many ids that were seen. What must be remembered for ever is the ledger's part. */
export class SeenIds {
  readonly #ids = new Set<string>();

  constructor(private readonly max = 10_000) {}

  /** Notes an id; false if it was noted before. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > this.max) {
      const [oldest] = this.#ids;
      if (oldest !== undefined) this.#ids.delete(oldest);
    }
    return true;
  }
}
