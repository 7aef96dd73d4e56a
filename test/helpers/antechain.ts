/** The real modules with a few funded accounts whose keys are known, and single transactions passed through the ante steps. */
import { accountAddress } from "../../chain/address.ts";
import { messageCodec } from "../../chain/codec.ts";
import type { BlockInfo, ExecutionMode } from "../../chain/context.ts";
import { type MultisigKey, type PublicKey, publicKeyAddress } from "../../chain/crypto/publickey.ts";
import { ed25519KeyPair, type KeyPair, secp256k1KeyPair, sign } from "../../chain/crypto/sign.ts";
import { inlineVerifier } from "../../chain/crypto/verifier.ts";
import { parseCoins } from "../../chain/deccoins.ts";
import { makeRegistry } from "../../chain/definition.ts";
import { ChainError } from "../../chain/errors.ts";
import type { ChainEvent } from "../../chain/events.ts";
import { executionContext } from "../../chain/execution.ts";
import { limitedGasMeter, unlimitedGasMeter } from "../../chain/gas.ts";
import type { Journal } from "../../chain/store/journal.ts";
import { memoryJournal } from "../../chain/store/memory.ts";
import { type AnteOptions, type AnteResult, runAnte } from "../../chain/tx/ante.ts";
import type { TxSigner, TypedMessage } from "../../chain/tx/build.ts";
import { decodeTx } from "../../chain/tx/decode.ts";
import type { SigningAccount } from "../../chain/tx/types.ts";
import { weir } from "../../modules/index.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import { AuthInfo, TxBody, TxRaw } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { noDelivery } from "./testchain.ts";

export const chainId = "weir-test-1";

export interface Actor {
  readonly publicKey: PublicKey;
  readonly address: string;
  readonly bytes: Uint8Array;
  /** Of a single key. */
  readonly sign: (message: Uint8Array) => Uint8Array;
}

const actorOf = (pair: KeyPair): Actor => {
  const publicKey: PublicKey = { scheme: pair.scheme, key: pair.publicKey };
  const bytes = publicKeyAddress(publicKey);
  return { publicKey, bytes, address: accountAddress.encode(bytes), sign: (message) => sign(pair, message) };
};

/** The same key for the same number. */
export const actor = (number: number): Actor => actorOf(secp256k1KeyPair(new Uint8Array(32).fill(number)));
export const ed25519Actor = (number: number): Actor => actorOf(ed25519KeyPair(new Uint8Array(32).fill(number)));

export const multisigOf = (threshold: number, members: readonly Actor[]): Actor & { publicKey: MultisigKey } => {
  const publicKey: MultisigKey = {
    scheme: "multisig",
    threshold,
    publicKeys: members.map((member) => member.publicKey),
  };
  const bytes = publicKeyAddress(publicKey);
  const none = () => {
    throw new Error("a multisig has no signature of its own");
  };
  return { publicKey, bytes, address: accountAddress.encode(bytes), sign: none };
};

export const coins = parseCoins;

export const send = (from: Actor, to: Actor, amount: string): TypedMessage => ({
  codec: messageCodec(MsgSend) as TypedMessage["codec"],
  value: {
    fromAddress: from.address,
    toAddress: to.address,
    amount: coins(amount).map((coin) => ({ denom: coin.denom, amount: `${coin.amount}` })),
  } satisfies MsgSend,
});

export const block: BlockInfo = {
  chainId,
  height: 7n,
  time: { seconds: 1_700_000_000n, nanos: 5 },
  proposerAddress: new Uint8Array(0),
};

export interface Passed {
  readonly result: AnteResult | undefined;
  readonly refusal: ChainError | undefined;
  readonly events: readonly ChainEvent[];
  readonly gasUsed: bigint;
}

export interface Circumstances extends Partial<AnteOptions> {
  readonly mode?: ExecutionMode;
  readonly block?: Partial<BlockInfo>;
  /** Writes stay for the next transaction. */
  readonly keep?: boolean;
}

