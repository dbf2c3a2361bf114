import type { Confluence, ConfluenceSettings } from "./confluence.ts";

export type GateName = "gaps" | "frames" | "strategies" | "confidence" | "rewardToRisk" | "spread";

interface GateRule {
  readonly name: GateName;
  /** A value that is not known (NaN) closes an "atLeast" gate, and leaves an "atMost" one open. */
  readonly wanted: "atLeast" | "atMost";
  /** An exit does not wait for what makes entries dear. */
  readonly isEntryOnly: boolean;
  readonly value: (measured: Confluence) => number;
  readonly threshold: (settings: ConfluenceSettings) => number;
}

/** All gates, in the order in which they are judged: the first closed one names the reason. */
const gateRules: readonly GateRule[] = [
  {
    name: "gaps",
    wanted: "atMost",
    isEntryOnly: true,
    value: (measured) => measured.gapShare,
    threshold: (settings) => settings.maxGapShare,
  },
  {
    name: "frames",
    wanted: "atLeast",
    isEntryOnly: false,
    value: (measured) => measured.frames,
    threshold: (settings) => settings.minFrames,
  },
  {
    name: "strategies",
    wanted: "atLeast",
    isEntryOnly: false,
    value: (measured) => measured.strategies,
    threshold: (settings) => settings.minStrategies,
  },
  {
    name: "confidence",
    wanted: "atLeast",
    isEntryOnly: false,
    value: (measured) => measured.confidence,
    threshold: (settings) => settings.minConfidence,
  },
  {
    name: "rewardToRisk",
    wanted: "atLeast",
    isEntryOnly: true,
    value: (measured) => measured.rewardToRisk,
    threshold: (settings) => settings.minRewardToRisk,
  },
  {
    name: "spread",
    wanted: "atMost",
    isEntryOnly: true,
    value: (measured) => measured.spreadShare,
    threshold: (settings) => settings.maxSpreadShare,
  },
];

/** The gates in their order. */
export const gateNames: readonly GateName[] = gateRules.map(({ name }) => name);

/** One gate as it stood at a bar. */
export interface Gate {
  readonly name: GateName;
  readonly wanted: "atLeast" | "atMost";
  /** NaN where it is not known. */
  readonly value: number;
  readonly threshold: number;
  readonly isOpen: boolean;
}

function isOpen(rule: GateRule, measured: Confluence, settings: ConfluenceSettings): boolean {
  const value = rule.value(measured);
  const threshold = rule.threshold(settings);
  return rule.wanted === "atLeast" ? value >= threshold : !(value > threshold);
}

function applies(rule: GateRule, measured: Confluence): boolean {
  return !(rule.isEntryOnly && measured.leaning === -1);
}

/** Place in `gateNames` of the first gate that is closed; -1 where all are open. */
export function firstClosedGate(measured: Confluence, settings: ConfluenceSettings): number {
  for (let index = 0; index < gateRules.length; index++) {
    const rule = gateRules[index] as GateRule;
    if (applies(rule, measured) && !isOpen(rule, measured, settings)) return index;
  }
  return -1;
}

/** All gates that apply, in order: to an exit those of entries alone do not. Allocates. */
export function gatesOf(measured: Confluence, settings: ConfluenceSettings): readonly Gate[] {
  return gateRules
    .filter((rule) => applies(rule, measured))
    .map((rule) => ({
      name: rule.name,
      wanted: rule.wanted,
      value: rule.value(measured),
      threshold: rule.threshold(settings),
      isOpen: isOpen(rule, measured, settings),
    }));
}
