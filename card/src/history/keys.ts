/** What keys do in the list. */

import type { Works } from "./works.js";

const SCREENFUL_PX = 100; // a row and its share of the days' headings

export function keyed(works: Works, event: KeyboardEvent): void {
  const on = event.target as HTMLElement;
  const id = idOf(on);
  if (!id || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const { timeline } = works.history;
  const screen = Math.max(1, Math.floor(works.viewport.height / SCREENFUL_PX));
  const last = timeline.rows.length - 1;
  const to = target(event.key, screen, last, () => timeline.rows.findIndex((it) => it.id === id));
  const act = to === null ? actOf(works, event.key, id, on.tagName === "ARTICLE") : null;
  if (to !== null) {
    works.goTo(to);
  } else if (act) {
    act();
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

/** The capture that an element is in. */
export function idOf(element: EventTarget | null): string | undefined {
  return (element as Element | null)?.closest<HTMLElement>("article")?.dataset["id"];
}

/** Where a key leads from the row `at`; null when it leads nowhere. */
export function target(key: string, screen: number, last: number, at: () => number): number | null {
  const step = new Map([
    ["ArrowDown", 1],
    ["ArrowUp", -1],
    ["PageDown", screen],
    ["PageUp", -screen],
    ["Home", Number.NEGATIVE_INFINITY],
    ["End", Number.POSITIVE_INFINITY],
  ]).get(key);
  return step === undefined ? null : Math.min(Math.max(at() + step, 0), last);
}

/** What a key does to a capture; most do so on it as a whole, and on its buttons are the buttons'. */
function actOf(works: Works, key: string, id: string, asWhole: boolean): (() => void) | null {
  const { selected, opened, deeds } = works;
  if (key === "Escape") {
    return opened.id || selected.ids ? () => works.escape(id) : null;
  }
  if (!asWhole) {
    return null;
  }
  switch (key) {
    case "Enter":
      return () => works.choose(id);
    case " ":
      return () => void (selected.ids ? selected.flip(id) : deeds.play(id));
    case "Delete":
      return () => void deeds.remove({ ids: [id] });
    default:
      return null;
  }
}
