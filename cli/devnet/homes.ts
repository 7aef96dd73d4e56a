/** The homes of a devnet's processes: settings and keys, as `init` of each would write them. Owns what of them is the devnet's to say. */
import type { ChildSpec } from "./children.ts";
import type { Devnet } from "./places.ts";

export async function writeDevnetHomes(_devnet: Devnet): Promise<void> {}

export function daemonSpecs(_devnet: Devnet): ChildSpec[] {
  return [];
}

export function buyerSpec(_devnet: Devnet): ChildSpec | undefined {
  return undefined;
}
