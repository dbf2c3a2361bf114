import { initial } from "./001-initial.ts";
import { leaseAndArchives } from "./002-lease-and-archives.ts";
import { roundTrips } from "./003-round-trips.ts";

/** A step from one schema to the next. Its place in the list, from 1, is the version it makes. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** Only ever added to: a step that has been released is never changed. */
export const migrations: readonly Migration[] = [
  { name: "initial", sql: initial },
  { name: "lease and archives", sql: leaseAndArchives },
  { name: "round trips", sql: roundTrips },
];

/** From this version on a file says who may write it. */
export const leaseVersion = 2;
