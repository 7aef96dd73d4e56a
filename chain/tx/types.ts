/** A transaction after strict decoding, and what the ante pipeline asks of its surroundings. Implementations stand elsewhere. */
import type { AuthInfo, TxBody } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import type { Coin } from "../coins.ts";
import type { Context, ReadContext } from "../context.ts";
import type { AnyMessageHandler } from "../module.ts";

/** A message with the handler that the registry holds for its type URL. */
export interface DecodedMessage {
  readonly typeUrl: string;
  readonly handler: AnyMessageHandler;
  readonly value: unknown;
}

export interface DecodedTx {
  /** The whole TxRaw as it was received. */
  readonly bytes: Uint8Array;
  readonly bodyBytes: Uint8Array;
  readonly authInfoBytes: Uint8Array;
  readonly body: TxBody;
  readonly authInfo: AuthInfo;
  readonly signatures: readonly Uint8Array[];
  readonly messages: readonly DecodedMessage[];
}

/** Auth's parameters as the ante steps need them (cosmos.auth.v1beta1.Params). */
export interface TxParams {
  readonly maxMemoCharacters: bigint;
  readonly txSigLimit: bigint;
  readonly txSizeCostPerByte: bigint;
  readonly sigVerifyCostEd25519: bigint;
  readonly sigVerifyCostSecp256k1: bigint;
}

export interface SigningAccount {
  readonly address: Uint8Array;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
  /** google.protobuf.Any of the public key; undefined until the account first signs. */
  readonly publicKey: { readonly typeUrl: string; readonly value: Uint8Array } | undefined;
}

/** Implemented by modules/auth. */
export interface AnteAccounts {
  txParams(ctx: Context): TxParams;
  account(ctx: ReadContext, address: Uint8Array): SigningAccount | undefined;
  /** Writes both, in one write of the account. */
  update(ctx: Context, account: SigningAccount): void;
}

/** Implemented by modules/bank: moves the fee from the payer to the fee collector, with the SDK's events and errors. */
export interface AnteFees {
  deduct(ctx: Context, payer: Uint8Array, fee: readonly Coin[]): void;
}

/** Implemented by the feegrant module when there is one; without it a granter is refused. */
export interface AnteGrants {
  use(
    ctx: Context,
    granter: Uint8Array,
    grantee: Uint8Array,
    fee: readonly Coin[],
    messages: readonly DecodedMessage[],
  ): void;
}

export interface AnteKeepers {
  readonly accounts: AnteAccounts;
  readonly fees: AnteFees;
  readonly grants?: AnteGrants | undefined;
}
