/** The beacon's errors: codes are for ever. */
import { ChainError } from "../../chain/errors.ts";

const beaconError = (code: number, text: string) => new ChainError("beacon", code, text);

export const unusableKey = () =>
  beaconError(2, "the key is no point of the curve, or one of small order; expected 32 bytes of an ed25519 public key");

export const falsePossession = () =>
  beaconError(
    3,
    "possession is no proof of this key over this chain and operator; `weir tx beacon register-key` makes one",
  );

export const sameKey = () => beaconError(4, "this key is registered already; register another one, or leave it");

export const wrongProposer = (proposer: string, found: string) =>
  beaconError(5, `the block was proposed by ${proposer}; only its own proof counts, not that of ${found}`);

export const alreadyProven = (height: bigint) => beaconError(6, `block ${height} has its proof already`);

export const noUsableKey = (proposer: string) =>
  beaconError(7, `${proposer} is no validator with a beacon key that is usable in this epoch`);

export const falseProof = (proposer: string) =>
  beaconError(8, `not a proof of ${proposer}'s beacon key over this chain, height and beacon`);

export const notInBlock = () =>
  beaconError(9, "a proof counts in a block's first transaction alone, which its proposer adds; nobody sends it");

export const invalidParams = (problem: string) => beaconError(10, problem);
