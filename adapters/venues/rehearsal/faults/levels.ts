import type { FaultName } from "./registry.ts";

/** How often each fault strikes what it applies to, as a share. Together below 1 for any scope. */
export type FaultRates = Readonly<Partial<Record<FaultName, number>>>;
export type FaultLevel = "none" | "calm" | "rough" | "storm";

const rough: FaultRates = {
  refuse: 0.005,
  dropBeforeAcceptance: 0.01,
  acceptThenReset: 0.01,
  acceptThenBadGateway: 0.005,
  acceptThenEmpty: 0.004,
  acceptThenCutJson: 0.004,
  acceptThenCutBody: 0.004,
  acceptLate: 0.004,
  emptyResult: 0.004,
  hangInHeaders: 0.002,
  hangInBody: 0.002,
  slow: 0.02,
  tooManyRequests: 0.01,
  banned: 0.002,
  status500: 0.005,
  status503: 0.005,
  status520: 0.004,
  status523: 0.004,
  status524: 0.004,
  invalidNonce: 0.005,
  maintenance: 0.005,
  staleRead: 0.05,
  partialFill: 0.2,
  fillRacesCancel: 0.1,
  fillAfterCancel: 0.05,
  duplicateMessage: 0.01,
  reorderMessages: 0.01,
  delayMessage: 0.02,
  loseMessage: 0.005,
  sequenceGap: 0.002,
  wrongChecksum: 0.002,
  silence: 0.0005,
  disconnect: 0.001,
};

function times(rates: FaultRates, factor: number): FaultRates {
  return Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, rate * factor]));
}

/** From a venue on a good day to one on its worst. */
export const faultLevels: Readonly<Record<FaultLevel, FaultRates>> = {
  none: {},
  calm: times(rough, 0.1),
  rough,
  storm: { ...times(rough, 3), partialFill: 0.3, fillRacesCancel: 0.2, fillAfterCancel: 0.1 },
};
