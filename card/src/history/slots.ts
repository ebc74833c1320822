/**
 * Which element shows which capture while somebody scrolls.
 *
 * To make the elements of a row takes longer than all the rest of it, so those of a capture that
 * is not seen any more show one that is seen now. Those that have the focus do not: it would go
 * to another capture without anybody having moved it.
 */

export class Slots {
  #taken = new Map<string, number>();
  #made = 0;

  /** Return the number of the element for each of these captures; `held` has the focus. */
  assign(ids: readonly string[], held: string | null): number[] {
    const before = this.#taken;
    const seen = new Set(ids).add(held ?? "");
    const free = [...before].filter(([id]) => !seen.has(id)).map(([, slot]) => slot);
    const slots = ids.map((id) => before.get(id) ?? free.pop() ?? this.#made++);
    this.#taken = new Map(ids.map((id, at) => [id, slots[at] ?? 0]));
    return slots;
  }
}
