import ElkApi, { type ELK, type ElkNode } from "elkjs/lib/elk-api.js";

/**
 * Lays out graphs in a thread of its own: ELK on the main one would put handlers of its own on the
 * process, which then never ends. The thread is there only while something is being laid out.
 */
export class LayoutThread implements Disposable {
  private elk: ELK | null = null;
  private broken: PromiseWithResolvers<never> | null = null;
  private underWay = 0;

  /** The graph with places; rejects in ELK's words, or where the thread ended. */
  async layOut(graph: ElkNode): Promise<ElkNode> {
    const { elk, broken } = this.started();
    this.underWay += 1;
    try {
      return await Promise.race([elk.layout(graph), broken.promise]);
    } finally {
      this.underWay -= 1;
      if (this.underWay === 0) this[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    this.elk?.terminateWorker();
    this.elk = null;
    this.broken = null;
  }

  private started() {
    this.broken ??= Promise.withResolvers<never>();
    const { broken } = this;
    broken.promise.catch(() => {
      // Told to whoever waits in the race; with nobody waiting there is nothing to tell.
    });
    this.elk ??= new ElkApi({ workerFactory: () => startedThread(broken) });
    return { elk: this.elk, broken };
  }
}

/** What ELK throws past its own answers would otherwise end the process, and never be answered. */
function startedThread({ reject }: PromiseWithResolvers<never>): Worker {
  const worker = new Worker(import.meta.resolve("elkjs/lib/elk-worker.min.js"));
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    reject(new Error(`Cannot lay out a chart: its thread failed: ${event.message}`));
  });
  return worker;
}
