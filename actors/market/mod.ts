export { Ema } from "./indicators/averages.ts";
export { Adx } from "./indicators/direction.ts";
export { Atr } from "./indicators/volatility.ts";
export type { CandleCursor, CandleSource, SourceSymbol } from "./ports.ts";
export { restoreState, type SavedState, type Stateful, saveState } from "./state.ts";
