import { describe, expect, it } from "vitest";
import { decOne, decToProto, parseDec } from "../../chain/dec.ts";
import { EpochReport } from "../../proto/gen/weir/reserve/v1/state.ts";
import type { QueryShiftResponse } from "../../proto/gen/weir/rewards/v1/query.ts";
import { EpochRecord } from "../../proto/gen/weir/rewards/v1/state.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { noSettlement, settledToProto } from "../market/settlements.ts";
import { epochSettlements } from "../market/state.ts";
import { reports } from "../reserve/state.ts";
import { epochRecords } from "./state.ts";

/** Each epoch twice the traffic of the one before, and less for availability. */
function history(epochs: bigint) {
  const chain = testChain();
  const ctx = chain.context();
  for (let epoch = 1n; epoch <= epochs; epoch++) {
    const value = 1_000_000n * 2n ** epoch;
    const availability = 600_000_000n / epoch;
    const pools = {
      validators: "100",
      oracles: "50",
      availability: `${600n - epoch * 10n}`,
      usage: `${250n + epoch * 10n}`,
    };
    const paid = { validators: "100", oracles: "50", availability: `${availability}`, usage: "5000000" };
    epochRecords.set(ctx, epoch, EpochRecord.fromPartial({ epoch, settledValue: `${value}`, pools, paid }));
    reports.set(
      ctx,
      epoch,
      EpochReport.fromPartial({
        ...{ epoch, stable: `${value / 2n}`, fallback: "7", reminted: "1000000" },
        ...{ price: decToProto(parseDec("0.02")), referenceAfter: decToProto(parseDec("0.01")) },
      }),
    );
    epochSettlements.set(ctx, epoch, settledToProto({ ...noSettlement, value, direct: value / 4n }));
  }
  return (request: object = {}) => chain.query<QueryShiftResponse>("/weir.rewards.v1.Query/Shift", request).epochs;
}

describe("the shift from emission to fees", () => {
  it("adds up what users paid to relays, and what was minted for them at the reference price", () => {
    const [first] = history(1n)();
    expect(first).toMatchObject({ epoch: 1n, settledValue: "2000000", availability: "600000000", usage: "5000000" });
    // Half in stable, 7 of fallback, a token at two cents, a quarter at once.
    expect(first!.fees).toBe(`${1_000_000n + 7n + 20_000n + 500_000n}`);
    expect(first!.mintedValue).toBe("6050000");
    expect(first!.feeShare).toBe(`${(1_520_007n * decOne) / (1_520_007n + 6_050_000n)}`);
    expect(first!.availabilityShare).toBe(`${(590n * decOne) / 1_000n}`);
  });

  it("rises as traffic grows, the latest last, of as many epochs as are asked for and kept", () => {
    const asked = history(40n);
    const shares = asked({ epochs: 12n }).map(({ feeShare }) => BigInt(feeShare));
    expect(shares).toHaveLength(12);
    expect([...shares].sort((a, b) => (a < b ? -1 : 1))).toEqual(shares);
    expect(asked().map(({ epoch }) => epoch)).toEqual([34n, 35n, 36n, 37n, 38n, 39n, 40n]);
    expect(asked({ epochs: 1_000n })).toHaveLength(28);
  });

  it("of epochs that settled and minted nothing is nothing", () => {
    const chain = testChain();
    epochRecords.set(chain.context(), 3n, EpochRecord.fromPartial({ epoch: 3n }));
    const [only] = chain.query<QueryShiftResponse>("/weir.rewards.v1.Query/Shift", {}).epochs;
    expect(only).toMatchObject({ epoch: 3n, fees: "0", mintedValue: "0", feeShare: "0", availabilityShare: "0" });
  });
});
