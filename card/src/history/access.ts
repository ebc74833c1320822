/** What opens rooms that cannot be looked into: a one-time password, the passphrase of a seal. */

import { EarshotError } from "../ha/errors.js";
import type { House } from "../ha/house.js";
import type { Seal } from "../ha/model.js";
import type { Timers } from "../timers.js";
import type { Ask } from "./asking.js";
import type { History } from "./controller.js";
import { roomName } from "./look.js";
import type { Notice } from "./notice.js";

const LATER_MS = 500; // what ends at the server has ended there by then

export interface AccessPorts {
  readonly house: Pick<House, "api" | "refresh">;
  readonly history: Pick<History, "rooms" | "reload">;
  readonly timers: Timers;
  readonly notice: Notice;
  readonly ask: Ask;
  /** What is heard ends. */
  quiet(): void;
}

export class Access {
  /** Whether a seal is open for this page. */
  unlocked = false;
  readonly #ports: AccessPorts;

  constructor(ports: AccessPorts) {
    this.#ports = ports;
  }

  readonly giveCode = (): Promise<boolean> => {
    const { house, history, timers } = this.#ports;
    return this.#ports.ask((questions, words) =>
      questions.secondFactor(words, house.api, (seconds) => {
        timers.after("code", seconds * 1_000 + LATER_MS, () => void house.refresh());
        history.reload();
        void house.refresh();
      }),
    );
  };

  readonly unlock = async (): Promise<boolean> => {
    const { house, history, timers, notice } = this.#ports;
    let opened = false;
    await notice.attempt(async () => {
      const mine = (await house.api.seals()).filter((seal) => seal.mine);
      if (mine.length === 0) {
        throw new EarshotError("seal_unknown");
      }
      opened = await this.#ports.ask((questions, words) => {
        const names = (seal: Seal) =>
          words.list(seal.rooms.map((id) => roomName(history.rooms, id)).filter(Boolean));
        return questions.passphrase(words, house.api, mine, names, (seconds) => {
          this.unlocked = true;
          timers.after("unlocked", seconds * 1_000 + LATER_MS, () => this.locked());
          history.reload();
        });
      });
    });
    return opened;
  };

  readonly lock = async (): Promise<void> => {
    await this.#ports.notice.attempt(() => this.#ports.house.api.lock());
    // After it: what is asked for anew must come sealed.
    this.locked();
  };

  /** What was open is closed again: words that are on the screen go. */
  locked(): void {
    if (this.unlocked) {
      this.unlocked = false;
      this.#ports.timers.end("unlocked");
      this.#ports.quiet();
      this.#ports.history.reload();
    }
  }
}
