/** An oracle's figures for Prometheus. Owns their names; what they count is the state's. */
import { Gauge, type Registry } from "../../chain/server/metrictext.ts";
import { progressOf } from "./progress.ts";
import { clockProblem, type EpochWork, type OracleState, skewMillis } from "./work.ts";

/** The newest that is planned or over. */
const newest = ({ epochs }: OracleState): EpochWork | undefined =>
  [...epochs.values()].reduce<EpochWork | undefined>(
    (found, one) => (found === undefined || one.number > found.number ? one : found),
    undefined,
  );

export function addOracleMetrics(registry: Registry, state: () => OracleState): void {
  const ofNewest = (name: string, help: string, read: (epoch: EpochWork) => number) =>
    registry.add(
      new Gauge(name, help, () => {
        const epoch = newest(state());
        return epoch === undefined ? [] : [[{}, read(epoch)] as const];
      }),
    );
  ofNewest("weir_oracle_epoch", "The newest epoch that it works on.", ({ number }) => Number(number));
  ofNewest("weir_oracle_assigned", "Readings that it is asked for in that epoch.", ({ works }) => works.size);
  ofNewest("weir_oracle_measured", "Of them, those that it made.", (epoch) => progressOf(epoch).measured);
  ofNewest("weir_oracle_zeros", "Of them, of relays that were not reached.", (epoch) => progressOf(epoch).zeros);
  ofNewest(
    "weir_oracle_missed",
    "Readings that it will not give.",
    ({ works }) => [...works.values()].filter(({ stage }) => stage === "missed").length,
  );
  registry.add(
    new Gauge("weir_oracle_transaction", "1 for how far each epoch's transactions are.", () =>
      [...state().epochs.values()].flatMap(({ number, commit, submit }) =>
        Object.entries({ commit, submit }).map(
          ([what, { sending }]) => [{ what, epoch: `${number}`, at: sending.at }, 1] as const,
        ),
      ),
    ),
  );
  registry.add(
    new Gauge("weir_oracle_clock_ahead_seconds", "How far this machine's clock is ahead of the chain's.", () => {
      const skew = skewMillis(state());
      return skew === undefined ? [] : [[{}, skew / 1000] as const];
    }),
  );
  registry.add(
    new Gauge("weir_oracle_clock_wrong", "1 where nothing is measured because of the clock.", () =>
      clockProblem(state()) === undefined ? 0 : 1,
    ),
  );
}
