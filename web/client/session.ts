import { signal } from "@preact/signals";
import type { z } from "zod";
import type { sessionView } from "../api/operators.ts";

export type Session = z.output<typeof sessionView>;

/** Who is signed in; null for nobody, undefined as long as that is not known. */
export const session = signal<Session | null | undefined>(undefined);

/** What a change must bring along: the server tells it to pages of its own alone. */
export const tokenHeader = "X-Novactor-Token";
