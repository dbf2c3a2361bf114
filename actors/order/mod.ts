export { drawClientOrderId, orderEffects } from "./gateway.ts";
export type * from "./ports.ts";