export interface AnteChain {
  readonly journal: Journal;
  account(actor: Actor): SigningAccount;
  /** Signs with the account's own number and sequence unless told otherwise. */
  signer(actor: Actor, overrides?: Partial<TxSigner>): TxSigner;
  pass(tx: Uint8Array, circumstances?: Circumstances): Passed;
}

const funds = [
  { denom: "uusdc", amount: "1000000" },
  { denom: "uweir", amount: "1000000" },
];

/** Account numbers follow the order of the actors. */
export function anteChain(actors: readonly Actor[]): AnteChain {
  const journal = memoryJournal();
  const appState: Readonly<Record<string, unknown>> = {
    auth: {
      params: defaultAuthParams(),
      accounts: actors.map(({ address }, index) => ({
        "@type": "/cosmos.auth.v1beta1.BaseAccount",
        address,
        pub_key: null,
        account_number: `${index}`,
        sequence: "0",
      })),
    },
    bank: {
      params: { send_enabled: [], default_send_enabled: true },
      balances: actors.map(({ address }) => ({ address, coins: funds })),
      supply: [],
      denom_metadata: [],
      send_enabled: [],
    },
  };
  const genesisContext = executionContext(journal, { ...block, height: 0n }, "genesis", unlimitedGasMeter());
  for (const { name, genesis } of weir.order.genesis)
    genesis.init(
      genesisContext,
      appState[name] === undefined ? genesis.default() : genesis.parse(appState[name]),
      noDelivery,
    );
  const registry = makeRegistry(weir.modules);
  const reading = () => executionContext(journal, block, "query", unlimitedGasMeter());
  const account = ({ bytes }: Actor): SigningAccount => weir.ante.accounts.account(reading(), bytes)!;
  return {
    journal,
    account,
    signer(actor, overrides) {
      const { accountNumber, sequence } = account(actor);
      const { publicKey, sign } = actor;
      return { publicKey, sign, accountNumber, sequence, chainId, mode: SignMode.SIGN_MODE_DIRECT, ...overrides };
    },
    pass: (bytes, circumstances = {}) => passOne(journal, registry, bytes, circumstances),
  };
}

function defaultAuthParams(): unknown {
  const { genesis } = weir.modules.find(({ name }) => name === "auth")!;
  return (genesis.toJson(genesis.default()) as { readonly params: unknown }).params;
}

function passOne(
  journal: Journal,
  registry: ReturnType<typeof makeRegistry>,
  bytes: Uint8Array,
  { mode = "finalize", block: changes, keep = false, ...options }: Circumstances,
): Passed {
  const tx = decodeTx(bytes, registry);
  const gasLimit = tx.authInfo.fee?.gasLimit ?? 0n;
  const gas = mode === "simulate" || mode === "genesis" ? unlimitedGasMeter() : limitedGasMeter(gasLimit);
  const ctx = executionContext(journal, { ...block, ...changes }, mode, gas);
  const mark = journal.mark();
  let result: AnteResult | undefined;
  let refusal: ChainError | undefined;
  try {
    result = ctx.attempt(() => runAnte(ctx, tx, { keepers: weir.ante, verifier: inlineVerifier(), ...options }));
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    refusal = error;
  }
  if (!keep) journal.rollback(mark);
  return { result, refusal, events: ctx.events, gasUsed: gas.consumed };
}

export interface Parts {
  readonly body: TxBody;
  readonly authInfo: AuthInfo;
  readonly signatures: Uint8Array[];
}

/** Takes a signed transaction apart, changes it and puts it together again without signing again. */
export function changed(tx: Uint8Array, change: (parts: Parts) => void): Uint8Array {
  const raw = TxRaw.decode(tx.slice());
  const parts = {
    body: TxBody.decode(raw.bodyBytes),
    authInfo: AuthInfo.decode(raw.authInfoBytes),
    signatures: raw.signatures,
  };
  change(parts);
  return TxRaw.encode({
    bodyBytes: TxBody.encode(parts.body).finish(),
    authInfoBytes: AuthInfo.encode(parts.authInfo).finish(),
    signatures: parts.signatures,
  }).finish();
}
