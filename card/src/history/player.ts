/**
 * Plays one capture at a time.
 *
 * Every fetch of a sound is a line in the log, so what was fetched is played again from memory,
 * until another is played or the card goes; then the copy is let go of.
 */

import { asError, EarshotError } from "../ha/errors.js";

export type PlayState = "idle" | "loading" | "playing" | "paused";

/** What is used of an `<audio>` element. */
export type AudioPort = Pick<
  HTMLAudioElement,
  "src" | "currentTime" | "duration" | "paused" | "play" | "pause" | "addEventListener"
>;

export interface PlayerPorts {
  fetch(id: string, signal: AbortSignal): Promise<Blob>;
  audio(): AudioPort;
  /** Make an address of a sound; `revoke` makes it nothing again. */
  address(sound: Blob): string;
  revoke(address: string): void;
}

export class Player {
  state: PlayState = "idle";
  /** The capture that is played, or was last. */
  id: string | null = null;
  error: EarshotError | null = null;

  readonly #ports: PlayerPorts;
  readonly #changed: () => void;
  #audio: AudioPort | null = null;
  #address: string | null = null;
  #fetching: AbortController | null = null;

  constructor(ports: PlayerPorts, changed: () => void) {
    this.#ports = ports;
    this.#changed = changed;
  }

  /** Seconds. */
  get position(): number {
    return this.#address ? (this.#audio?.currentTime ?? 0) : 0;
  }

  /** Seconds; 0 while it is not known. */
  get length(): number {
    const length = this.#address ? (this.#audio?.duration ?? 0) : 0;
    return Number.isFinite(length) ? length : 0;
  }

  stateOf(id: string): PlayState {
    return this.id === id ? this.state : "idle";
  }

  async toggle(id: string): Promise<void> {
    if (this.id !== id || !this.#address) {
      await this.play(id);
    } else if (this.state === "playing") {
      this.#audio?.pause();
    } else {
      await this.#begin();
    }
  }

  async play(id: string): Promise<void> {
    this.stop();
    this.id = id;
    this.state = "loading";
    this.#changed();
    const fetching = new AbortController();
    this.#fetching = fetching;
    try {
      const sound = await this.#ports.fetch(id, fetching.signal);
      if (fetching.signal.aborted) {
        return;
      }
      this.#address = this.#ports.address(sound);
      this.#audio ??= this.#listen(this.#ports.audio());
      this.#audio.src = this.#address;
    } catch (reason) {
      if (!fetching.signal.aborted) {
        this.#fail(asError(reason));
      }
      return;
    }
    await this.#begin();
  }

  seek(seconds: number): void {
    if (this.#audio && this.#address) {
      this.#audio.currentTime = Math.min(Math.max(seconds, 0), this.length || seconds);
      this.#changed();
    }
  }

  /** Be quiet, and let go of the sound. */
  stop(): void {
    this.#fetching?.abort();
    this.#fetching = null;
    this.#audio?.pause();
    if (this.#address) {
      this.#ports.revoke(this.#address);
      this.#address = null;
    }
    this.id = null;
    this.state = "idle";
    this.error = null;
    this.#changed();
  }

  async #begin(): Promise<void> {
    try {
      await this.#audio?.play();
    } catch (reason) {
      // A pause that comes while it begins is no failure.
      if (!(reason instanceof DOMException && reason.name === "AbortError")) {
        this.#fail(new EarshotError("not_playable"));
      }
    }
  }

  #fail(error: EarshotError): void {
    const { id } = this;
    this.stop();
    this.id = id;
    this.error = error;
    this.#changed();
  }

  #listen(audio: AudioPort): AudioPort {
    const become = (state: PlayState) => (): void => {
      if (this.#address) {
        this.state = state;
        this.#changed();
      }
    };
    audio.addEventListener("playing", become("playing"));
    audio.addEventListener("pause", become("paused"));
    audio.addEventListener("ended", become("paused"));
    audio.addEventListener("durationchange", () => this.#changed());
    audio.addEventListener("timeupdate", () => this.#changed());
    return audio;
  }
}
