import type { Arrived, FromVenue, ToVenue } from "./latency-wire.ts";

/** Long enough for a machine that is busy with other things; nothing is measured by it. */
const patienceMs = 60_000;

/** The bench's venue in its thread, as the bench drives it. */
export class LatencyVenue implements AsyncDisposable {
  restUrl = "";
  marketUrl = "";
  accountUrl = "";
  private waiting: ((message: FromVenue) => void) | null = null;
  private readonly early: FromVenue[] = [];
  private readonly failed = Promise.withResolvers<never>();

  private constructor(private readonly worker: Worker) {
    worker.onmessage = ({ data }: MessageEvent<FromVenue>) => {
      const { waiting } = this;
      this.waiting = null;
      if (waiting) waiting(data);
      else this.early.push(data);
    };
    worker.onerror = ({ message }) => {
      this.failed.reject(new Error(`Cannot go on with the bench's venue: ${message}`));
    };
    // Told to whoever waits next; by itself it ends nothing.
    this.failed.promise.catch(() => {});
  }

  static async start(): Promise<LatencyVenue> {
    const venue = new LatencyVenue(
      new Worker(new URL("./latency-venue.worker.ts", import.meta.url).href),
    );
    const ready = await venue.next("ready");
    venue.restUrl = `http://127.0.0.1:${ready.restPort}`;
    venue.marketUrl = `ws://127.0.0.1:${ready.streamPort}/v2`;
    venue.accountUrl = `ws://127.0.0.1:${ready.streamPort}/auth/v2`;
    return venue;
  }

  /** Sends the order book around a price, which is heard and sets off nothing. */
  book(ticks: number): void {
    this.tell({ type: "book", ticks });
  }

  /** Sends one trade of the market, and waits for the order that it sets off. */
  trade(price: string): Promise<Arrived> {
    this.tell({ type: "trade", price });
    return this.next("arrived");
  }

  /** Waits until somebody listens to the market's trades. */
  async listened(): Promise<void> {
    await this.next("listened");
  }

  /** From now on each order's intent is looked for in this ledger when the order arrives. */
  lookInto(ledgerFile: string): void {
    this.tell({ type: "look", ledgerFile });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.tell({ type: "stop" });
    await this.next("stopped");
    this.worker.terminate();
  }

  private tell(message: ToVenue): void {
    this.worker.postMessage(message);
  }

  private async next<Type extends FromVenue["type"]>(
    type: Type,
  ): Promise<Extract<FromVenue, { readonly type: Type }>> {
    for (;;) {
      const message =
        this.early.shift() ?? (await Promise.race([this.coming(type), this.failed.promise]));
      if (message.type === type) return message as Extract<FromVenue, { readonly type: Type }>;
    }
  }

  private coming(type: string): Promise<FromVenue> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting = null;
        reject(new Error(`Cannot hear of "${type}" from the bench's venue: nothing came`));
      }, patienceMs);
      this.waiting = (message) => {
        clearTimeout(timer);
        resolve(message);
      };
    });
  }
}
