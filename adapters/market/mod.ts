export type { Book, BookLevel as GeneratedLevel } from "./book.ts";
export { BookSide, type BookSideLevel } from "./book-side.ts";
export {
  type CandleFile,
  parseCandleFile,
  readCandleBytes,
  readCandleFile,
} from "./candle-file.ts";
export { CandleFileError } from "./candle-file-error.ts";
export { type CandleFileSource, candleFileSource } from "./candle-file-source.ts";
export { type CandleColumns, type CandleGap, candleFileHeader } from "./candle-rows.ts";
export { type GeneratorSource, generatorSource } from "./generator.ts";
export type { GeneratorOptions } from "./generator-plan.ts";
export { PrintCandles } from "./print-candles.ts";
export { type BookStatistics, RecordedBook, type RecordedLevel } from "./recorded-book.ts";
export { RecordedScale } from "./recorded-scale.ts";
export { type Recordings, readRecordings } from "./recording.ts";
export { RecordingError } from "./recording-error.ts";
export {
  canonicalAmount,
  type RecordedMessage,
  readRecordedMessage,
} from "./recording-message.ts";
export { RecordingTape } from "./recording-tape.ts";
export { readWrittenNumber, type WrittenNumber, writtenSteps } from "./written-number.ts";
