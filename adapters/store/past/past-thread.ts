import type { Past } from "./past.ts";
import type { Indexed, PastEnd, PastReply, PastRequest, PastStart, Question } from "./protocol.ts";
import type { LedgerFile } from "./shelf.ts";

interface Waiting {
  readonly resolve: (reply: { answer: unknown; indexed: Indexed }) => void;
  readonly reject: (error: Error) => void;
}

/** A question on the past that could not be answered, in words for whoever asked. */
export class PastError extends Error {
  override readonly name = "PastError";

  constructor(
    message: string,
    /** What was asked for is not there; otherwise it could not be read. */
    readonly isUnknown: boolean,
  ) {
    super(message);
  }
}

type Args<Name extends Question> = Parameters<Past[Name]>;
type Answer<Name extends Question> = ReturnType<Past[Name]>;

/** Longer than one slice of records takes, milliseconds. */
const endMostMs = 2_000;

/**
 * The past of a desk's ledger, and of others beside it, looked into by a thread of its own with
 * connections that cannot write: neither trading nor the panel stands still for it.
 */
export class PastThread implements Disposable {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private broken: PastError | null = null;
  private asked = 0;

  constructor(ledgerPath: string) {
    this.worker = new Worker(new URL("./past-worker.ts", import.meta.url).href);
    this.worker.onmessage = ({ data }: MessageEvent<PastReply>) => this.heard(data);
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.fail(
        new PastError(`Cannot look into the past: its thread ended: ${event.message}`, false),
      );
    };
    // A desk that ended is not kept alive by a look back.
    this.worker.unref();
    this.worker.postMessage({ ledgerPath } satisfies PastStart);
  }

  /** The ledgers that can be looked into. */
  async ledgers(): Promise<readonly LedgerFile[]> {
    return (await this.request(undefined, "list", [])).answer as readonly LedgerFile[];
  }

  /** Asks of one ledger, the desk's own without a name. Rejects with a {@link PastError}. */
  async ask<Name extends Question>(
    ledger: string | undefined,
    question: Name,
    ...args: Args<Name>
  ): Promise<{ readonly answer: Answer<Name>; readonly indexed: Indexed }> {
    const { answer, indexed } = await this.request(ledger, question, args);
    return { answer: answer as Answer<Name>, indexed };
  }

  [Symbol.dispose](): void {
    this.fail(new PastError("Cannot look into the past: the desk ended", false));
    // Its connections are to be closed before the ledger's writer is, which then tidies up alone.
    const ended = new SharedArrayBuffer(4);
    this.worker.postMessage({ ended } satisfies PastEnd);
    Atomics.wait(new Int32Array(ended), 0, 0, endMostMs);
    this.worker.terminate();
  }

  private request(
    ledger: string | undefined,
    question: PastRequest["question"],
    args: readonly unknown[],
  ): Promise<{ answer: unknown; indexed: Indexed }> {
    return new Promise((resolve, reject) => {
      if (this.broken) {
        reject(this.broken);
        return;
      }
      this.asked += 1;
      this.waiting.set(this.asked, { resolve, reject });
      this.worker.postMessage({ id: this.asked, ledger, question, args } satisfies PastRequest);
    });
  }

  private heard(reply: PastReply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ("error" in reply) waiting?.reject(new PastError(reply.error, reply.isUnknown));
    else waiting?.resolve(reply);
  }

  private fail(error: PastError): void {
    this.broken ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
