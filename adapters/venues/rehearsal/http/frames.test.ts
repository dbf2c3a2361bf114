import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FrameReader, frameOf, opcodes } from "./frames.ts";

const seed = 20_260_101;

/** A client's frame: masked, as it must be. */
function clientFrame(opcode: number, payload: Buffer, isFinal: boolean, mask: number): Buffer {
  const plain = frameOf(opcode, payload);
  const header = plain.subarray(0, plain.length - payload.length);
  header[0] = (isFinal ? 0x80 : 0) | opcode;
  header[1] = 0x80 | (header[1] ?? 0);
  const key = Buffer.alloc(4);
  key.writeUInt32BE(mask);
  const masked = Buffer.from(payload.map((byte, index) => byte ^ (key[index % 4] ?? 0)));
  return Buffer.concat([header, key, masked]);
}

describe("FrameReader", () => {
  test(`puts messages together however they are cut (seed ${seed})`, () => {
    const part = fc.uint8Array({ maxLength: 300 });
    const message = fc.array(part, { minLength: 1, maxLength: 4 });
    const whole = fc.tuple(fc.array(message, { minLength: 1, maxLength: 5 }), fc.nat(), fc.nat());
    fc.assert(
      fc.property(whole, ([messages, mask, cut]) => {
        const bytes = Buffer.concat(
          messages.flatMap((parts) =>
            parts.map((each, index) => {
              const opcode = index === 0 ? opcodes.text : opcodes.continuation;
              return clientFrame(opcode, Buffer.from(each), index === parts.length - 1, mask);
            }),
          ),
        );
        const reader = new FrameReader();
        const step = 1 + (cut % 97);
        const read: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += step) {
          for (const each of reader.read(bytes.subarray(at, at + step))) read.push(each.payload);
        }
        const wanted = messages.map((parts) =>
          Buffer.concat(parts.map((each) => Buffer.from(each))),
        );
        expect(read.map(String)).toEqual(wanted.map(String));
      }),
      { seed, numRuns: 100 },
    );
  });

  test("hears a ping in the middle of a message", () => {
    const reader = new FrameReader();
    const frames = [
      clientFrame(opcodes.text, Buffer.from("ab"), false, 1),
      clientFrame(opcodes.ping, Buffer.from("!"), true, 2),
      clientFrame(opcodes.continuation, Buffer.from("cd"), true, 3),
    ];
    const read = frames.flatMap((bytes) => reader.read(bytes));
    expect(read.map(({ opcode, payload }) => [opcode, String(payload)])).toEqual([
      [opcodes.ping, "!"],
      [opcodes.text, "abcd"],
    ]);
  });

  test("reads a frame of many kilobytes", () => {
    const payload = Buffer.alloc(70_000, "x");
    const [read] = new FrameReader().read(clientFrame(opcodes.text, payload, true, 7));
    expect(read?.payload.equals(payload)).toBe(true);
  });

  test.each([
    ["unmasked", frameOf(opcodes.text, Buffer.from("x"))],
    ["of more than a megabyte", Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x10, 0, 0, 0])],
  ])("refuses a frame %s", (_, bytes) => {
    expect(() => new FrameReader().read(bytes)).toThrow(RangeError);
  });
});
