import { describe, expect, it } from "vitest";
import { ExitKind, type ExitPolicy } from "../../proto/gen/weir/attestation/v1/state.ts";
import type { QueryQuoteResponse } from "../../proto/gen/weir/market/v1/query.ts";
import type { RelayWish } from "../../proto/gen/weir/market/v1/state.ts";
import { keyOf, type MarketChain, marketChain, textOf } from "../../test/helpers/marketchain.ts";
import { carriesPort, carriesPorts } from "../attestation/index.ts";

const gib = 1n << 30n;
const wish = (ports: readonly (readonly [number, number])[], jurisdictions: string[] = []): RelayWish => ({
  ports: ports.map(([first, last]) => ({ first, last })),
  jurisdictions,
});

/** Two relays that carry the web; the first stands under the law of Germany. */
function withRelays(): MarketChain {
  const chain = marketChain();
  chain.addRelay();
  chain.addRelay();
  declare(chain, 1n, "DE");
  chain.topUp("alice", 50_000_000n);
  return chain;
}

const declare = (chain: MarketChain, relay: bigint, jurisdiction: string, operator = "operator") =>
  chain.message("/weir.compliance.v1.MsgDeclareJurisdiction", { operator: textOf(operator), relay, jurisdiction });

const quoted = (chain: MarketChain, of: RelayWish | undefined): bigint[] =>
  chain
    .query<QueryQuoteResponse>("/weir.market.v1.Query/Quote", { cell: "europe-west", bytes: gib, wish: of })
    .quotes.map(({ relay }) => relay)
    .sort();

const open = (chain: MarketChain, relay: bigint, of: RelayWish | undefined) =>
  chain.message("/weir.market.v1.MsgOpenSession", {
    client: textOf("alice"),
    relay,
    key: keyOf("key"),
    deposit: { denom: "uusdc", amount: "1000000" },
    priceMax: "1000000000000000000000000",
    stableOnly: false,
    epochs: 5n,
    contract: 0n,
    subscription: 0n,
    bytesMax: 0n,
    wish: of,
  }).refusal;

describe("a buyer's wish", () => {
  it("leaves out of a quote who does not suit", () => {
    const chain = withRelays();
    expect(quoted(chain, undefined)).toEqual([1n, 2n]);
    expect(quoted(chain, wish([]))).toEqual([1n, 2n]);
    expect(
      quoted(
        chain,
        wish([
          [443, 443],
          [80, 80],
        ]),
      ),
    ).toEqual([1n, 2n]);
    expect(
      quoted(
        chain,
        wish([
          [443, 443],
          [25, 25],
        ]),
      ),
    ).toEqual([]);
    expect(quoted(chain, wish([], ["FR", "DE"]))).toEqual([1n]);
    expect(quoted(chain, wish([], ["FR"]))).toEqual([]);
  });

  it("is held against the relay when a session is opened, and says what does not suit", () => {
    const chain = withRelays();
    expect(open(chain, 1n, wish([[443, 443]], ["DE"]))).toBeUndefined();
    expect(open(chain, 2n, wish([], ["DE"]))?.message).toMatch(
      /relay 2 does not suit: it declares no jurisdiction, not DE/,
    );
    expect(open(chain, 1n, wish([], ["FR"]))?.message).toMatch(/it declares DE, not FR/);
    expect(open(chain, 1n, wish([[1, 1_024]]))?.message).toMatch(/its exit policy does not carry ports 1 to 1024/);
  });

  it("is bounded, and refused where it cannot be meant", () => {
    const chain = withRelays();
    const many = Array.from({ length: 17 }, () => [80, 80] as const);
    expect(open(chain, 1n, wish(many))?.message).toMatch(/17 ranges of ports; expected at most 16/);
    for (const range of [
      [0, 80],
      [80, 79],
      [1, 65_536],
    ] as const) {
      expect(open(chain, 1n, wish([range]))?.message).toMatch(/expected 1 to 65535/);
    }
    expect(open(chain, 1n, wish([], ["Germany"]))?.message).toMatch(/two capital letters/);
    expect(open(chain, 1n, wish([], Array(33).fill("DE")))?.message).toMatch(/33 jurisdictions; expected at most 32/);
    expect(() => quoted(chain, wish([[80, 79]]))).toThrow(/expected 1 to 65535/);
  });
});

describe("a relay's jurisdiction", () => {
  it("is its operator's to declare, change and take back", () => {
    const chain = withRelays();
    expect(declare(chain, 1n, "FR", "rival").refusal?.message).toMatch(
      /relay 1 is weir1.*'s, who alone declares for it/,
    );
    expect(declare(chain, 9n, "FR").refusal?.message).toMatch(/there is no relay 9/);
    expect(declare(chain, 1n, "fr").refusal?.message).toMatch(/two capital letters/);
    declare(chain, 1n, "FR");
    const said = (relay: bigint) => chain.query("/weir.compliance.v1.Query/Jurisdictions", { relay });
    expect(said(0n)).toMatchObject({ jurisdictions: [{ relay: 1n, jurisdiction: "FR" }] });
    declare(chain, 1n, "");
    expect(said(1n)).toMatchObject({ jurisdictions: [] });
  });
});

describe("an exit policy", () => {
  const policy = (kind: ExitKind, ...ports: (readonly [number, number])[]): ExitPolicy => ({
    kind,
    ports: ports.map(([first, last]) => ({ first, last })),
  });
  const listed = policy(ExitKind.EXIT_KIND_PORTS, [22, 22], [1_000, 2_000]);

  it.each([
    ["all", policy(ExitKind.EXIT_KIND_ALL), [1, 65_535], true],
    ["the web", policy(ExitKind.EXIT_KIND_WEB), [443, 443], true],
    ["the web", policy(ExitKind.EXIT_KIND_WEB), [80, 443], false],
    ["nothing", policy(ExitKind.EXIT_KIND_NONE), [443, 443], false],
    ["what is listed", listed, [1_000, 2_000], true],
    ["what is listed", listed, [999, 1_000], false],
    ["what is listed", listed, [2_000, 2_001], false],
    ["what is listed", listed, [22, 1_500], false],
  ] as const)("of %s carries a whole range or none of it", (_, of, [first, last], carries) => {
    expect(carriesPorts(of, { first, last })).toBe(carries);
    if (carries) for (const port of [first, last]) expect(carriesPort(of, port)).toBe(true);
  });
});
