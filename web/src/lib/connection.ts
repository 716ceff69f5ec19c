// The WebSocket: says hello, keeps itself alive, comes back by itself. Knows no meeting.
import type { HelloToServer, ToClient, ToServer } from "../gen/protocol";
import { backoffMs } from "./backoff";

const PING_MS = 3_000;
const SILENCE_MS = 10_000;
/** When the network may have changed, the answer to a ping must be here after so long. */
const DOUBT_MS = 1_500;

export interface ConnectionEvents {
  message(message: ToClient): void;
  /** The connection broke, or could not be made; it will be tried again by itself. */
  lost(): void;
}

/** What is used of a WebSocket. */
export type Socket = Pick<
  WebSocket,
  "readyState" | "send" | "close" | "onopen" | "onmessage" | "onclose"
>;

function openSocket(): Socket {
  const url = new URL("/ws", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(url);
}

export class Connection {
  #socket: Socket | undefined;
  #attempt = 0;
  #heard = 0;
  #pulse: ReturnType<typeof setInterval> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #doubt: ReturnType<typeof setTimeout> | undefined;
  #sincePing = 0;

  constructor(
    private readonly hello: HelloToServer,
    private readonly events: ConnectionEvents,
    private readonly open: () => Socket = openSocket,
  ) {}

  start(): void {
    this.#connect();
    this.#pulse = setInterval(() => this.#beat(), 1_000);
  }

  /** Whether it was sent. */
  send(message: ToServer): boolean {
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** The network changed: does not wait any longer for the next attempt, nor trust this one. */
  hurry(): void {
    if (this.#retry !== undefined) this.#connect();
    else this.doubt();
  }

  /** The network may have changed: the socket may be bound to an old address, where nothing comes, not
   * even an error. Asks whether the server is there, and without an answer connects anew at once. */
  doubt(): void {
    const socket = this.#socket;
    if (!socket || this.#doubt !== undefined) return;
    this.send({ type: "ping" });
    this.#doubt = setTimeout(() => {
      this.#lose(socket);
      this.hurry();
    }, DOUBT_MS);
  }

  /** Ends for good. */
  end(): void {
    clearInterval(this.#pulse);
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#drop();
  }

  #connect(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#heard = Date.now();
    this.#sincePing = 0;
    const socket = this.open();
    this.#socket = socket;
    socket.onopen = () => this.send(this.hello);
    socket.onmessage = (event) => this.#receive(socket, event.data);
    socket.onclose = () => this.#lose(socket);
  }

  #receive(socket: Socket, data: unknown): void {
    if (socket !== this.#socket || typeof data !== "string") return;
    this.#heard = Date.now();
    this.#trust();
    const message = JSON.parse(data) as ToClient;
    if (message.type === "welcome") this.#attempt = 0;
    if (message.type !== "pong") this.events.message(message);
  }

  #lose(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#drop();
    this.#retry = setTimeout(() => this.#connect(), backoffMs(this.#attempt++, Math.random()));
    this.events.lost();
  }

  #trust(): void {
    clearTimeout(this.#doubt);
    this.#doubt = undefined;
  }

  #drop(): void {
    this.#trust();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #beat(): void {
    const socket = this.#socket;
    if (!socket) return;
    if (Date.now() - this.#heard > SILENCE_MS) {
      this.#lose(socket);
      return;
    }
    this.#sincePing += 1_000;
    if (this.#sincePing >= PING_MS && this.send({ type: "ping" })) this.#sincePing = 0;
  }
}
