/** Who must sign a transaction: the signers of its messages in order, without repeats, then a fee payer of its own. */
import type { DecodedTx } from "./types.ts";

export function requiredSigners({ messages, authInfo }: Pick<DecodedTx, "messages" | "authInfo">): readonly string[] {
  const payer = authInfo.fee?.payer ?? "";
  if (messages.length === 1 && payer === "") return messages[0]!.handler.signers(messages[0]!.value);
  const signers = new Set<string>();
  for (const { handler, value } of messages) for (const signer of handler.signers(value)) signers.add(signer);
  if (payer !== "") signers.add(payer);
  return [...signers];
}
