/** A websocket and a clock that do what a test says. What they answer is as the server gives it. */

import type { Connection, ConnectionEvent, Hass } from "../src/ha/hass.js";

export type Message = { type: string } & Record<string, unknown>;
type Answer = (message: Message) => unknown;

export class FakeConnection implements Connection {
  connected = true;
  readonly sent: Message[] = [];
  readonly answers = new Map<string, Answer>();
  feed: ((event: unknown) => void) | null = null;
  subscriptions = 0;
  readonly #listeners = new Map<ConnectionEvent, Set<() => void>>();

  /** Answer a command, by a value or a function; an `Error` or an object with a code is thrown. */
  on(name: string, answer: unknown): this {
    this.answers.set(
      `earshot/${name}`,
      typeof answer === "function" ? (answer as Answer) : () => answer,
    );
    return this;
  }

  count(name: string): number {
    return this.sent.filter((message) => message.type === `earshot/${name}`).length;
  }

  last(name: string): Message | undefined {
    return this.sent.findLast((message) => message.type === `earshot/${name}`);
  }

  async sendMessagePromise<T>(message: Message): Promise<T> {
    this.sent.push(message);
    await Promise.resolve();
    const answer = this.answers.get(message.type);
    if (!answer) {
      throw { code: "unknown_command" };
    }
    const answered = await answer(message);
    if (answered instanceof Error) {
      throw answered;
    }
    return answered as T;
  }

  async subscribeMessage<T>(
    listener: (event: T) => void,
    message: Message,
  ): Promise<() => Promise<void>> {
    await this.sendMessagePromise(message);
    this.subscriptions += 1;
    this.feed = listener as (event: unknown) => void;
    return async () => {
      this.subscriptions -= 1;
      this.feed = null;
    };
  }

  addEventListener(kind: ConnectionEvent, listener: () => void): void {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners.add(listener));
  }

  removeEventListener(kind: ConnectionEvent, listener: () => void): void {
    this.#listeners.get(kind)?.delete(listener);
  }

  listening(kind: ConnectionEvent): number {
    return this.#listeners.get(kind)?.size ?? 0;
  }

  lose(): void {
    this.connected = false;
    this.feed = null;
    this.subscriptions = 0;
    for (const listener of [...(this.#listeners.get("disconnected") ?? [])]) {
      listener();
    }
  }

  come(): void {
    this.connected = true;
    for (const listener of [...(this.#listeners.get("ready") ?? [])]) {
      listener();
    }
  }
}

export function aHass(connection: Connection, fetch?: Hass["fetchWithAuth"]): Hass {
  return {
    connection,
    locale: { language: "en", time_zone: "server" },
    config: { time_zone: "UTC" },
    fetchWithAuth: fetch ?? (() => Promise.reject(new TypeError("Failed to fetch"))),
    callService: () => Promise.resolve(),
  };
}

/** Waits that end when a test says so. */
export class FakeTimers {
  readonly waiting: { callback: () => void; milliseconds: number }[] = [];

  readonly wait = (callback: () => void, milliseconds: number): (() => void) => {
    const each = { callback, milliseconds };
    this.waiting.push(each);
    return () => {
      const at = this.waiting.indexOf(each);
      if (at >= 0) {
        this.waiting.splice(at, 1);
      }
    };
  };

  /** Let the first wait end, and return how long it was. */
  fire(): number | undefined {
    const first = this.waiting.shift();
    first?.callback();
    return first?.milliseconds;
  }
}

/** Let everything that is ready to run do so. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
