/** The form in which the card of the house is set up. */

import { checkPrivacy } from "../config.js";

export function getConfigForm() {
  const german = document.documentElement.lang.startsWith("de");
  return {
    schema: [{ name: "title", selector: { text: {} } }],
    computeLabel: () => (german ? "Überschrift" : "Title"),
    assertConfig: checkPrivacy,
  };
}
