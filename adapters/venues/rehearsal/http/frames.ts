/** WebSocket frames (RFC 6455), as much of them as a server without extensions needs. */

export const opcodes = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** A whole message or control frame of a client, unmasked. */
export interface ClientMessage {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The largest message taken; what clients of a venue send is far below. */
const payloadMax = 1 << 20;

/** A frame of a server: never masked, never fragmented. */
export function frameOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x80 | opcode;
  if (length < 126) header[1] = length;
  else if (length < 65_536) {
    header[1] = 126;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = 127;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([header, payload]);
}

interface Frame extends ClientMessage {
  readonly isFinal: boolean;
  readonly end: number;
}

/** Puts a client's frames together from the bytes as they come. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);
  #parts: ClientMessage[] = [];

  /** The messages that these bytes complete. @throws {RangeError} on what no client may send. */
  read(bytes: Buffer): ClientMessage[] {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    const messages: ClientMessage[] = [];
    for (let frame = parse(this.#bytes); frame !== null; frame = parse(this.#bytes)) {
      this.#bytes = this.#bytes.subarray(frame.end);
      if (frame.opcode >= opcodes.close) {
        messages.push(frame);
        continue;
      }
      this.#parts.push(frame);
      if (!frame.isFinal) continue;
      const payload = Buffer.concat(this.#parts.map((part) => part.payload));
      messages.push({ opcode: this.#parts[0]?.opcode ?? opcodes.text, payload });
      this.#parts = [];
    }
    return messages;
  }
}

/** The first frame in the bytes, or null while it is not whole. */
function parse(bytes: Buffer): Frame | null {
  if (bytes.length < 2) return null;
  const first = bytes[0] ?? 0;
  const second = bytes[1] ?? 0;
  if ((second & 0x80) === 0) throw new RangeError("Cannot read frame: wanted it masked");
  let length = second & 0x7f;
  let at = 2;
  if (length === 126) {
    if (bytes.length < 4) return null;
    length = bytes.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (bytes.length < 10) return null;
    length = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  if (length > payloadMax) {
    throw new RangeError(`Cannot read frame of ${length} bytes: wanted at most ${payloadMax}`);
  }
  const end = at + 4 + length;
  if (bytes.length < end) return null;
  const mask = bytes.subarray(at, at + 4);
  const payload = Buffer.from(bytes.subarray(at + 4, end));
  for (let index = 0; index < length; index += 1) {
    payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
  }
  return { opcode: first & 0x0f, isFinal: (first & 0x80) !== 0, payload, end };
}
