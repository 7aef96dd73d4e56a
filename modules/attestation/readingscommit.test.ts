import { describe, expect, it } from "vitest";
import { MsgPause } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { MeasuredChain } from "../../test/helpers/measuredchain.ts";
import { codesOf } from "../../test/helpers/measuredscene.ts";
import { commits, covertLists } from "./readingsstate.ts";
import { oracleSubject } from "./subject.ts";

const root = new Uint8Array(32).fill(7);

function scene() {
  const chain = new MeasuredChain({ oracles: 3, relays: 2, params: { covert_rate: "4.0" } });
  chain.epochs(2);
  const commit = (changes: object = {}) => {
    const base = { operator: chain.oracles[0]!.operator, oracle: 1n, epoch: chain.epoch, root, count: 5, ...changes };
    return chain.chain.message("/weir.attestation.v1.MsgCommitReadings", base);
  };
  return { chain, commit };
}

describe("an oracle's commitment", () => {
  it("is one root and one count for the epoch that is open, once and for all", () => {
    const { chain, commit } = scene();
    const { refusal, events } = commit();
    expect(refusal).toBeUndefined();
    expect(commits.get(chain.chain.context(), [chain.epoch, 1n])).toEqual({ root, count: 5 });
    expect(events.at(-1)!.attributes.map(({ key, value }) => `${key} ${value}`)).toEqual([
      'count "5"',
      `epoch "${chain.epoch}"`,
      'oracle "1"',
      `root "${"07".repeat(32)}"`,
    ]);
    expect(commit({ count: 6 }).refusal).toMatchObject({ code: 132 });
    expect(commits.get(chain.chain.context(), [chain.epoch, 1n])!.count).toBe(5);
  });

  it("comes while its epoch is open: the last block counts, the first one after does not", () => {
    const { chain, commit } = scene();
    const { epoch } = chain;
    for (const wrong of [epoch - 1n, epoch + 1n]) {
      expect(commit({ epoch: wrong }).refusal!.message).toBe(
        `readings of epoch ${wrong} are committed to while it is open, and this is epoch ${epoch}; commit to those of epoch ${epoch}`,
      );
    }
    chain.toLastBlock();
    expect(commit({ epoch }).refusal).toBeUndefined();
    chain.toNextEpoch();
    const other = { operator: chain.oracles[1]!.operator, oracle: 2n };
    expect(commit({ ...other, epoch }).refusal).toMatchObject({ code: 131 });
  });

  it("is its operator's, of an oracle that takes part, and has a root and a count that can be", () => {
    const { chain, commit } = scene();
    expect(commit({ operator: chain.oracles[1]!.operator }).refusal).toMatchObject({ code: 5 });
    expect(commit({ oracle: 9n }).refusal).toMatchObject({ code: 133 });
    expect(commit({ root: new Uint8Array(31) }).refusal!.message).toBe("root has 31 bytes; expected 32");
    for (const count of [0, 1_048_577]) {
      expect(commit({ count }).refusal!.message).toBe(`count is ${count}; expected 1 to 1048576 leaves`);
    }
    expect(commit({ count: 1_048_576 }).refusal).toBeUndefined();
  });

  it("of an oracle that paused is none, nor is its proof", () => {
    const { chain, commit } = scene();
    const pause = MsgPause.fromPartial({ operator: chain.oracles[0]!.operator, subject: oracleSubject(1n) });
    expect(chain.chain.message("/weir.attestation.v1.MsgPause", pause).refusal).toBeUndefined();
    expect(commit().refusal).toBeUndefined();
    chain.toNextEpoch();
    expect(commit().refusal).toMatchObject({ code: 133 });
    chain.block();
    expect(commit().refusal).toMatchObject({ code: 133 });
    chain.toLastBlock();
    chain.committed.splice(0);
    // Others go on without it.
    chain.commitAll();
    expect(chain.committed.map(({ oracle }) => oracle.id)).toEqual([2n, 3n]);
    const { epoch } = chain;
    const [committed] = chain.committed.splice(0);
    chain.toNextEpoch();
    chain.block();
    const range = chain.rangeOf(committed!, 0, 1, chain.proof(chain.oracles[0]!, epoch));
    expect(codesOf(chain, [{ ...range, oracle: 1n }])).toEqual([112]);
    expect(covertLists.has(chain.chain.context(), [epoch, 1n])).toBe(false);
  });
});
