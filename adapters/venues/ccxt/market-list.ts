import { MalformedReply } from "./faults.ts";
import type { Market, MarketNames } from "./protocol.ts";

/** The venue's markets by all their names. A load that fails is not remembered: the next one asks. */
export class MarketList implements MarketNames {
  readonly #load: () => Promise<readonly Market[]>;
  #markets: readonly Market[] = [];
  #byName = new Map<string, Market>();
  #bySymbol = new Map<string, Market>();
  #loading: Promise<void> | null = null;

  constructor(load: () => Promise<readonly Market[]>) {
    this.#load = load;
  }

  get all(): readonly Market[] {
    return this.#markets;
  }

  symbolOf(name: string): string {
    return this.#byName.get(name)?.instrument.symbol ?? name;
  }

  marketOf(symbol: string): Market | null {
    return this.#bySymbol.get(symbol) ?? null;
  }

  async loaded(): Promise<void> {
    if (this.#markets.length === 0) await this.reload();
  }

  /** Asks the venue; callers at the same time share one question. */
  async reload(): Promise<void> {
    this.#loading ??= this.#fill().finally(() => {
      this.#loading = null;
    });
    await this.#loading;
  }

  async #fill(): Promise<void> {
    const markets = await this.#load();
    if (markets.length === 0) throw new MalformedReply("Cannot read markets: none in the reply");
    const entries = markets.flatMap((market) =>
      market.aliases.map((name): [string, Market] => [name, market]),
    );
    this.#byName = new Map(entries);
    this.#bySymbol = new Map(markets.map((market) => [market.instrument.symbol, market]));
    this.#markets = markets;
  }
}
