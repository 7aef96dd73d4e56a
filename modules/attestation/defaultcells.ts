/** The cells of a chain that names none: coarse regions of the world. Their least RTTs are governance's to say. */
import type { Cell } from "../../proto/gen/weir/attestation/v1/state.ts";

const cell = (name: string, description: string): Cell => ({ name, description });

export const defaultCells: readonly Cell[] = [
  cell("africa", "Africa"),
  cell("asia-east", "East Asia"),
  cell("asia-south", "South Asia"),
  cell("asia-southeast", "Southeast Asia"),
  cell("europe-east", "Eastern Europe"),
  cell("europe-west", "Western Europe"),
  cell("middle-east", "Middle East and Central Asia"),
  cell("north-america-east", "Eastern North America"),
  cell("north-america-west", "Western North America"),
  cell("oceania", "Oceania"),
  cell("south-america", "South and Central America"),
];
