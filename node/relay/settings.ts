/** relay.toml: what a relay's operator can set. Owns the names, their words and what they are by default. */
import type { ExitPolicy } from "../../proto/gen/weir/attestation/v1/state.ts";
import { ExitKind } from "../../proto/gen/weir/attestation/v1/state.ts";
import { commonSettings } from "../daemon/commonsettings.ts";
import { fatal } from "../daemon/failure.ts";
import { address, amount, choice, count, fixed, flag, type SettingsOf, text, texts } from "../daemon/settings.ts";
import { bitrate, price, roundTrip, volume, weirs } from "./figures.ts";

export const relaySchema = {
  ...commonSettings("127.0.0.1:26670"),
  endpoint: text(
    "Where the world reaches this relay, HOST:PORT; a name is fine, the chain never resolves it. Needed to register.",
  ),
  listen: fixed(address("Where it listens, TCP and UDP: the port that the router forwards.", "0.0.0.0:4430")),
  relay: fixed(
    count("Id of the relay; 0: the one that this key was registered as.", 0, { min: 0, max: 1_099_511_627_775 }),
  ),
  bandwidth: bitrate(
    'What it carries at most, in each direction, buyers and oracles together: "18mbps"; "": no cap.',
    "",
  ),
  monthlyVolume: volume(
    'What it sends at most in a calendar month; about as much is received: "500gb"; "": any. The last twentieth is kept for being measured.',
    "",
  ),
  lowerClaim: flag("Lowers the claim by itself where oracles read less than 85 % of it, before that costs bond.", true),
  drainEpochs: count("Of `weir relay start --drain`: so many more epochs are served when it is told to stop.", 1, {
    min: 1,
    max: 90,
  }),

  offer: {
    moniker: text("A name for people.", "relay", 70),
    claim: bitrate(
      "What the line sends and receives, the smaller of both: four fifths of a speed test in the evening.",
      "20mbps",
    ),
    roundTrip: roundTrip("To oracles of the same region, in the evening too.", "30ms"),
    cell: text("The region, see `weir query attestation cells`. Needed to register."),
    priceFloor: price("The least price for a GiB.", "0.05usd"),
    payout: choice("What buyers' money is paid out in.", ["stable", "weir"], "stable"),
    notice: choice('"long": 90 days\' notice before it leaves, as the STABLE class asks.', ["none", "long"], "none"),
    commission: text("Of what delegators to its bond earn.", "0.1", 20),
    commissionMax: text("The commission never becomes more.", "0.5", 20),
    commissionChangeMax: text("Nor rises by more in an epoch.", "0.01", 20),
    bond: weirs('What is bonded at registering: "1400weir"; "": what the claim asks for, and a tenth more.', ""),
  },

  exit: {
    policy: choice(
      '"none": carries to other relays alone; "web": ports 80 and 443; "all"; "ports": those below.',
      ["none", "web", "all", "ports"],
      "none",
    ),
    ports: texts('Of the policy "ports": ["443", "8000-8999"].'),
    deniedDomains: texts('Never carried to, and all below them: ["example.org"].'),
    allowedDomains: texts("Carried to these alone, and to all below them; none: to all that are not denied."),
  },

  settle: {
    feeShareMax: text("Vouchers are settled when that costs at most this share of what they pay.", "0.001", 20),
    epochsMax: count("Or when they have waited so many epochs, where they pay more than it costs.", 7, {
      min: 1,
      max: 90,
    }),
    feePerVoucherMicros: amount(
      "What one more settled voucher costs, in millionths of a dollar; 0: all are settled in every epoch.",
      0n,
    ),
  },

  limits: {
    connections: fixed(count("Open connections of all.", 4_096, { min: 16, max: 65_536 })),
    connectionsPerAddress: fixed(count("Open connections of one address.", 256, { min: 4, max: 65_536 })),
    sessions: count("Paid sessions at a time.", 1_000, { min: 0, max: 65_536 }),
    flows: count("Streams and flows of all sessions at a time.", 10_000, { min: 1, max: 200_000 }),
  },
} as const;

export type RelaySettings = SettingsOf<typeof relaySchema>;

const kinds = {
  none: ExitKind.EXIT_KIND_NONE,
  web: ExitKind.EXIT_KIND_WEB,
  all: ExitKind.EXIT_KIND_ALL,
  ports: ExitKind.EXIT_KIND_PORTS,
} as const;

const rangePattern = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/;
const portMax = 65_535;

/** Throws what is wrong with the file. */
export function exitPolicyOf({ exit }: RelaySettings): ExitPolicy {
  if (exit.policy !== "ports") return { kind: kinds[exit.policy], ports: [] };
  if (exit.ports.length === 0) throw fatal('exit.policy is "ports" and exit.ports is empty: list some, ["443"]');
  const ports = exit.ports.map((range) => {
    const [, from, to] = rangePattern.exec(range) ?? [];
    const [first, last] = [Number(from), Number(to ?? from)];
    if (from === undefined || first < 1 || last < first || last > portMax) {
      throw fatal(`exit.ports has "${range}"; expected a port or a range, "443" or "8000-8999"`);
    }
    return { first, last };
  });
  return { kind: kinds.ports, ports };
}
