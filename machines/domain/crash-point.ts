const requests = ["submit", "cancel", "amend", "lookUp"] as const;

/**
 * Named moments of an order's life at which a test kills the process. The first three are of the
 * commit, the others of each request that an order makes.
 */
export const crashPoints = [
  "commit.before",
  "commit.inside",
  "commit.after",
  ...requests.flatMap((request) => [
    `${request}.beforeSend` as const,
    `${request}.afterSend` as const,
    `${request}.afterReply` as const,
  ]),
  "archive.before",
  "archive.after",
] as const;
export type CrashPoint = (typeof crashPoints)[number];
