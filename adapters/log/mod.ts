export { type LogDestination, toFile, toStandardError } from "./destination.ts";
export { Log, type LogEntry, type LogLevel, logLevels } from "./log.ts";
export { logLines, turnLine } from "./turn-lines.ts";
