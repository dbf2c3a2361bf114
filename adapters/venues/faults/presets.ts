/** How often each fault happens, as a share of the calls or reports that could have it. */
export interface FaultRates {
  /** The request never reaches the venue; the answer is unknown. */
  readonly requestLost: number;
  /** A submit reaches the venue only later; the answer is unknown. */
  readonly acceptedLate: number;
  /** The venue did what was asked, or refused it; the answer is unknown. */
  readonly replyLost: number;
  /** A read is not answered; the answer is unknown. */
  readonly readFailed: number;
  /** A read tells how things were a while ago. */
  readonly readStale: number;
  /** A report never comes. */
  readonly reportLost: number;
  /** A report is held back, so that later ones come before it. */
  readonly reportLate: number;
  /** A report comes twice, the second time late. */
  readonly reportDuplicated: number;
}

export type FaultName = keyof FaultRates;

export interface FaultPlan {
  readonly rates: FaultRates;
  /** How long after it was sent a late submit can still be accepted, milliseconds. */
  readonly acceptLateMs: number;
  /** How long a report can be held back, milliseconds. */
  readonly reportLateMs: number;
  /** How old a stale read can be, milliseconds. */
  readonly readLagMs: number;
}

export const noFaults: FaultRates = {
  requestLost: 0,
  acceptedLate: 0,
  replyLost: 0,
  readFailed: 0,
  readStale: 0,
  reportLost: 0,
  reportLate: 0,
  reportDuplicated: 0,
};

/** From a venue on a good day to one on its worst. */
export const faultPresets: Readonly<Record<"calm" | "rough" | "storm", FaultPlan>> = {
  calm: {
    rates: {
      requestLost: 0.002,
      acceptedLate: 0.001,
      replyLost: 0.002,
      readFailed: 0.005,
      readStale: 0.01,
      reportLost: 0.001,
      reportLate: 0.02,
      reportDuplicated: 0.01,
    },
    acceptLateMs: 5_000,
    reportLateMs: 5_000,
    readLagMs: 2_000,
  },
  rough: {
    rates: {
      requestLost: 0.03,
      acceptedLate: 0.02,
      replyLost: 0.03,
      readFailed: 0.05,
      readStale: 0.1,
      reportLost: 0.02,
      reportLate: 0.1,
      reportDuplicated: 0.1,
    },
    acceptLateMs: 20_000,
    reportLateMs: 30_000,
    readLagMs: 5_000,
  },
  storm: {
    rates: {
      requestLost: 0.12,
      acceptedLate: 0.1,
      replyLost: 0.15,
      readFailed: 0.25,
      readStale: 0.3,
      reportLost: 0.15,
      reportLate: 0.3,
      reportDuplicated: 0.25,
    },
    acceptLateMs: 60_000,
    reportLateMs: 120_000,
    readLagMs: 10_000,
  },
};
