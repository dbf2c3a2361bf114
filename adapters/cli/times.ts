import { InvalidArgumentError } from "commander";

/** Unix milliseconds of a time as ISO 8601 has it, UTC; null of anything else. */
export function timeIn(text: string): number | null {
  const value = Date.parse(text);
  // A day that no month has would be taken for one of the next.
  const [day] = /^\d{4}-\d\d-\d\d/.exec(text) ?? [];
  const isDay =
    day === undefined || new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) === true;
  return Number.isNaN(value) || !isDay ? null : value;
}

/** A time of the command line. @throws {InvalidArgumentError} */
export function readTime(text: string): number {
  const value = timeIn(text);
  if (value !== null) return value;
  throw new InvalidArgumentError("Wanted a time such as 2022-01-15 or 2022-01-15T08:00:00Z.");
}

/** To the minute, for people: `2022-01-15 08:00`. */
export function minuteText(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
