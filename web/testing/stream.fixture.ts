/** A client of the event stream that says all it was told, in order. */

export interface HeardEvent {
  readonly event: string;
  readonly id: string;
  readonly data: unknown;
}

export interface StreamClient extends AsyncDisposable {
  readonly heard: readonly HeardEvent[];
  /** Journal sequences of all entries that were told. */
  seqs(): number[];
  /** The id of the last event, as a browser would resume by. */
  lastId(): string | undefined;
  /** Waits until what was heard is so. @throws {Error} past the time limit, or if the stream ends */
  until(is: (heard: readonly HeardEvent[]) => boolean): Promise<void>;
  /** Breaks the connection off. */
  end(): Promise<void>;
}

const limitMs = 60_000;

export async function openStream(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<StreamClient> {
  const connection = new AbortController();
  const reply = await fetch(url, { headers, signal: connection.signal });
  if (!reply.ok || !reply.body) throw new Error(`Cannot open the stream: ${reply.status}`);
  const heard: HeardEvent[] = [];
  let changed = Promise.withResolvers<void>();
  let isOver = false;
  const reading = (async () => {
    let rest = "";
    const decoder = new TextDecoder();
    try {
      for await (const chunk of reply.body as unknown as AsyncIterable<Uint8Array>) {
        const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
        rest = parts.pop() ?? "";
        heard.push(...parts.map(eventOf));
        changed.resolve();
        changed = Promise.withResolvers();
      }
    } catch (error) {
      if (!connection.signal.aborted) throw error;
    } finally {
      isOver = true;
      changed.resolve();
    }
  })();
  const end = async () => {
    connection.abort();
    await reading;
  };
  return {
    heard,
    end,
    [Symbol.asyncDispose]: end,
    seqs: () =>
      heard
        .filter(({ event }) => event === "entries")
        .flatMap(({ data }) => (data as readonly { seq: number }[]).map(({ seq }) => seq)),
    lastId: () => heard.at(-1)?.id,
    async until(is) {
      const tooLate = performance.now() + limitMs;
      while (!is(heard)) {
        const left = tooLate - performance.now();
        if (isOver || left <= 0) {
          const told = heard.slice(-3).map(({ event, id }) => `${event} ${id}`);
          throw new Error(`The stream never came to it; it told last: ${told.join(", ")}`);
        }
        await Promise.race([changed.promise, Bun.sleep(left)]);
      }
    },
  };
}

function eventOf(text: string): HeardEvent {
  const fields = new Map(
    text.split("\n").map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  const data = fields.get("data");
  return {
    event: fields.get("event") ?? "message",
    id: fields.get("id") ?? "",
    data: data === undefined ? null : JSON.parse(data),
  };
}
