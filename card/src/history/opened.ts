/** The capture that is opened: all that is known of it, and who has listened. */

import type { Api } from "../ha/api.js";
import { EarshotError } from "../ha/errors.js";
import type { FeedEvent, Listened } from "../ha/model.js";
import type { Timeline } from "./timeline.js";

type DetailModule = typeof import("./detail.js");

export interface OpenedPorts {
  readonly api: Pick<Api, "listened">;
  load(): Promise<DetailModule>;
  failed(reason: unknown): void;
  changed(): void;
}

export class Opened {
  id: string | null = null;
  /** What draws it; null until it has come. */
  detail: DetailModule | null = null;
  /** Null while it is asked for. */
  listened: Listened | null = null;
  readonly #ports: OpenedPorts;
  /** It is scrolled into view once, and then left where it is. */
  #reveals = false;

  constructor(ports: OpenedPorts) {
    this.#ports = ports;
  }

  /** Open a capture or close it; whichever was open before is closed. */
  toggle(id: string, timeline: Timeline): void {
    this.id = this.id === id ? null : id;
    this.listened = null;
    this.#reveals = true;
    timeline.open(this.id);
    if (this.id) {
      this.#ask(this.id);
      void this.#load();
    }
    this.#ports.changed();
  }

  /** See that what is gone is not open. */
  keepTo(timeline: Timeline): void {
    if (this.id && !timeline.has(this.id)) {
      this.id = null;
    }
  }

  take(event: FeedEvent): void {
    if (event.event === "listened" && this.id) {
      this.#ask(this.id);
    }
  }

  /** It was drawn with this height; true the first time, when it should be scrolled to. */
  measured(height: number, timeline: Timeline): boolean {
    if (!this.id || height === 0) {
      return false;
    }
    const reveals = this.#reveals;
    this.#reveals = false;
    timeline.open(this.id, height);
    return reveals;
  }

  async #load(): Promise<void> {
    try {
      this.detail ??= await this.#ports.load();
      this.#ports.changed();
    } catch {
      this.#ports.failed(new EarshotError("unreadable"));
    }
  }

  #ask(id: string): void {
    this.#ports.api.listened([id]).then(
      (listened) => {
        if (this.id === id) {
          this.listened = listened;
          this.#ports.changed();
        }
      },
      // It stays as it is: unknown. What is amiss is told by what is next to it.
      () => undefined,
    );
  }
}
