/** What somebody does with captures: hears, keeps, labels, takes along, deletes them. */

import type { Api, Selection } from "../ha/api.js";
import type { Capture, Label } from "../ha/model.js";
import type { Access } from "./access.js";
import type { Ask } from "./asking.js";
import type { History } from "./controller.js";
import type { Deletion } from "./deletion.js";
import type { Notice } from "./notice.js";
import type { Player } from "./player.js";

export interface DeedsPorts {
  readonly api: Api;
  readonly history: Pick<History, "shown">;
  readonly player: Player;
  readonly deletion: Deletion;
  readonly access: Pick<Access, "giveCode" | "unlock">;
  readonly notice: Notice;
  readonly ask: Ask;
  /** Hand a file to somebody. */
  save(file: Blob): void;
  /** A deletion was agreed to. */
  agreed(): void;
}

export class Deeds {
  readonly #ports: DeedsPorts;

  constructor(ports: DeedsPorts) {
    this.#ports = ports;
  }

  /** Play or pause; what has to be opened first is asked for on the way. */
  async play(id: string): Promise<void> {
    const { player, access, notice } = this.#ports;
    await player.toggle(id);
    const { error } = player;
    if (!error) {
      return;
    }
    const opened =
      (error.code === "second_factor" && (await access.giveCode())) ||
      (error.code === "capture_sealed" && (await access.unlock()));
    if (opened) {
      await player.play(id);
    } else {
      notice.fail(error);
    }
  }

  /** Go to a part of a sound, from 0 to 1; one that is not there yet is played from there. */
  async seek(id: string, part: number): Promise<void> {
    const { player } = this.#ports;
    if (player.id !== id || !player.length) {
      await this.play(id);
    }
    if (player.id === id) {
      player.seek(part * player.length);
    }
  }

  async pin(capture: Capture): Promise<void> {
    await this.#ports.ask((questions, words) => questions.pin(words, this.#ports.api, capture));
  }

  async unpin({ id }: Capture): Promise<void> {
    await this.#ports.notice.attempt(() => this.#ports.api.unpin(id));
  }

  /** Label a capture; the label that it has is taken away. */
  async label(capture: Capture, label: Label): Promise<void> {
    const { api, ask, notice } = this.#ports;
    if (label === "wrong_text" && capture.label !== label) {
      await ask((questions, words) => questions.rightText(words, api, capture));
    } else {
      await notice.attempt(() => api.label(capture.id, capture.label === label ? null : label));
    }
  }

  async remove(what: Selection): Promise<void> {
    const { deletion, ask } = this.#ports;
    void deletion.ask(what);
    if (await ask((questions, words) => questions.deleting(words, deletion))) {
      this.#ports.agreed();
    } else {
      deletion.cancel();
    }
  }

  async export(what: Selection): Promise<void> {
    const { api, ask, notice, save } = this.#ports;
    await ask((questions, words) =>
      questions.exporting(words, async () => {
        save(await api.export(what));
        notice.tell(words.text("export.done"));
      }),
    );
  }

  readonly removeShown = (): Promise<void> => this.#withShown((what) => this.remove(what));
  readonly exportShown = (): Promise<void> => this.#withShown((what) => this.export(what));

  #withShown(act: (what: Selection) => Promise<void>): Promise<void> {
    const { history, notice } = this.#ports;
    return notice.attempt(async () => act(await history.shown()));
  }
}
