/** The form in which the history card is set up. */

import { checkHistory } from "../config.js";

const GERMAN: Readonly<Record<string, string>> = {
  device: "Raum (leer: alle)",
  title: "Überschrift",
};
const ENGLISH: Readonly<Record<string, string>> = {
  device: "Room (empty: all)",
  title: "Title",
};

export function getConfigForm() {
  const texts = document.documentElement.lang.startsWith("de") ? GERMAN : ENGLISH;
  return {
    schema: [
      {
        name: "device",
        selector: {
          device: { filter: { integration: "earshot" }, entity: { domain: "assist_satellite" } },
        },
      },
      { name: "title", selector: { text: {} } },
    ],
    computeLabel: (field: { name: string }) => texts[field.name] ?? field.name,
    assertConfig: checkHistory,
  };
}
