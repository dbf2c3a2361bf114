import { initial } from "./001-initial.ts";

/** A step from one schema to the next. Its place in the list, from 1, is the version it makes. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** Only ever added to: a step that has been released is never changed. */
export const migrations: readonly Migration[] = [{ name: "initial", sql: initial }];
