import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { FrameReader, frameOf, opcodes } from "./frames.ts";

const acceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** What becomes of an open WebSocket: what the client sends, and its end. */
export interface SocketListener {
  onText(text: string): void;
  onClose(): void;
}

/**
 * One WebSocket of a client, written by hand on its TCP socket, so that it can be reset, or left
 * open and dead, as a network does.
 */
export class ServerSocket {
  readonly path: string;
  /** Dead but open: nothing is sent, nothing heard, no ping answered. */
  isSilent = false;
  #isOpen = true;
  readonly #socket: Socket;

  constructor(request: IncomingMessage, socket: Socket, listener: SocketListener) {
    this.path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    this.#socket = socket;
    const reader = new FrameReader();
    socket.on("data", (bytes: Buffer) => this.#heard(reader, bytes, listener));
    socket.on("close", () => {
      this.#isOpen = false;
      listener.onClose();
    });
    // A peer's reset is an end like any other: "close" follows.
    socket.on("error", () => socket.destroy());
  }

  /** Answers a client's request to speak WebSocket. */
  static greet(request: IncomingMessage, socket: Socket): void {
    const key = String(request.headers["sec-websocket-key"] ?? "");
    const accept = new Bun.CryptoHasher("sha1").update(key + acceptGuid).digest("base64");
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(text: string): void {
    this.#write(opcodes.text, Buffer.from(text));
  }

  /** Ends it by the protocol. */
  close(code: number, reason: string): void {
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code, 0);
    payload.write(reason, 2);
    this.#write(opcodes.close, payload);
    this.#socket.end();
  }

  /** Ends it as a network does. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  #write(opcode: number, payload: Buffer): void {
    if (this.#isOpen && !this.isSilent) this.#socket.write(frameOf(opcode, payload));
  }

  #heard(reader: FrameReader, bytes: Buffer, listener: SocketListener): void {
    if (this.isSilent) return;
    try {
      for (const { opcode, payload } of reader.read(bytes)) {
        if (opcode === opcodes.text) listener.onText(payload.toString());
        else if (opcode === opcodes.ping) this.#write(opcodes.pong, payload);
        else if (opcode === opcodes.close) {
          this.#write(opcodes.close, payload);
          this.#socket.end();
        }
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.close(1002, "protocol error");
    }
  }
}
