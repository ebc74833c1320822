/** What the history card asks before it does something. */

import type { Api } from "../ha/api.js";
import type { Capture, Label, Seal } from "../ha/model.js";
import type { Words } from "../i18n/words.js";
import { plain, type Question } from "../ui/dialog.js";
import type { Deletion } from "./deletion.js";

const PIN_DAYS = [1, 3, 7, 14, 30];
const LONGEST_REASON = 200;
const LONGEST_TEXT = 1_000;

export function secondFactor(words: Words, api: Api, given: (seconds: number) => void): Question {
  const code = { kind: "code", name: "code", label: words.text("second_factor.code") } as const;
  return plain(words, "second_factor", [code], async (values) => {
    given((await api.secondFactor(values["code"] ?? "")).seconds);
  });
}

export function passphrase(
  words: Words,
  api: Api,
  seals: readonly Seal[],
  names: (seal: Seal) => string,
  opened: (seconds: number) => void,
): Question {
  const choice = {
    kind: "choice",
    name: "seal",
    label: words.text("locked.seal.title"),
    choices: seals.map((seal) => [seal.seal_id, names(seal)] as const),
  } as const;
  const secret = {
    kind: "secret",
    name: "passphrase",
    label: words.text("passphrase.label"),
    show: words.text("passphrase.show"),
  } as const;
  return plain(
    words,
    "passphrase",
    seals.length > 1 ? [choice, secret] : [secret],
    async (values) => {
      const seal = values["seal"] ?? seals[0]?.seal_id ?? "";
      opened(await api.unlock(seal, values["passphrase"] ?? ""));
    },
  );
}

export function pin(words: Words, api: Api, capture: Capture): Question {
  const days = {
    kind: "choice",
    name: "days",
    label: words.text("pin.days"),
    choices: PIN_DAYS.map((each) => [String(each), words.count("pin.days_count", each)] as const),
    value: "7",
  } as const;
  const reason = {
    kind: "text",
    name: "reason",
    label: words.text("pin.reason"),
    longest: LONGEST_REASON,
  } as const;
  return plain(words, "pin", [reason, days], async (values) => {
    await api.pin(capture.id, Number(values["days"]), values["reason"] ?? "");
  });
}

export function rightText(words: Words, api: Api, capture: Capture): Question {
  const text = {
    kind: "lines",
    name: "text",
    label: words.text("label.right"),
    longest: LONGEST_TEXT,
    value: capture.right_text ?? capture.transcript ?? "",
  } as const;
  const label: Label = "wrong_text";
  return plain(words, "label", [text], (values) => api.label(capture.id, label, values["text"]));
}

export function exporting(words: Words, save: () => Promise<void>): Question {
  return plain(words, "export", [], save);
}

/** The deletion counts; this shows what it knows, and agrees. */
export function deleting(words: Words, deletion: Deletion): Question {
  return {
    heading: words.text("delete.title"),
    action: words.text("delete.do"),
    danger: true,
    content: () => {
      const { state } = deletion;
      if (state.kind === "failed") {
        return { blocked: true, error: state.error };
      }
      if (state.kind !== "asking") {
        return { strong: [words.text("delete.counting")], blocked: true };
      }
      const { captures, pinned } = state.count;
      const count = captures ? words.count("delete.count", captures) : words.text("delete.none");
      const spared = pinned > 0 && !state.withPinned;
      return {
        strong: [spared ? `${count} ${words.count("delete.pinned", pinned)}` : count],
        lines: [words.text("delete.undo")],
        fields:
          pinned > 0
            ? [
                {
                  kind: "check",
                  name: "pinned",
                  label: words.text("delete.with_pinned"),
                  checked: state.withPinned,
                  changed: (checked) => void deletion.ask(state.what, checked),
                },
              ]
            : [],
        blocked: captures === 0,
      };
    },
    attempt: () => deletion.agree(),
  };
}
