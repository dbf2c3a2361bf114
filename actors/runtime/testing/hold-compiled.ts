/** Preloaded by a run of the machines' own tests: holds compiled transitions against each step. */
import { afterAll } from "bun:test";
import { followSteps } from "../../../machines/stepping.fixture.ts";
import { Twins } from "./twins.ts";

const twins = new Twins();
followSteps((stepped) => twins.follow(stepped));
afterAll(() => console.log(`held ${twins.held} steps`));
