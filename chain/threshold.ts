/** So many of so many must agree: what such a group may be, and who of it has agreed. Pure; who is elected how is a module's. */
import { accountAddress } from "./address.ts";
import { ChainError } from "./errors.ts";

/** More cannot be reached in an hour, and every approval is looked at. */
export const groupMembersMax = 21;

/** Undefined when all is well. Nobody with a threshold of 0 is a group that can do nothing. */
export function groupProblem(members: readonly string[], threshold: number): string | undefined {
  if (members.length > groupMembersMax) return `${members.length} members, expected at most ${groupMembersMax}`;
  for (const [index, member] of members.entries()) {
    const problem = addressProblem(member);
    if (problem !== undefined) return `member ${member}: ${problem}`;
    if (members.indexOf(member) !== index) return `${member} is named twice`;
  }
  if (members.length === 0) return threshold === 0 ? undefined : `${threshold} of no members cannot agree`;
  if (threshold >= 1 && threshold <= members.length) return undefined;
  return `the threshold is ${threshold} of ${members.length} members, expected 1 to ${members.length}`;
}

function addressProblem(text: string): string | undefined {
  try {
    // Bech32 may be all in capitals; members are told apart by their text.
    return accountAddress.encode(accountAddress.decode(text)) === text ? undefined : "expected it in lower case";
  } catch (error) {
    if (error instanceof ChainError) return error.message;
    throw error;
  }
}
