/** How the cards of a room and of the house look alike. */

import { unsafeCSS } from "lit";
import css from "./house.css";

export const houseStyles = unsafeCSS(css);
