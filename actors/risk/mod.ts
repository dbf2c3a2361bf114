export { type Sizing, type SizingInput, sizeEntry } from "./sizing.ts";
