/** Epochs settled on a test chain, from signed readings to claims: what relays, oracles and validators get, and what liars lose. */
import { describe, expect, it } from "vitest";
import { accountAddress } from "../../chain/address.ts";
import { decOne, parseDec } from "../../chain/dec.ts";
import type { ChainEvent } from "../../chain/events.ts";
import type * as queries from "../../proto/gen/weir/rewards/v1/query.ts";
import { type Behaviour, honest, MeasuredChain, type MeasuredOptions } from "../../test/helpers/measuredchain.ts";
import { attestation, relayBond } from "../attestation/index.ts";
import { balanceOf } from "../bank/index.ts";
import { beacon } from "../beacon/index.ts";
import { distribution } from "../distribution/index.ts";
import { market } from "../market/index.ts";
import { mint } from "../mint/index.ts";
import { rewards } from "./index.ts";

const mbps = 1_000_000n;
const weir = 1_000_000n;
const path = (name: string) => `/weir.rewards.v1.Query/${name}`;

const chainOf = (options: Partial<MeasuredOptions> = {}): MeasuredChain =>
  new MeasuredChain({
    oracles: 4,
    relays: 3,
    blocksPerEpoch: 10n,
    hooks: [mint, distribution, beacon, attestation, market, rewards],
    ...options,
  });

const epochOf = ({ chain }: MeasuredChain, number: number | bigint = 0) =>
  chain.query<queries.QueryEpochResponse>(path("Epoch"), { number: `${number}` }).epoch!;
const relayOf = ({ chain }: MeasuredChain, relay: number) =>
  chain.query<queries.QueryRelayResponse>(path("Relay"), { relay: `${relay}` });
const resultOf = ({ chain }: MeasuredChain, relay: number, epoch: number) =>
  chain.query<queries.QueryResultResponse>(path("Result"), { relay: `${relay}`, epoch: `${epoch}` });
const balance = ({ chain }: MeasuredChain, address: string): bigint =>
  balanceOf(chain.context(), accountAddress.decode(address), "uweir");
const named = (events: readonly ChainEvent[], type: string) => events.filter((event) => event.type === type);

describe("an epoch", () => {
  it("is settled when the third after it opens, paid, and adds up", () => {
    const measured = chainOf();
    measured.epochs(4);
    const events = measured.epochs(1);
    expect(named(events, "weir.rewards.v1.EpochRecord").length).toBe(1);
  });
});
