/** The way to a venue, which can be shut while the venue goes on behind it. */
import { connect, createServer, type Server, type Socket } from "node:net";

type How = "open" | "refusing" | "hanging";

/** One port that leads to a venue, refuses, or takes connections and says nothing. */
export class Door implements AsyncDisposable {
  port = 0;
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;

  constructor(private readonly venueUrl: string) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Everything that stood is cut; from now on it is so. */
  async set(how: How, venueUrl = this.venueUrl): Promise<this> {
    await this.close();
    if (how === "refusing") return this;
    const server = createServer((socket) => {
      this.hold(socket);
      if (how === "hanging") return;
      const behind = connect(Number(new URL(venueUrl).port), "127.0.0.1");
      this.hold(behind);
      socket.pipe(behind).pipe(socket);
      socket.once("close", () => behind.destroy());
      behind.once("close", () => socket.destroy());
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (address !== null && typeof address === "object") this.port = address.port;
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private hold(socket: Socket): void {
    this.sockets.add(socket);
    socket.once("close", () => this.sockets.delete(socket));
    // A reset is what a door that is shut looks like.
    socket.on("error", () => socket.destroy());
  }

  private async close(): Promise<void> {
    const { server } = this;
    this.server = null;
    for (const socket of this.sockets) socket.destroy();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
