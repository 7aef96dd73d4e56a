/** What is said while a devnet runs: a screen that is kept up to date, lines, or a record a line. Owns the three ways, not the words on the screen. */
import { toJson } from "../../chain/protojson.ts";
import { EpochRecord } from "../../proto/gen/weir/rewards/v1/state.ts";
import type { Invocation } from "../command.ts";
import { forPeopleInColour, forPipes } from "../table.ts";
import { bytesText, decimals, mbps, priceText } from "./figures.ts";
import { screenLines, slashText } from "./screen.ts";
import { burnedIn, type DevnetState, type RelayState } from "./snapshot.ts";
import { Screen } from "./terminal.ts";

export interface Show {
  /** What is being started. */
  step(words: string): void;
  /** Everything is up. */
  started(hints: readonly string[]): void;
  state(state: DevnetState): void;
  /** Between states: time passes. */
  tick(): void;
  /** Gives the terminal back. */
  close(): void;
}

/** Somebody looks at it. */
export const isLive = ({ json, look }: Pick<Invocation, "json" | "look">): boolean =>
  !json && look !== forPipes && process.stdout.isTTY === true && process.env.TERM !== "dumb";

/** New entries of a list that only grows, or forgets its oldest. */
class News<T> {
  #last: T | undefined;

  of(list: readonly T[]): readonly T[] {
    const found = this.#last === undefined ? list : list.slice(list.indexOf(this.#last) + 1);
    this.#last = list.at(-1) ?? this.#last;
    return found;
  }
}

// -------------------------------------------------------------------------------------------------------------------- lines

/** Nothing but records on stdout, one a line; what was not measured is said on stderr. */
export function recordsOnly({ answer, say }: Invocation): Show {
  const news = new News<EpochRecord>();
  const ended = new Set<string>();
  return {
    step: (words) => say(`Starting ${words} …\n`),
    started: (hints) => say(`${hints.join("\n")}\n`),
    state({ chain, processes }) {
      for (const record of news.of(chain.records)) {
        if (record.isVoid) say(`Epoch ${record.epoch} is void: nobody was measured in it.\n`);
        else {
          const json = toJson(EpochRecord.$type, record);
          answer(`${JSON.stringify(json)}\n`, json);
        }
      }
      for (const line of endings(processes, ended)) say(`${line}\n`);
    },
    tick() {},
    close() {},
  };
}

/** What changed since the last look, in words. */
export function plainLines({ answer, say }: Invocation): Show {
  const records = new News<EpochRecord>();
  const slashes = new News<DevnetState["chain"]["slashes"][number]>();
  const ended = new Set<string>();
  let epoch: bigint | undefined;
  const tell = (text: string) => answer(`${text}\n`, {});
  return {
    step: (words) => say(`Starting ${words} …\n`),
    started: (hints) => tell(hints.join("\n")),
    state(state) {
      const { chain, buyer, processes } = state;
      if (epoch !== chain.epoch) {
        epoch = chain.epoch;
        tell(`Epoch ${epoch} is open (block ${chain.height}). ${buyerText(buyer)}`);
        for (const relay of chain.relays) if (relay.measured !== undefined) tell(`  ${relayText(relay)}`);
      }
      for (const record of records.of(chain.records)) tell(recordText(record, chain.reserve.floor));
      for (const slash of slashes.of(chain.slashes)) tell(`Slashed: ${slashText(slash)}`);
      for (const line of endings(processes, ended)) say(`${line}\n`);
    },
    tick() {},
    close() {},
  };
}

function endings(processes: DevnetState["processes"], said: Set<string>): string[] {
  return processes.flatMap(({ name, ending }) => {
    if (ending === undefined || said.has(name)) return [];
    said.add(name);
    return [`${name} ${ending}`];
  });
}

const relayText = ({ name, claimBps, measured, earned }: RelayState): string =>
  `${name}: ${mbps(measured!.bps)} Mbps measured in epoch ${measured!.epoch}, ${mbps(claimBps)} claimed; earned ${decimals(earned, 3)} WEIR`;

const buyerText = ({ downloads, wrongChecksums, bytes, bps }: DevnetState["buyer"]): string =>
  `Buyer: ${bytesText(bytes)} at ${mbps(bps)} Mbps, ${downloads} downloads, ${wrongChecksums} with a wrong checksum.`;

function recordText(record: EpochRecord, floor: bigint): string {
  if (record.isVoid) return `Settled epoch ${record.epoch}: void, nobody was measured in it.`;
  const paid = BigInt(record.paid?.availability || "0") + BigInt(record.paid?.usage || "0");
  return (
    `Settled epoch ${record.epoch}: ${decimals(paid, 3)} WEIR to ${record.paidRelays} relays, ${decimals(burnedIn(record), 6)} WEIR burned, ` +
    `${decimals(BigInt(record.slashed), 2)} slashed, ${bytesText(BigInt(record.settledBytes))} of traffic for $${decimals(BigInt(record.settledValue), 6)}, ` +
    `floor $${priceText(floor, 6)}.`
  );
}

// ------------------------------------------------------------------------------------------------------------------- screen

export function liveScreen({ look }: Invocation, seed: string): Show {
  const steps: string[] = [];
  let hints: readonly string[] = [];
  let newest: DevnetState | undefined;
  const screen = new Screen(process.stdout, ({ columns, rows }) => {
    if (newest === undefined) return ["Weir devnet", "", ...steps.map((step) => `Starting ${step} …`)];
    const isColoured = look === forPeopleInColour;
    return screenLines(newest, { seed, hints }, { columns, rows, isColoured, nowMillis: Date.now() });
  });
  screen.open();
  return {
    step(words) {
      steps.push(words);
      screen.draw();
    },
    started(lines) {
      hints = lines;
    },
    state(state) {
      newest = state;
      screen.draw();
    },
    tick: () => screen.draw(),
    close: () => screen.close(),
  };
}
