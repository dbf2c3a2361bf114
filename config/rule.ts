/** What every rule between values needs. */

/** Where a rule says what it found: as much of zod's refinement context as rules need. */
export interface RuleContext {
  addIssue(issue: {
    readonly code: "custom";
    readonly path: PropertyKey[];
    readonly message: string;
    readonly params: { readonly rule: true };
  }): void;
}

/** Says what a value should have been, to follow "wanted". */
export function refuse(context: RuleContext, path: PropertyKey[], message: string): void {
  context.addIssue({ code: "custom", path, message, params: { rule: true } });
}

/** Hosts of this very machine: no money can be there. */
const loopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

export function isLoopback(address: string): boolean {
  return loopback.test(new URL(address).hostname);
}
