export { type LogDestination, toFile, toStandardError } from "./destination.ts";
export { Log, type LogEntry, type LogLevel, logLevels } from "./log.ts";
export { type CommitListener, TurnLog, tellingStore } from "./turn-log.ts";
