/** The form in which the card of a room is set up. */

import { checkRoom } from "../config.js";

const GERMAN: Readonly<Record<string, string>> = {
  device: "Raum",
  name: "Name (leer: der des Raums)",
  minutes: "Halten schaltet stumm für",
};
const ENGLISH: Readonly<Record<string, string>> = {
  device: "Room",
  name: "Name (empty: the room's)",
  minutes: "Holding mutes for",
};

export function getConfigForm() {
  const texts = document.documentElement.lang.startsWith("de") ? GERMAN : ENGLISH;
  return {
    schema: [
      {
        name: "device",
        required: true,
        selector: {
          device: { filter: { integration: "earshot" }, entity: { domain: "assist_satellite" } },
        },
      },
      { name: "name", selector: { text: {} } },
      {
        name: "minutes",
        default: 30,
        selector: { number: { min: 1, max: 720, mode: "box", unit_of_measurement: "min" } },
      },
    ],
    computeLabel: (field: { name: string }) => texts[field.name] ?? field.name,
    assertConfig: checkRoom,
  };
}
