import { afterEach, expect, test } from "bun:test";
import { assumedOfStandIn } from "./assumed.ts";

const here = "http://127.0.0.1:8080";

afterEach(() => {
  delete process.env.NOVACTOR_ASSUMPTIONS;
});

test("a stand-in on this machine may be quicker", () => {
  expect(assumedOfStandIn("rehearsal", here)).toBeNull();
  process.env.NOVACTOR_ASSUMPTIONS = "latestAcceptMs=2000,readLagMs=300";
  expect(assumedOfStandIn("rehearsal", here)).toEqual({ latestAcceptMs: 2_000, readLagMs: 300 });
});

test.each([
  ["real money", "live", here, "latestAcceptMs=1"],
  ["the venue itself", "rehearsal", null, "latestAcceptMs=1"],
  ["another machine", "rehearsal", "https://api.kraken.com", "latestAcceptMs=1"],
  [
    "a name that only looks like this machine",
    "rehearsal",
    "http://127.0.0.1.example",
    "readLagMs=1",
  ],
  ["another assumption", "rehearsal", here, "amends=1"],
  ["no number", "rehearsal", here, "readLagMs=soon"],
  ["nothing", "rehearsal", here, ""],
])("nothing is assumed of %s", (_, mode, rest, wanted) => {
  process.env.NOVACTOR_ASSUMPTIONS = wanted;
  expect(() => assumedOfStandIn(mode, rest)).toThrow("Cannot assume");
});
