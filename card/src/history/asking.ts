/** How a question is put: its code is loaded when the first is asked. */

import type { Words } from "../i18n/words.js";
import type { DialogElement, Question } from "../ui/dialog.js";

type Questions = typeof import("./questions.js");

/** Ask, and tell whether it was agreed to and done. */
export type Ask = (make: (questions: Questions, words: Words) => Question) => Promise<boolean>;

/** `refresh` comes with its code. */
export type Dialog = Pick<DialogElement, "ask"> & Partial<Pick<DialogElement, "refresh">>;

export function asking(
  words: () => Words | null,
  dialog: () => Dialog | null,
  failed: (reason: unknown) => void,
): Ask {
  return async (make) => {
    try {
      const questions = await import("./questions.js");
      const spoken = words();
      const shown = dialog();
      return spoken && shown ? await shown.ask(spoken, make(questions, spoken)) : false;
    } catch (reason) {
      failed(reason);
      return false;
    }
  };
}
