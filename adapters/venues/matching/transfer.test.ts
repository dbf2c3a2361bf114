import { describe, expect, test } from "bun:test";
import { paperInstrument } from "../../../config/defaults.ts";
import { decimal } from "../../../machines/domain/decimal.ts";
import { MatchingEngine } from "./mod.ts";

const instrument = paperInstrument("BTC/USD", decimal("0.1"));

function engineWith(usd: number): MatchingEngine {
  return new MatchingEngine({ instruments: [instrument], balances: { USD: decimal(usd) } });
}

describe("MatchingEngine.transfer", () => {
  test("brings coins in and takes them out, also of a coin that was not there", () => {
    const engine = engineWith(100);
    expect(engine.transfer("USD", decimal("-40"), 1)).toEqual({
      type: "confirmed",
      value: { coin: "USD", total: decimal(60), held: decimal(0) },
    });
    engine.transfer("SOL", decimal("2.5"), 2);
    expect(engine.balances(3).map(({ coin, total }) => `${coin} ${total}`)).toEqual([
      "SOL 2.5",
      "USD 60",
    ]);
  });

  test("refuses what is not there, or held by an order", () => {
    const engine = engineWith(100);
    const order = {
      clientOrderId: "a",
      symbol: "BTC/USD",
      side: "buy",
      type: "limit",
      quantity: decimal("0.001"),
      price: decimal(50_000),
      stopPrice: null,
      timeInForce: "gtc",
      postOnly: false,
      expiresAt: null,
    } as const;
    expect(engine.submit(order, 1).type).toBe("confirmed");
    const answers = ["-101", "-60", "-49.8"].map((each) => {
      const answer = engine.transfer("USD", decimal(each), 2);
      return answer.type === "refused" ? answer.code : answer.value.total;
    });
    expect(answers).toEqual(["insufficientFunds", "insufficientFunds", decimal("50.2")]);
  });

  test("is kept in the rows that an engine is restored from", () => {
    const engine = engineWith(100);
    engine.transfer("USD", decimal(7), 1);
    const copy = engineWith(0);
    copy.restore(new Map(engine.changes().map(({ key, value }) => [key, value])));
    expect(copy.balances(2)).toEqual(engine.balances(2));
  });
});
