interface Task {
  readonly at: number;
  readonly run: (now: number) => void;
}

/** Things to be done at a venue time, first due first, then in the order they were put. */
export class DueTasks {
  readonly #tasks: Task[] = [];

  /** Answers how to call it off. */
  add(at: number, run: (now: number) => void): () => void {
    const task = { at, run };
    const before = this.#tasks.findLastIndex((each) => each.at <= at);
    this.#tasks.splice(before + 1, 0, task);
    return () => {
      const index = this.#tasks.indexOf(task);
      if (index >= 0) this.#tasks.splice(index, 1);
    };
  }

  get nextAt(): number | null {
    return this.#tasks[0]?.at ?? null;
  }

  /** Does the first task if it is due; whether it was. */
  runNext(now: number): boolean {
    const first = this.#tasks[0];
    if (first === undefined || first.at > now) return false;
    this.#tasks.shift();
    first.run(now);
    return true;
  }
}
