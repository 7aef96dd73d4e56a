/** What the ante steps share while one transaction passes them. Owns no rule. */
import type { Coins } from "../../coins.ts";
import type { Context } from "../../context.ts";
import type { PublicKey } from "../../crypto/publickey.ts";
import type { SignatureVerifier } from "../../crypto/types.ts";
import type { DecCoins } from "../../deccoins.ts";
import { sdk } from "../../errors.ts";
import type { GivenSignature } from "../signatures.ts";
import type { AnteKeepers, DecodedTx, SigningAccount, TxParams } from "../types.ts";

export interface AnteOptions {
  readonly keepers: AnteKeepers;
  readonly verifier: SignatureVerifier;
  /** This node's, sorted by denomination; asked for by CheckTx only, so never part of consensus. */
  readonly minGasPrices?: DecCoins | undefined;
  /** Consensus parameter block.max_gas; undefined where blocks have no limit. */
  readonly maxGasPerBlock?: bigint | undefined;
}

export interface Signer {
  /** Bech32. */
  readonly text: string;
  readonly address: Uint8Array;
  /** undefined: the signer left its mode out. */
  readonly given: GivenSignature | undefined;
  /** As the signer states it. */
  readonly sequence: bigint;
  /** From the public-key step on. */
  account: SigningAccount | undefined;
  key: PublicKey | undefined;
}

export interface AnteRun {
  readonly ctx: Context;
  readonly tx: DecodedTx;
  readonly options: AnteOptions;
  readonly params: TxParams;
  readonly simulate: boolean;
  readonly fee: Coins;
  readonly gasLimit: bigint;
  readonly signers: readonly Signer[];
}

/** Of a step that runs after the public-key step. */
export function settled(signer: Signer): { readonly account: SigningAccount; readonly key: PublicKey } {
  const { account, key } = signer;
  if (account === undefined) throw sdk.unknownAddress(`account ${signer.text} does not exist`);
  if (key === undefined) throw sdk.invalidPubKey("pubkey on account is not set");
  return { account, key };
}
