/** `weir client quote`: what so much traffic costs now, and by whom; with --probe, how far away each is. */
import { silentLog } from "../../chain/log.ts";
import { type Candidate, findCandidates, type Probed, rankedByProbes } from "../../node/client/choice.ts";
import { systemClock } from "../../node/clock.ts";
import { tlsTransport } from "../../node/transport/tls.ts";
import { UsageError } from "../arguments.ts";
import { clientFlags, openSender } from "../clienthome.ts";
import { wishesOf, wishFlags } from "../clientwishes.ts";
import { bandwidth, dollars, perGib, share, size } from "../clientwords.ts";
import type { Command, Invocation } from "../command.ts";
import { columns } from "../table.ts";

const gibMax = 1_000_000;

export const command: Command = {
  name: "client quote",
  positionals: ["[GIB]"],
  summary:
    "Says what so many GiB cost now, and which relays would carry them; nothing is bought, and no wallet is needed.",
  description:
    "The best stand first, by the chain's score: reputation × uptime × the root of measured bits a second, for the money. --probe asks each how far\n" +
    "away it is from here, as `weir client connect` does, and puts near ones first.",
  flags: [
    { name: "probe", help: "ask relays how far away they are" },
    { name: "allow-private-addresses", help: "dial relays on private networks and on this machine: for devnets" },
    ...wishFlags,
    ...clientFlags,
  ],
  examples: ["weir client quote 10", "weir client quote 10 --region europe-west --max-price 0.08 --probe"],
  async run(invocation) {
    const bytes = bytesOf(invocation.positionals[0] ?? "1");
    const { sender, close } = await openSender(invocation);
    try {
      const found = await findCandidates(sender.chain, wishesOf(invocation, bytes));
      const surroundings = {
        clock: systemClock,
        log: silentLog,
        transport: tlsTransport,
        allowsPrivate: invocation.has("allow-private-addresses"),
      };
      const probed = invocation.has("probe")
        ? await rankedByProbes(sender.chain, found, surroundings)
        : found.candidates.map((candidate) => ({ candidate, rttMillis: undefined }));
      if (probed.length === 0)
        throw new Error(found.candidates.length === 0 ? found.leftOut : "none of the relays answers from here");
      say(invocation, bytes, probed);
      return 0;
    } finally {
      await close();
    }
  },
};

function bytesOf(text: string): bigint {
  const gibs = /^\d{1,7}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (gibs <= 0 || gibs > gibMax) throw new UsageError(`${text}: expected so many GiB, such as 10 or 0.5`);
  return BigInt(Math.round(gibs * 1024)) << 20n;
}

type Shown = { readonly candidate: Candidate; readonly rttMillis: Probed["rttMillis"] | undefined };

function say(invocation: Invocation, bytes: bigint, shown: readonly Shown[]): void {
  const rows = shown.map(({ candidate, rttMillis }) => [
    `${candidate.relay}`,
    candidate.region,
    candidate.stable ? "stable" : "",
    perGib(candidate.price),
    dollars(candidate.cost),
    bandwidth(candidate.measuredBps),
    share(candidate.reputation),
    candidate.jurisdiction,
    rttMillis === undefined ? "" : `${rttMillis.toFixed(0)} ms`,
  ]);
  const head = ["relay", "region", "class", "price", size(Number(bytes)), "measured", "reputation", "law", "away"];
  invocation.answer(`${columns([head, ...rows], [true]).join("\n")}\n`, {
    bytes: `${bytes}`,
    relays: shown.map(({ candidate, rttMillis }) => ({
      relay: `${candidate.relay}`,
      region: candidate.region,
      stable: candidate.stable,
      price: `${candidate.price}`,
      cost: `${candidate.cost}`,
      measured_bps: `${candidate.measuredBps}`,
      reputation: `${candidate.reputation}`,
      jurisdiction: candidate.jurisdiction,
      score: `${candidate.score}`,
      ...(rttMillis === undefined ? {} : { rtt_millis: rttMillis }),
    })),
  });
}
