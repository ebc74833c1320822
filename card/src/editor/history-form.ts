/** The form in which the history card is set up. */

import { checkHistory } from "../config.js";

const GERMAN: Readonly<Record<string, string>> = {
  device: "Raum",
  all: "Ohne Raum: alle",
  title: "Überschrift",
};
const ENGLISH: Readonly<Record<string, string>> = {
  device: "Room",
  all: "Without a room: all of them",
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
    // Home Assistant shows no label where no device is chosen.
    computeHelper: (field: { name: string }) =>
      field.name === "device" ? texts["all"] : undefined,
    assertConfig: checkHistory,
  };
}
