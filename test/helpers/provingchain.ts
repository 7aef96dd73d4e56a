/** A whole application with validators that have beacon keys: for tests of what proposers prove, and of those who do not. */
import type { ChainApplicationOptions } from "../../chain/abci/chainapplication.ts";
import { consensusAddress, validatorAddress } from "../../chain/address.ts";
import { messageCodec } from "../../chain/codec.ts";
import { prove, publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { ed25519Address, sha256 } from "../../chain/crypto/hash.ts";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import { type SystemSigner, systemTxBytes } from "../../chain/systemtx.ts";
import { newGenesis } from "../../cli/genesis.ts";
import { withOwnValidator } from "../../cli/genesisvalidator.ts";
import { proofInput } from "../../modules/beacon/proof.ts";
import * as queries from "../../proto/gen/weir/beacon/v1/query.ts";
import type { Epoch, Proposer } from "../../proto/gen/weir/beacon/v1/state.ts";
import { MsgProve } from "../../proto/gen/weir/beacon/v1/tx.ts";
import { chainId, denom, startBalance, TestApplication, testAccount } from "./testapplication.ts";

export interface TestValidator {
  readonly secret: Uint8Array;
  readonly signer: SystemSigner;
  /** Of consensus. */
  readonly address: Uint8Array;
  readonly operator: string;
}

export function testValidator(index: number): TestValidator {
  const secret = sha256(Buffer.from(`beacon key ${index}`));
  const address = ed25519Address(consensusKey(index));
  const signer = { publicKey: publicKeyOf(secret), prove: (input: Uint8Array) => prove(secret, input) };
  return { secret, signer, address, operator: validatorAddress.encode(address) };
}

export const consensusKey = (index: number): Uint8Array =>
  ed25519KeyPair(sha256(Buffer.from(`consensus key ${index}`))).publicKey;

export interface ProvingChainOptions extends Partial<ChainApplicationOptions> {
  /** With a beacon key from the start. */
  readonly validators?: number;
  /** Whose keys this node has. */
  readonly own?: readonly number[];
  /** Of the beacon. */
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface Claim {
  readonly by?: number;
  readonly chainId?: string;
  readonly height?: bigint;
  readonly beacon?: Uint8Array;
  readonly proposer?: Uint8Array;
}

/** Blocks are 5 s apart, epochs 20 s: four blocks. */
export async function provingChain(options: ProvingChainOptions = {}) {
  const { validators: count = 3, own = [0], params = {}, ...rest } = options;
  const validators = Array.from({ length: count }, (_, index) => testValidator(index));
  const coins = [{ denom, amount: startBalance }];
  const accounts = Array.from({ length: 4 }, (_, index) => ({ address: testAccount(index).address, coins }));
  let document = newGenesis({ chainId, moniker: "0", validatorKey: consensusKey(0), accounts });
  for (let index = 1; index < count; index++) document = withOwnValidator(document, consensusKey(index), `${index}`);
  const state = document.appState as Record<string, { readonly params: object }>;
  const beacon = {
    ...state.beacon!,
    params: { ...state.beacon!.params, epoch_duration: "20s", ...params },
    proposers: validators.map(({ operator, signer }) => ({
      operator,
      proposer: { keys: [{ public_key: Buffer.from(signer.publicKey).toString("base64"), usable_from: "0" }] },
    })),
  };
  const chain = await TestApplication.start({
    systemSigners: own.map((index) => testValidator(index).signer),
    ...rest,
    appState: { ...state, beacon },
  });
  chain.proposerAddress = validators[0]!.address;

  const ask = async () =>
    (await chain.query("/weir.beacon.v1.Query/Beacon", queries.QueryBeaconRequest, queries.QueryBeaconResponse, {}))
      .beacon!;

  return {
    chain,
    validators,
    beacon: ask,
    async epoch(number: bigint | "" = ""): Promise<Epoch> {
      const { QueryEpochRequest: request, QueryEpochResponse: response } = queries;
      return (await chain.query("/weir.beacon.v1.Query/Epoch", request, response, { number: `${number}` })).epoch!;
    },
    async proposer(index: number): Promise<Proposer & { readonly fineDue: string }> {
      const { QueryProposerRequest: request, QueryProposerResponse: response } = queries;
      const validator = validators[index]!.operator;
      const found = await chain.query("/weir.beacon.v1.Query/Proposer", request, response, {
        validatorAddress: validator,
      });
      return { ...found.proposer!.proposer!, fineDue: found.proposer!.fineDue };
    },
    /** The transaction that a proposer would add, or one that claims something else. */
    async proof(claim: Claim = {}): Promise<Uint8Array> {
      const by = validators[claim.by ?? 0] ?? testValidator(claim.by ?? 0);
      const input = proofInput({
        chainId: claim.chainId ?? chainId,
        height: claim.height ?? chain.nextBlock().height,
        beacon: claim.beacon ?? (await ask()).value,
      });
      const proposer = consensusAddress.encode(claim.proposer ?? chain.proposerAddress);
      return systemTxBytes(messageCodec(MsgProve), { proposer, proof: by.signer.prove(input) });
    },
  };
}
