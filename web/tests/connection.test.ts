import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { ToClient, ToServer } from "../src/gen/protocol";
import { backoffMs } from "../src/lib/backoff";
import { Connection, type Socket } from "../src/lib/connection";

describe("backoff", () => {
  it("doubles from 0.3 s to 5 s, less up to half of it", () => {
    const longest = [300, 600, 1200, 2400, 4800, 5000, 5000];
    longest.forEach((ms, attempt) => {
      expect(backoffMs(attempt, 0)).toBe(ms / 2);
      expect(backoffMs(attempt, 0.999_999)).toBe(ms);
    });
    expect(backoffMs(1_000_000, 0)).toBe(2500);
  });
});

class FakeSocket implements Socket {
  readyState: 0 | 1 | 2 | 3 = 0;
  sent: ToServer[] = [];
  onopen: WebSocket["onopen"] = null;
  onmessage: WebSocket["onmessage"] = null;
  onclose: WebSocket["onclose"] = null;

  send(data: string) {
    this.sent.push(JSON.parse(data) as ToServer);
  }
  close() {
    this.readyState = 3;
  }
  accept() {
    this.readyState = 1;
    this.onopen?.call(this as never, {} as Event);
  }
  say(message: ToClient) {
    this.onmessage?.call(this as never, { data: JSON.stringify(message) } as MessageEvent);
  }
  fail() {
    this.readyState = 3;
    this.onclose?.call(this as never, {} as CloseEvent);
  }
  types() {
    return this.sent.map((m) => m.type);
  }
}

describe("connection", () => {
  const hello = { type: "hello" as const, meeting: "m", token: "t" };
  let sockets: FakeSocket[];
  let got: string[];
  let lost: number;
  let connection: Connection;
  const last = () => sockets.at(-1)!;

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    got = [];
    lost = 0;
    connection = new Connection(
      hello,
      { message: (m) => got.push(m.type), lost: () => lost++ },
      () => {
        sockets.push(new FakeSocket());
        return last();
      },
    );
    connection.start();
  });
  afterEach(() => {
    connection.end();
    vi.useRealTimers();
  });

  it("says hello first, and nothing before it is open", () => {
    expect(connection.send({ type: "ping" })).toBe(false);
    last().accept();
    expect(last().sent).toEqual([hello]);
  });

  it("hands messages on, but keeps pongs to itself", () => {
    last().accept();
    last().say({ type: "speaker" });
    last().say({ type: "pong" });
    expect(got).toEqual(["speaker"]);
  });

  it("pings every 3 s, and stays while it is answered", () => {
    last().accept();
    for (let s = 0; s < 30; s++) {
      vi.advanceTimersByTime(1_000);
      last().say({ type: "pong" });
    }
    expect(sockets.length).toBe(1);
    expect(last().types().filter((t) => t === "ping").length).toBe(10);
  });

  it("takes 10 s of silence for a lost connection, and comes back", () => {
    last().accept();
    vi.advanceTimersByTime(10_000);
    expect(lost).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect(lost).toBe(1);
    expect(sockets[0]!.readyState).toBe(3);
    vi.advanceTimersByTime(300);
    expect(sockets.length).toBe(2);
    last().accept();
    expect(last().sent).toEqual([hello]);
  });

  it("waits longer from attempt to attempt, and starts anew after a welcome", () => {
    for (let i = 0; i < 8; i++) {
      last().fail();
      vi.advanceTimersByTime(5_000);
    }
    expect(sockets.length).toBe(9);
    last().fail();
    vi.advanceTimersByTime(2_499);
    expect(sockets.length).toBe(9); // at least half of 5 s
    vi.advanceTimersByTime(2_501);
    expect(sockets.length).toBe(10);
    last().accept();
    last().say({ type: "welcome" } as ToClient);
    last().fail();
    vi.advanceTimersByTime(300);
    expect(sockets.length).toBe(11);
  });

  it("does not wait when told to hurry", () => {
    last().fail();
    connection.doubt(); // there is nothing to doubt
    expect(sockets.length).toBe(1);
    connection.hurry();
    expect(sockets.length).toBe(2);
    connection.hurry();
    expect(sockets.length).toBe(2);
  });

  it("asks at once when in doubt, and stays when it is answered", () => {
    last().accept();
    connection.doubt();
    connection.doubt();
    expect(last().types()).toEqual(["hello", "ping"]);
    vi.advanceTimersByTime(1_499);
    last().say({ type: "pong" });
    vi.advanceTimersByTime(3_000);
    expect([sockets.length, lost]).toEqual([1, 0]);
    connection.doubt();
    expect(last().types()).toEqual(["hello", "ping", "ping", "ping"]); // one was due
  });

  it("connects anew at once after 1.5 s without an answer, and then waits as ever", () => {
    last().accept();
    last().say({ type: "speaker" });
    connection.doubt();
    vi.advanceTimersByTime(1_000);
    connection.doubt(); // does not put it off
    vi.advanceTimersByTime(499);
    expect([sockets.length, lost]).toEqual([1, 0]);
    vi.advanceTimersByTime(1);
    expect([sockets.length, lost]).toEqual([2, 1]);
    expect(sockets[0]!.readyState).toBe(3);
    vi.advanceTimersByTime(5_000); // it is not doubted as long as there is no new reason
    expect([sockets.length, lost]).toEqual([2, 1]);
    last().fail();
    expect(sockets.length).toBe(2);
    vi.advanceTimersByTime(600);
    expect(sockets.length).toBe(3);
  });

  it("forgets a doubt with the connection", () => {
    last().accept();
    connection.doubt();
    last().fail();
    vi.advanceTimersByTime(300);
    last().accept();
    vi.advanceTimersByTime(2_000);
    expect([sockets.length, lost]).toEqual([2, 1]);
    connection.doubt();
    connection.end();
    vi.advanceTimersByTime(2_000);
    expect([sockets.length, lost]).toEqual([2, 1]);
  });

  it("ends for good", () => {
    last().accept();
    connection.end();
    last().fail();
    vi.advanceTimersByTime(60_000);
    expect([sockets.length, lost]).toEqual([1, 0]);
  });

  it("does not listen to a connection it gave up", () => {
    const old = last();
    old.accept();
    old.fail();
    vi.advanceTimersByTime(300);
    old.say({ type: "speaker" });
    old.fail();
    expect([got.length, sockets.length, lost]).toEqual([0, 2, 1]);
  });
});
