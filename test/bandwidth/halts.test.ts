/** A chain that stands still: what nobody could do in time is nobody's fault. */
import { describe, expect, it } from "vitest";
import { epochRecord } from "../../modules/rewards/index.ts";
import { honestOracle, honestRelay, mbps, silentOracle } from "./actors.ts";
import { Network } from "./network.ts";

const blocksPerEpoch = 9;
const epochSeconds = 45n;

async function smallNetwork(silent = false) {
  const names = [1, 2, 3, 4];
  const network = await Network.start({
    relays: names.map((name) => honestRelay({ name: `relay ${name}`, claimBps: mbps(20 * name) })),
    oracles: names.map((name) => {
      const terms = { name: `oracle ${name}`, declaredBps: mbps(2_000) };
      return silent && name === 4 ? silentOracle(terms) : honestOracle(terms);
    }),
    blocksPerEpoch,
  });
  const punished: string[] = [];
  network.onBlock((answer) => {
    for (const { type, attributes } of answer.events) {
      const of = Object.fromEntries(attributes.map(({ key, value }) => [key, value]));
      if (type.endsWith("_punished")) punished.push(`${of.oracle ?? of.relay} in ${of.epoch}: ${of.reason}`);
    }
  });
  network.registerAll();
  network.runEpochs(3);
  return { network, punished };
}

/** The next block comes so much later; in it, an epoch opens. */
function halt(network: Network, seconds: bigint): void {
  network.chain.secondsSkipped += seconds;
  const { epoch } = network;
  network.block();
  expect(network.epoch).toBe(epoch + 1n);
}

const recordOf = (network: Network, epoch: bigint) => epochRecord(network.context, epoch)!;

describe("a chain that stood still", () => {
  it("slashes no oracle for readings that nobody could submit, and pays relays by what was measured last", async () => {
    const { network, punished } = await smallNetwork();
    halt(network, 4n * epochSeconds);
    network.runEpochs(5);
    expect(punished).toEqual([]);
    const [measured, stoodStill] = [recordOf(network, 2n), recordOf(network, 3n)];
    expect(measured).toMatchObject({ isVoid: false, paidRelays: 4n });
    expect(stoodStill).toMatchObject({ isVoid: true, paidRelays: 0n });
    // However long it was, it counts for two epochs.
    expect(BigInt(stoodStill.emission)).toBeLessThanOrEqual(2n * BigInt(measured.emission) + 1n);
  });

  it("slashes nobody for an epoch at whose end nobody could commit", async () => {
    const { network, punished } = await smallNetwork();
    for (let block = 0; block < blocksPerEpoch - 3; block++) {
      if (block === 3) network.submit();
      network.block();
    }
    halt(network, epochSeconds);
    network.runEpochs(5);
    expect(punished).toEqual([]);
    expect(recordOf(network, 3n)).toMatchObject({ isVoid: true });
    expect(recordOf(network, 4n)).toMatchObject({ isVoid: false, paidRelays: 4n });
  });

  it("blames the silent oracle again as soon as it goes on", async () => {
    const { network, punished } = await smallNetwork(true);
    halt(network, 4n * epochSeconds);
    network.runEpochs(6);
    const epochs = punished.map((text) => /^4 in (\d+): \d+ of \d+ missed$/.exec(text)?.[1]);
    expect(epochs).toEqual(["1", "4", "5", "6", "7"]);
  });
});
