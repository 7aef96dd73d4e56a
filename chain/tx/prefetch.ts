/**
 * Which signature checks a block will need, guessed from the state before it, so that workers may start on them. Owns no verdict:
 * a wrong guess wastes a worker's time and the ante steps check again.
 */
import { accountAddress } from "../address.ts";
import type { ReadContext } from "../context.ts";
import { countSingleKeys, publicKeyFromAny } from "../crypto/publickey.ts";
import type { SignatureCheck } from "../crypto/types.ts";
import { ChainError } from "../errors.ts";
import { furtherSignatureGas } from "../gas.ts";
import { requiredSigners } from "./signers.ts";
import type { DecodedTx, SigningAccount } from "./types.ts";
import { signatureProblem } from "./verify.ts";

export interface CheckSource {
  readonly chainId: string;
  /** Genesis transactions sign over account number 0. */
  readonly isGenesis: boolean;
  account(address: Uint8Array): SigningAccount | undefined;
  /** The state that messages' own signatures are guessed from; left out, they are not. */
  readonly ctx?: ReadContext;
}

/** Never throws on what a transaction holds: one that is malformed has no checks. */
export function signatureChecks(txs: Iterable<DecodedTx>, source: CheckSource): SignatureCheck[] {
  const checks: SignatureCheck[] = [];
  for (const tx of txs) {
    try {
      collectChecks(tx, source, checks);
      if (source.ctx !== undefined) checks.push(...furtherChecks(tx, source.ctx));
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
    }
  }
  return checks;
}

/** Those that stand in messages, as far as the transaction's gas pays for them; none where a message makes no sense. */
export function furtherChecks({ messages, authInfo }: DecodedTx, ctx: ReadContext): SignatureCheck[] {
  const paid = (authInfo.fee?.gasLimit ?? 0n) / furtherSignatureGas;
  try {
    const checks = messages.flatMap(({ handler, value }) => handler.furtherSignatures?.(ctx, value) ?? []);
    return paid < BigInt(checks.length) ? checks.slice(0, Number(paid)) : checks;
  } catch (error) {
    if (error instanceof ChainError) return [];
    throw error;
  }
}

/** A multisig of more keys is refused by most chains' limit, and costs much before that is known. */
const keysMax = 32;

function collectChecks(tx: DecodedTx, { chainId, isGenesis, account }: CheckSource, checks: SignatureCheck[]): void {
  const signers = requiredSigners(tx);
  for (let index = 0; index < signers.length; index++) {
    const info = tx.authInfo.signerInfos[index];
    const bytes = tx.signatures[index];
    const known = account(accountAddress.decode(signers[index]!));
    const packed = known?.publicKey ?? info?.publicKey;
    if (info === undefined || bytes === undefined || known === undefined || packed === undefined) return;
    if (info.modeInfo === undefined) return;
    const key = publicKeyFromAny(packed);
    if (countSingleKeys(key) > keysMax) return;
    const given = { modeInfo: info.modeInfo, bytes };
    const signer = { chainId, accountNumber: isGenesis ? 0n : known.accountNumber, sequence: info.sequence };
    signatureProblem(key, given, tx, signer, (check) => {
      checks.push(check);
      return true;
    });
  }
}
