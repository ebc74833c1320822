import assert from "node:assert/strict";
import { test } from "node:test";
import { EarshotError } from "../src/ha/errors.js";
import { type AudioPort, Player } from "../src/history/player.js";
import { settled } from "./fakes.js";

class FakeAudio extends EventTarget {
  src = "";
  currentTime = 0;
  duration = Number.NaN;
  paused = true;
  refuses = false;

  async play(): Promise<void> {
    if (this.refuses) {
      throw new Error("no such codec");
    }
    this.paused = false;
    this.duration = 4;
    this.dispatchEvent(new Event("playing"));
  }

  pause(): void {
    if (!this.paused) {
      this.paused = true;
      this.dispatchEvent(new Event("pause"));
    }
  }
}

function begun() {
  const audio = new FakeAudio();
  const fetched: string[] = [];
  const alive = new Set<string>();
  let failure: EarshotError | null = null;
  const player = new Player(
    {
      // It may be complete in the moment in which it is called off.
      fetch: async (id) => {
        fetched.push(id);
        await settled();
        if (failure) {
          throw failure;
        }
        return new Blob([id]);
      },
      audio: () => audio as unknown as AudioPort,
      address: (sound) => {
        const address = `blob:${alive.size}-${sound.size}-${Math.random()}`;
        alive.add(address);
        return address;
      },
      revoke: (address) => alive.delete(address),
    },
    () => undefined,
  );
  return { player, audio, fetched, alive, fail: (error: EarshotError) => (failure = error) };
}

test("what was fetched is played again from memory: each fetch is a line in the log", async () => {
  const { player, audio, fetched } = begun();
  await player.toggle("a");
  assert.deepEqual([player.state, player.length], ["playing", 4]);
  await player.toggle("a");
  assert.equal(player.state, "paused");
  audio.currentTime = 4;
  await player.toggle("a");
  assert.equal(player.state, "playing");
  assert.deepEqual(fetched, ["a"]);
});

test("one sound at a time, and no copy of the one before", async () => {
  const { player, fetched, alive } = begun();
  await player.toggle("a");
  await player.toggle("b");
  assert.deepEqual([player.id, player.stateOf("a"), player.stateOf("b")], ["b", "idle", "playing"]);
  assert.equal(alive.size, 1);
  player.stop();
  assert.equal(alive.size, 0);
  assert.equal(player.length, 0);
  await player.toggle("b");
  assert.deepEqual(fetched, ["a", "b", "b"]);
});

test("a sound that comes after somebody stopped is not kept and not played", async () => {
  const { player, audio, alive } = begun();
  const playing = player.toggle("a");
  assert.equal(player.state, "loading");
  player.stop();
  await playing;
  assert.deepEqual([player.state, player.error, alive.size, audio.paused], ["idle", null, 0, true]);
});

test("why nothing is heard is told: refused, or not playable", async () => {
  const refused = begun();
  refused.fail(new EarshotError("second_factor"));
  await refused.player.toggle("a");
  assert.deepEqual([refused.player.state, refused.player.error?.code], ["idle", "second_factor"]);
  const odd = begun();
  odd.audio.refuses = true;
  await odd.player.toggle("a");
  assert.equal(odd.player.error?.code, "not_playable");
  assert.equal(odd.alive.size, 0);
});

test("a position stays within the sound", async () => {
  const { player, audio } = begun();
  player.seek(2);
  assert.equal(audio.currentTime, 0);
  await player.toggle("a");
  player.seek(9);
  assert.equal(player.position, 4);
  player.seek(-1);
  assert.equal(player.position, 0);
});
