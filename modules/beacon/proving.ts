/**
 * The proposer's proof, from both sides: what a node adds to the block that it proposes, and what the chain makes of it. Owns the beacon's
 * value; that a proof comes first, and once, is chain/systemtx.ts'.
 */
import { consensusAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { proofLength } from "../../chain/crypto/ecvrf.ts";
import type { SystemTransactions } from "../../chain/definition.ts";
import { compareBytes } from "../../chain/store/types.ts";
import type { MsgProve, MsgProveResponse } from "../../proto/gen/weir/beacon/v1/tx.ts";
import { alreadyProven, falseProof, noUsableKey, wrongProposer } from "./errors.ts";
import { proven } from "./events.ts";
import { proposersKey } from "./keys.ts";
import { firstBeacon, mixed, type Proven, proofInput } from "./proof.ts";
import { beacon } from "./state.ts";

export const proveUrl = "/weir.beacon.v1.MsgProve";

export const beaconValue = (ctx: ReadContext): Uint8Array => beacon.get(ctx)?.value ?? firstBeacon(ctx.block.chainId);

/** Whether the block that is being executed has brought its proof. */
export const isProven = (ctx: ReadContext): boolean => beacon.get(ctx)?.height === ctx.block.height;

const blockOf = (ctx: ReadContext): Proven => ({
  chainId: ctx.block.chainId,
  height: ctx.block.height,
  beacon: beaconValue(ctx),
});

export function prove(ctx: Context, { proposer, proof }: MsgProve): MsgProveResponse {
  const { height, proposerAddress } = ctx.block;
  const expected = consensusAddress.encode(proposerAddress);
  if (proposer !== expected) throw wrongProposer(expected, proposer);
  if (isProven(ctx)) throw alreadyProven(height);
  const key = proposersKey(ctx, proposerAddress);
  if (key === undefined) throw noUsableKey(proposer);
  const value = proof.length === proofLength ? mixed(key, blockOf(ctx), proof) : undefined;
  if (value === undefined) throw falseProof(proposer);
  beacon.set(ctx, { value, height });
  ctx.emit(proven(proposer, value));
  return { beacon: value };
}

/** By whichever of the node's secrets is the one that counts now: a node keeps the one before while the next waits. */
const propose: SystemTransactions["propose"] = (ctx, signers): MsgProve | undefined => {
  const { proposerAddress } = ctx.block;
  const key = proposersKey(ctx, proposerAddress);
  if (key === undefined) return undefined;
  const signer = signers.find(({ publicKey }) => compareBytes(publicKey, key) === 0);
  if (signer === undefined) return undefined;
  return { proposer: consensusAddress.encode(proposerAddress), proof: signer.prove(proofInput(blockOf(ctx))) };
};

export const proofs: SystemTransactions = { typeUrl: proveUrl, propose, execute: prove };
