/**
 * A client's transactions: signed by its wallets, the fee paid by whoever granted it. Owns how they are put together, their gas, and who signs in
 * which order; does not own keys, nor how a node is reached.
 */
import { messageCodec } from "../../chain/codec.ts";
import type { Coins } from "../../chain/coins.ts";
import { publicKeyToAny } from "../../chain/crypto/publickey.ts";
import { decCeil, decOne } from "../../chain/dec.ts";
import type { DecCoins } from "../../chain/deccoins.ts";
import {
  assemble,
  buildUnsigned,
  type FeeToPay,
  type TxContents,
  type TypedMessage,
  unsignedForSimulation,
} from "../../chain/tx/build.ts";
import { signBytes } from "../../chain/tx/signbytes.ts";
import { QueryAccountInfoRequest, QueryAccountInfoResponse } from "../../proto/gen/cosmos/auth/v1beta1/query.ts";
import { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import { SimulateRequest, SimulateResponse } from "../../proto/gen/cosmos/tx/v1beta1/service.ts";
import type { AccountSigner } from "../chain/signer.ts";
import { type Submitted, TxRefused } from "../chain/transactions.ts";
import { drop } from "../daemon/failure.ts";
import type { ClientChain } from "./clientchain.ts";

export interface Sender {
  readonly chain: ClientChain;
  /** Of a gas; none: nothing, or what a node says that it wants. */
  readonly gasPrices: DecCoins;
  /** One transaction after the other: each needs the sequence that the one before leaves. */
  readonly turns: Turns;
}

export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(action: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(action);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

/** Who signs a transaction, and who pays for it. */
export interface Signers {
  /** In the order in which the messages ask for them. */
  readonly accounts: readonly AccountSigner[];
  /** Where another account pays: it signs last. */
  readonly payer?: AccountSigner;
  /** Whose grant pays. */
  readonly granter?: string;
}

/** Of simulated gas, in tenths: what the state may change until the block. */
const gasTenths = 15n;

interface Terms {
  readonly signer: AccountSigner;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
}

async function termsOf({ chain }: Sender, signer: AccountSigner): Promise<Terms> {
  const request = QueryAccountInfoRequest.encode({ address: signer.address }).finish();
  const path = "/cosmos.auth.v1beta1.Query/AccountInfo";
  const { info } = await chain.query(path, request, (bytes) => QueryAccountInfoResponse.decode(bytes));
  if (info === undefined) throw drop(`the chain knows no account ${signer.address}: nothing was paid into it yet`);
  return { signer, accountNumber: info.accountNumber, sequence: info.sequence };
}

/** A payer that signs anyway is not named twice. */
function signersOf({ accounts, payer }: Signers): readonly AccountSigner[] {
  const isThere = payer === undefined || accounts.some(({ address }) => address === payer.address);
  return isThere ? accounts : [...accounts, payer];
}

const feeOf = (gasPrices: DecCoins, gasLimit: bigint): Coins =>
  gasPrices.map(({ denom, amount }) => ({ denom, amount: decCeil(amount * gasLimit) / decOne }));

const keyOf = ({ publicKey }: AccountSigner) => ({ scheme: "secp256k1", key: publicKey }) as const;

/** What it would use of gas now. A refusal of the chain is a Failure of the kind drop with its words. */
async function simulated(
  { chain }: Sender,
  contents: TxContents,
  fee: FeeToPay,
  terms: readonly Terms[],
): Promise<bigint> {
  const signers = terms.map(({ signer, sequence }) => ({ publicKey: keyOf(signer), sequence }));
  const txBytes = unsignedForSimulation(contents, fee, signers);
  const request = SimulateRequest.encode(SimulateRequest.fromPartial({ txBytes })).finish();
  const path = "/cosmos.tx.v1beta1.Service/Simulate";
  const { gasInfo } = await chain.query(path, request, (bytes) => SimulateResponse.decode(bytes));
  return gasInfo?.gasUsed ?? 0n;
}

/** Signs and sends; resolves when it is in a block. */
export const send = (sender: Sender, messages: readonly TypedMessage[], signers: Signers): Promise<Submitted> =>
  sender.turns.take(() => sendNow(sender, messages, signers));

async function sendNow(sender: Sender, messages: readonly TypedMessage[], signers: Signers): Promise<Submitted> {
  const { chain, gasPrices } = sender;
  const terms = await Promise.all(signersOf(signers).map((signer) => termsOf(sender, signer)));
  const { payer, granter } = signers;
  const contents: TxContents = { messages };
  const fee = (gasLimit: bigint): FeeToPay => ({
    amount: feeOf(gasPrices, gasLimit),
    gasLimit,
    ...(payer === undefined ? {} : { payer: payer.address }),
    ...(granter === undefined ? {} : { granter }),
  });
  const gas = await simulated(sender, contents, fee(gasMax), terms);
  const offered = fee((gas * gasTenths) / 10n + 1n);
  try {
    return await chain.deliver(await signedBytes(chain.chainId, contents, offered, terms));
  } catch (error) {
    // Nothing was taken: the node says what it wants, and the grant's limit bounds what it gets.
    const amount = gasPrices.length === 0 ? wantedFee(error) : undefined;
    if (amount === undefined) throw error;
    return chain.deliver(await signedBytes(chain.chainId, contents, { ...offered, amount }, terms));
  }
}

const insufficientFee = 13;

/** "insufficient fees; got: 0uweir required: 5000uweir": the first of what would do. */
function wantedFee(error: unknown): Coins | undefined {
  if (!(error instanceof TxRefused) || error.codespace !== "sdk" || error.code !== insufficientFee) return undefined;
  const [, amount, denom] = /required: ([0-9]{1,18})([a-zA-Z][a-zA-Z0-9/:._-]{2,127})/.exec(error.message) ?? [];
  return amount === undefined || denom === undefined ? undefined : [{ denom, amount: BigInt(amount) }];
}

/** For the simulation, which says what it takes. */
const gasMax = 10_000_000n;

async function signedBytes(
  chainId: string,
  contents: TxContents,
  fee: FeeToPay,
  terms: readonly Terms[],
): Promise<Uint8Array> {
  const mode = SignMode.SIGN_MODE_DIRECT;
  const infos = terms.map(({ signer, sequence }) => ({
    publicKey: publicKeyToAny(keyOf(signer)),
    modeInfo: { single: { mode }, multi: undefined },
    sequence,
  }));
  const unsigned = buildUnsigned(contents, fee, infos);
  const signatures = terms.map(({ signer, accountNumber, sequence }) =>
    signer.sign(signBytes(mode, unsigned, { chainId, accountNumber, sequence })),
  );
  return assemble(unsigned, await Promise.all(signatures));
}

export const typed = <T>(codec: Parameters<typeof messageCodec<T>>[0], value: T): TypedMessage =>
  ({ codec: messageCodec(codec), value }) as TypedMessage;
