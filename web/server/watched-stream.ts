import type { Caller } from "../api/route.ts";
import { RouteError } from "../api/route.ts";

/** Streams that one session or key may hold open. */
const streamsMost = 8;

/** Ends a stream whose caller is let in no more, and bounds how many one caller holds. */
export class WatchedStreams {
  private readonly open = new Map<string, number>();

  /** @throws {RouteError} 429 for one too many */
  async watch(
    caller: Caller,
    isStillIn: () => boolean,
    answer: () => Response | Promise<Response>,
  ): Promise<Response> {
    const who = caller.session?.id ?? caller.keyId;
    const count = this.open.get(who) ?? 0;
    if (count >= streamsMost) {
      throw new RouteError(429, `Cannot open a stream: ${count} are open, wanted fewer`);
    }
    this.open.set(who, count + 1);
    const release = () => this.release(who);
    try {
      const reply = await answer();
      if (!reply.body) {
        release();
        return reply;
      }
      return new Response(watched(reply.body, isStillIn, release), reply);
    } catch (error) {
      release();
      throw error;
    }
  }

  private release(who: string): void {
    const left = (this.open.get(who) ?? 1) - 1;
    if (left === 0) this.open.delete(who);
    else this.open.set(who, left);
  }
}

/** Passes on each part as long as the caller is let in: a heartbeat is a part too. */
function watched(
  body: ReadableStream<Uint8Array>,
  isStillIn: () => boolean,
  release: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let isOver = false;
  const end = () => {
    if (isOver) return;
    isOver = true;
    release();
  };
  // It holds nothing back itself: how fast the client reads is felt further in.
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done && isStillIn()) {
          controller.enqueue(value);
          return;
        }
        end();
        controller.close();
        if (!done) await reader.cancel();
      },
      async cancel(reason) {
        end();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
