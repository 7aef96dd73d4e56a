import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LightClientAttackEvidence } from "../../proto/gen/tendermint/types/evidence.ts";
import { type LightAttack, makeLightAttack } from "../../test/helpers/evidence.ts";
import { KvApplication, KvDisk } from "../../test/helpers/kv-application.ts";
import { type LocalHome, makeHome, openChain, type RunningChain } from "../../test/helpers/local-chain.ts";
import { evidenceJson, readEvidence } from "../server/rpc-evidence.ts";
import { asEvidence } from "./evidence.ts";
import { evidenceHash, headerHash } from "./hashes.ts";
import { addMillis } from "./time.ts";

const fill = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

describe("evidence of an attack on light clients", () => {
  let home: LocalHome;
  let app: KvApplication;
  let chain: RunningChain;
  let options: Omit<LightAttack, "change">;
  beforeAll(async () => {
    home = makeHome();
    app = new KvApplication(new KvDisk());
    chain = await openChain(home, app, { createEmptyBlocks: true, blockMillis: 5 });
    const fourth = chain.reach(4n);
    chain.engine.run();
    await fourth;
    const { header } = (await chain.engine.stores.blocks.meta(3n))!;
    const validators = (await chain.engine.stores.blocks.validators(3n))!;
    const { chainId } = home.genesis;
    const keyPath = join(home.folder, "key0.json");
    options = { keyPath, chainId, header, validators, commonHeight: 3n, commonTime: header.time };
  });
  afterAll(async () => {
    await chain.stop();
    home.remove();
  });
  const refusal = (change: Partial<LightAttack>, more: Partial<LightClientAttackEvidence> = {}) =>
    expect(
      chain.engine.addEvidence({
        ...makeLightAttack({ ...options, change: { dataHash: fill(5) }, ...change }),
        ...more,
      }),
    ).rejects;

  it("is refused in CometBFT's words when it is not whole", async () => {
    const basic = "evidence.ValidateBasic failed: ";
    await refusal({}, { conflictingBlock: undefined }).toThrow(`${basic}conflicting block is nil`);
    const nothing = { signedHeader: undefined, validatorSet: undefined };
    await refusal({}, { conflictingBlock: nothing }).toThrow("conflicting block missing signed header");
    await refusal({}, { totalVotingPower: 0n }).toThrow("negative or zero total voting power");
    await refusal({}, { commonHeight: 0n }).toThrow("negative or zero common height");
    await refusal({}, { commonHeight: 4n }).toThrow("common height is ahead of the conflicting block height (4 > 3)");
    await refusal({ change: { validatorsHash: fill(1) } }).toThrow(
      "expected validator hash of header to match validator set hash",
    );
    await refusal({ change: { dataHash: fill(1).subarray(1) } }).toThrow("wrong DataHash: expected size to be 32");
    expect(chain.engine.stores.evidence.isEmpty).toBe(true);
  });

  it("is refused when it does not fit the chain", async () => {
    await refusal({}, { totalVotingPower: 11n }).toThrow("does not match (11 != 10)");
    await refusal({ change: {} }).toThrow("trusted header hash matches the evidence's conflicting header hash");
    await refusal({ change: { appHash: fill(2) } }).toThrow("common height is the same as conflicting block height");
    await refusal({}, { byzantineValidators: [] }).toThrow("expected 1 byzantine validators from evidence but got 0");
    await refusal({ round: 1 }).toThrow("expected nil validators from an amnesia light client attack but got 1");
    await refusal({ commonTime: addMillis(options.commonTime, 1) }).toThrow(
      "evidence has a different time to the block",
    );
    await refusal({ chainId: "other" }).toThrow("invalid commit from conflicting block: wrong signature (#0)");
    const [validator] = options.validators.validators;
    const stranger = [{ ...validator!, address: new Uint8Array(20) }];
    await refusal({}, { byzantineValidators: stranger }).toThrow("unexpected byzantine validator address");
    await refusal({}, { byzantineValidators: [{ ...validator!, votingPower: 1n }] }).toThrow("expected 10, got 1");
    const later = addMillis(options.commonTime, 3_600_000);
    await refusal({ change: { height: 9_000n, time: later } }).toThrow("is before conflicting block time");
  });

  it("goes into a block for each kind of attack and is told to the application, one misbehavior a validator", async () => {
    const { header: first } = (await chain.engine.stores.blocks.meta(2n))!;
    const equivocation = makeLightAttack({ ...options, change: { dataHash: fill(5) } });
    const lunatic = makeLightAttack({
      ...options,
      change: { appHash: fill(6) },
      commonHeight: 2n,
      commonTime: first.time,
    });
    const amnesia = {
      ...makeLightAttack({ ...options, change: { dataHash: fill(7) }, round: 3 }),
      byzantineValidators: [],
    };
    const blamed = [1, 1, 0];
    for (const [i, evidence] of [equivocation, lunatic, amnesia].entries()) {
      // Through JSON, as it comes from a client.
      const sent = readEvidence(JSON.parse(JSON.stringify(evidenceJson(asEvidence(evidence)))));
      const block = new Promise<bigint>((resolve) => {
        const stop = chain.engine.onBlock((sealed) => {
          if (sealed.block.evidence.evidence.length === 0) return;
          stop();
          expect(sealed.block.header.evidenceHash).toEqual(evidenceHash([asEvidence(evidence)]));
          resolve(sealed.block.header.height);
        });
      });
      const hash = await chain.engine.addEvidence(sent);
      const height = await block;
      expect(await chain.engine.addEvidence(sent)).toEqual(hash);
      const told = app.finalized.find((request) => request.height === height);
      expect(told?.misbehavior).toHaveLength(blamed[i]!);
      const commonHeight = i === 1 ? 2n : 3n;
      for (const one of told?.misbehavior ?? []) {
        expect(one).toMatchObject({ type: 2, height: commonHeight, totalVotingPower: 10n, validator: { power: 10n } });
      }
    }
    expect(headerHash(options.header)).not.toEqual(headerHash({ ...options.header, dataHash: fill(5) }));
  });
});
