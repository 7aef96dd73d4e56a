import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDec } from "../../chain/dec.ts";
import { inWallet } from "../../node/client/accounts.ts";
import { sessionOf } from "../../node/client/channels.ts";
import { measureDownload } from "../../node/client/measuredownload.ts";
import { PaidSession } from "../../node/client/paidsession.ts";
import { provenTarget } from "../../node/client/relays.ts";
import { type Clock, systemClock } from "../../node/clock.ts";
import { type Buyer, buyingScene, type Scene, sceneChainId } from "../helpers/buyingscene.ts";
import { WilfulRelay } from "../helpers/wilfulrelay.ts";

const timeout = 120_000;
const mib = 1 << 20;
const deposit = 500_000n;

let scene: Scene;
beforeAll(async () => {
  scene = await buyingScene({ relays: 5, running: 0 });
}, timeout);
afterAll(() => scene.end(), timeout);

let next = 0;

/** A session with a relay that does as the test says. */
async function withWilful(
  clock: Clock = systemClock,
): Promise<{ relay: WilfulRelay; buyer: Buyer; session: PaidSession }> {
  const party = scene.node.relays[next++]!;
  const relay = new WilfulRelay(party.identity, sceneChainId);
  const buyer = await scene.buyer(2_000_000n);
  const { purse, store } = buyer;
  const surroundings = { ...buyer.surroundings, clock };
  const target = await provenTarget(purse.sender.chain, party.id, 0n);
  await relay.listen(Number(target.endpoints[0]!.split(":")[1]));
  scene.onEnd(() => relay.cut(true));
  const [wallet] = await store.wallets();
  const terms = {
    relay: party.id,
    deposit,
    priceMax: parseDec("100000"),
    stableOnly: false,
    epochs: 20n,
    nowMillis: Date.now(),
  };
  const session = await PaidSession.open({ purse, store, wallet: wallet!, target, surroundings }, terms);
  scene.onEnd(() => session.leave());
  return { relay, buyer, session };
}

const download = (session: PaidSession, bytesMax: number, millis = 20_000) =>
  measureDownload(session, {
    host: "example.org",
    port: 80,
    path: "/",
    millis,
    dropMillis: 0,
    bytesMax,
    clock: systemClock,
  });

describe("a client with a relay that means no good", { timeout }, () => {
  it("pays an honest one for what came, closes at once, and both counts agree on the chain", async () => {
    const { relay, buyer, session } = await withWilful();
    relay.will.sends = 24 * mib;
    const { bytes, bps } = await download(session, 1 << 30);
    expect(bytes).toBe(24 * mib);
    expect(bps).toBeGreaterThan(1_000_000n);
    const { refunded, endsEpoch } = await session.close();
    expect(endsEpoch).toBe(0n);
    const { signed } = session.record;
    expect(signed.bytes).toBeGreaterThanOrEqual(BigInt(bytes));
    expect(signed.bytes).toBeLessThan(BigInt(bytes + 1_000));
    expect(refunded).toBe(deposit - signed.amount);
    expect(relay.vouchers.map(({ nonce }) => nonce)).toEqual(relay.vouchers.map((_, index) => BigInt(index + 1)));
    const [wallet] = await buyer.store.wallets();
    expect(await inWallet(scene.sender.chain, wallet!.address, "uusdc")).toBe(1_999_999n - signed.amount);
  });

  it("stops paying one that counts more than it carries, and takes its money back without it", async () => {
    const { relay, session } = await withWilful();
    relay.will.sends = 6 * mib;
    relay.will.counts = (carried) => (carried === 0n ? 0n : carried + BigInt(20 * mib));
    await download(session, 1 << 30);
    await session.lost;
    expect(session.lostBecause).toContain("more than it carries");
    const paid = session.payer.signed;
    expect(paid.bytes).toBeLessThanOrEqual(session.payer.counted + BigInt(16 * mib));
    expect(relay.vouchers.at(-1)?.bytes ?? 0n).toBe(paid.bytes);
    const { refunded, endsEpoch } = await session.abandon();
    expect({ refunded, isLater: endsEpoch > 0n }).toEqual({ refunded: 0n, isLater: true });
    const found = await sessionOf(scene.sender.chain, session.record.id);
    expect(found?.isClosing).toBe(true);
  });

  it("leaves one that takes streams and carries nothing", async () => {
    let later = 0;
    const clock: Clock = { now: () => systemClock.now() + later, after: systemClock.after };
    const { relay, session } = await withWilful(clock);
    relay.will.isMute = true;
    const streams = await Promise.all([1, 2].map(() => session.connect({ host: "example.org", port: 80 })));
    for (const { stream, sent } of streams) {
      stream.write("are you there?");
      sent(14);
    }
    expect(session.isMute).toBe(false);
    later = 21_000;
    expect(session.isMute).toBe(true);
    streams[0]!.received(1);
    expect(session.isMute).toBe(false);
  });

  it("closes by itself where the relay does not agree to", async () => {
    const { relay, session } = await withWilful();
    relay.will.agreesToClose = false;
    relay.will.sends = mib;
    await download(session, 1 << 30);
    const { refunded, endsEpoch } = await session.close();
    expect({ refunded, isLater: endsEpoch > 0n }).toEqual({ refunded: 0n, isLater: true });
  });

  it("goes on with one that cut it, and gives up on one that is gone", async () => {
    const { relay, session } = await withWilful();
    relay.will.sends = mib;
    await download(session, 1 << 30);
    await relay.cut(false);
    relay.will.sends = 12 * mib;
    expect((await download(session, 1 << 30)).bytes).toBe(12 * mib);
    expect(session.lostBecause).toBeUndefined();
    await relay.cut(true);
    await session.lost;
    expect(session.lostBecause).toContain("cannot be reached");
    await expect(session.connect({ host: "example.org", port: 80 })).rejects.toThrow("cannot be reached");
  });
});
