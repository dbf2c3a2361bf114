export type { Book, BookLevel } from "./book.ts";
export { type CandleFile, readCandleFile } from "./candle-file.ts";
export { CandleFileError } from "./candle-file-error.ts";
export { type CandleFileSource, candleFileSource } from "./candle-file-source.ts";
export { type GeneratorSource, generatorSource } from "./generator.ts";
