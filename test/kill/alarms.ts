/**
 * Whether an alarm is what faults make, and what the operator is to be told: a doubt that lasts, or a
 * stop that is not taken at once.
 */
export const isForeseenAlarm = (text: string): boolean =>
  /^(the fate of "order:|No stop rests for )/.test(text);
