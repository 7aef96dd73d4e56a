/** oracle.toml: what an oracle's operator can set. Owns the names, their words and what they are by default. */
import { commonSettings } from "../daemon/commonsettings.ts";
import { fatal } from "../daemon/failure.ts";
import { count, duration, fixed, type SettingsOf, text, texts } from "../daemon/settings.ts";
import { bitrate, price, weirs } from "../relay/figures.ts";
import type { OracleRules } from "./work.ts";

export const oracleSchema = {
  ...commonSettings("127.0.0.1:26671"),
  oracle: fixed(
    count("Id of the oracle; 0: the one that the operator has registered.", 0, { min: 0, max: 1_099_511_627_775 }),
  ),
  clockSkewMax: duration("Nothing is measured while this machine's clock is further from the chain's.", "10s", {
    min: 1_000,
    max: 60_000,
  }),

  registration: {
    moniker: text("A name for people.", "oracle", 70),
    endpoint: text("The public address that it measures from, literal, ADDRESS:PORT; nobody connects to it."),
    capacity: bitrate("What its line carries, in both directions at once, beside all else.", "1gbps"),
    cell: text("The region, see `weir query attestation cells`. Needed to register."),
    bond: weirs('What is bonded at registering: "60000weir"; "": the least that there may be.', ""),
  },

  measuring: {
    streams: fixed(count("Of one measurement, side by side.", 4, { min: 1, max: 16 })),
    measurements: fixed(count("Under way at a time.", 64, { min: 1, max: 1_024 })),
    checks: fixed(count("Relays that are asked at a time whether they are there.", 64, { min: 1, max: 1_024 })),
    dialTimeout: fixed(duration("For a link to a relay.", "5s", { min: 250, max: 60_000 })),
    pingInterval: fixed(duration("Between the pings of a measurement.", "100ms", { min: 10, max: 1_000 })),
  },

  covert: {
    urls: texts(
      "What is fetched through relays as a buyer would, plain HTTP: several, large, on fast servers that say their length. None: no such readings are made, and they count as missed.",
    ),
    codesFile: text(
      "A file of top-up codes of a shop, one a line: they pay for the sessions. Buy them as any buyer does.",
    ),
    deposit: count("Locked in each session, in millionths of the coin.", 100_000, { min: 1, max: 1_000_000_000 }),
    priceMax: price("The most for a GiB: a dearer relay is not visited, which counts as missed.", "1usd"),
    bytesMax: count("Fetched in one reading.", 268_435_456, { min: 65_536, max: 1_000_000_000_000 }),
  },
} as const;

export type OracleSettings = SettingsOf<typeof oracleSchema>;

export interface CovertUrl {
  readonly host: string;
  readonly port: number;
  /** With its query. */
  readonly path: string;
}

/** Throws what is wrong with one. */
export const urlsOf = ({ covert }: OracleSettings): readonly CovertUrl[] => covert.urls.map(urlOf);

function urlOf(text: string): CovertUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:") {
    throw fatal(
      `covert.urls has ${JSON.stringify(text)}; expected http://HOST[:PORT]/PATH: a relay carries the bytes as they are`,
    );
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { host, port: url.port === "" ? 80 : Number(url.port), path: `${url.pathname}${url.search}` };
}

/** A dial takes at least a handshake over the longest way there is. */
const dialMillisMin = 400;
const deliveriesMax = 16;
const txBlocksMax = 6n;
const retryMillis = 500;

export const rulesOf = ({ measuring, clockSkewMax }: OracleSettings): OracleRules => ({
  dialMillisMax: measuring.dialTimeout,
  dialMillisMin: Math.min(dialMillisMin, measuring.dialTimeout),
  skewMillisMax: clockSkewMax,
  measurementsMax: measuring.measurements,
  checksMax: measuring.checks,
  deliveriesMax,
  txBlocksMax,
  retryMillis,
});
