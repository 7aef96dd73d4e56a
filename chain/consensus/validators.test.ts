import { describe, expect, it } from "vitest";
import { fromHex, type SetStep, toHex, blockVectors as vectors } from "../../test/helpers/block-vectors.ts";
import { validatorSetHash } from "./hashes.ts";
import {
  changeValidators,
  emptyValidatorSet,
  incrementPriority,
  newValidatorSet,
  proposerOf,
  totalPowerMax,
} from "./validators.ts";

const keyOf = (key: number) => ({ ed25519: fromHex(vectors.validatorKeys[key]!) });
const numberOf = (key: { ed25519?: Uint8Array | undefined } | undefined) =>
  vectors.validatorKeys.indexOf(toHex(key?.ed25519 ?? new Uint8Array()));
const updates = (changes: SetStep["changes"]) =>
  changes.map(({ key, power }) => ({ pubKey: keyOf(key), power: BigInt(power) }));

describe("the validator set", () => {
  it.each(vectors.validatorSets.map((steps, history) => ({ history, steps })))(
    "turns and changes as CometBFT's does, history $history",
    ({ steps }) => {
      let set = emptyValidatorSet;
      steps.forEach((step, i) => {
        if (i === 0) set = newValidatorSet(updates(step.changes));
        else {
          const before = set;
          if (step.refused) expect(() => changeValidators(before, updates(step.changes))).toThrow();
          else set = changeValidators(set, updates(step.changes));
          set = incrementPriority(set, step.turns);
        }
        const found = set.validators.map(({ pubKey, votingPower, proposerPriority }) => ({
          key: numberOf(pubKey),
          power: String(votingPower),
          priority: String(proposerPriority),
        }));
        expect(found, `step ${i}`).toEqual(step.validators);
        expect(numberOf(proposerOf(set).pubKey), `step ${i}`).toBe(step.proposer);
        expect(toHex(validatorSetHash(set)), `step ${i}`).toBe(step.hash);
      });
    },
  );

  it("refuses changes that leave nobody, name a stranger, repeat a validator or overflow the power", () => {
    const set = newValidatorSet([
      { pubKey: keyOf(0), power: 10n },
      { pubKey: keyOf(1), power: 5n },
    ]);
    const change = (key: number, power: bigint) => ({ pubKey: keyOf(key), power });
    expect(() => changeValidators(set, [change(0, 0n), change(1, 0n)])).toThrow("would leave no validator");
    expect(() => changeValidators(set, [change(2, 0n)])).toThrow("is to be removed and is not in the set");
    expect(() => changeValidators(set, [change(0, 1n), change(0, 2n)])).toThrow("is changed twice in one block");
    expect(() => changeValidators(set, [change(0, -1n)])).toThrow("negative voting power");
    expect(() => changeValidators(set, [change(0, totalPowerMax)])).toThrow("exceeds the maximum");
    expect(() => newValidatorSet([change(0, 0n)])).toThrow("without voting power");
  });
});
