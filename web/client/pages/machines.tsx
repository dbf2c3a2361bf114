import { ActorPage } from "../machines/actor.tsx";
import { Sequence } from "../machines/sequence.tsx";
import { ActorTree } from "../machines/tree.tsx";
import { pathParts } from "../router.ts";

/** The visualiser: all actors, one actor's chart, or what several said to each other. */
export function Machines() {
  const [, name, correlation] = pathParts.value;
  if (name === undefined) return <ActorTree />;
  if (name === "sequence" && correlation !== undefined) {
    return <Sequence key={correlation} correlation={correlation} />;
  }
  return <ActorPage key={name} name={name} />;
}
