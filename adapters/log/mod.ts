export { type LogDestination, toFile, toStandardError } from "./destination.ts";
export { Log, type LogEntry, type LogLevel, logLevels } from "./log.ts";
export { LogTail, type TailLine } from "./tail.ts";
export { type CommitListener, TurnLog, tellingStore } from "./turn-log.ts";
