/** The waveform of a sound, drawn from the peaks that were stored with it. */

import { type SVGTemplateResult, svg } from "lit";

const HEIGHT = 32;
const LEAST = 1.5; // silence is a line too

/** The loudest of each stretch, as many as there is room for; 0 to 1. */
export function bars(peaks: Uint8Array, count: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const from = Math.floor((at * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((at + 1) * peaks.length) / count));
    let loudest = 0;
    for (const peak of peaks.subarray(from, to)) {
      loudest = Math.max(loudest, peak);
    }
    // Loudness is heard by its logarithm; the root is near enough to a picture of it.
    found.push(Math.sqrt(loudest / 255));
  }
  return found;
}

/** One path of `count` bars in a box of 3 × count by 32; a single element is quick to draw. */
export function waveformPath(peaks: Uint8Array, count: number): string {
  return bars(peaks, count)
    .map((bar, at) => {
      const height = Math.max(LEAST, bar * (HEIGHT - 2));
      return `M${at * 3 + 1.5} ${((HEIGHT - height) / 2).toFixed(1)}v${height.toFixed(1)}`;
    })
    .join("");
}

/** `played` is the part that has been played, from 0 to 1. */
export function waveform(peaks: Uint8Array, count: number, played: number): SVGTemplateResult {
  const path = waveformPath(peaks, count);
  const width = count * 3;
  return svg`
    <svg class="waveform" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
      <path class="bars" d=${path}></path>
      ${
        played > 0
          ? svg`<path class="bars played" d=${path} style="clip-path:inset(0 ${((1 - played) * 100).toFixed(2)}% 0 0)"></path>`
          : null
      }
    </svg>`;
}
