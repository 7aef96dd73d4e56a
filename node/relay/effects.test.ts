import { describe, expect, it } from "vitest";
import { silentLog } from "../../chain/log.ts";
import { AttestationKind, AttestationRange } from "../../proto/gen/weir/attestation/v1/readings.ts";
import {
  MsgSubmitAttestations,
  MsgSubmitAttestationsResponse,
  MsgUpdateRelay,
} from "../../proto/gen/weir/attestation/v1/tx.ts";
import type { ChainClient } from "../chain/chainclient.ts";
import type { Message } from "../chain/stargate.ts";
import { drop, type Failure, retry } from "../daemon/failure.ts";
import { runDaemon } from "../daemon/runner.ts";
import { type DaemonStore, memoryStore } from "../daemon/store.ts";
import { effectsOf, failureToInput } from "./effects.ts";
import { HeldReadings } from "./heldreadings.ts";
import { newRelayState, type RelayEffect, type RelayInput, type RelayState, step } from "./step.ts";

const range = (oracle: bigint): AttestationRange =>
  AttestationRange.fromPartial({
    epoch: 7n,
    oracle,
    attestations: [{ relay: 1n, kind: AttestationKind.ATTESTATION_KIND_OVERT, measuredBps: 100_000_000n }],
  });

interface Sent {
  readonly purpose: string;
  readonly messages: readonly Message[];
}

/** A chain that has one answer to every submission, and remembers them. */
function chainThat(answer: (sent: Sent) => Failure | undefined) {
  const sent: Sent[] = [];
  const submit: ChainClient["submit"] = async (messages, { purpose = "" } = {}) => {
    sent.push({ purpose, messages });
    const failure = answer({ purpose, messages });
    if (failure !== undefined) throw failure;
    const { ranges } = MsgSubmitAttestations.decode(messages[0]!.value);
    const results = ranges.map(() => ({ code: 0, text: "" }));
    const response = MsgSubmitAttestationsResponse.encode({ results }).finish();
    return { height: 5n, hash: "AB", events: [], responses: [response] };
  };
  return { sent, chain: { chainId: "weir-1", address: "weir1relay", submit } as unknown as ChainClient };
}

async function running(store: DaemonStore, chain: ChainClient) {
  const held = new HeldReadings(store);
  const perform = effectsOf({ chain, relay: 1n, held, log: silentLog, onReport: () => undefined });
  const settled: RelayInput[] = [];
  const daemon = runDaemon<RelayState, RelayInput, RelayEffect>({
    initial: newRelayState(await held.all(), true),
    step: (state, input) => {
      settled.push(input);
      return step(state, input);
    },
    // Which epoch is open is the test's to say.
    perform: async (effect) => (effect.type === "askEpoch" ? undefined : perform(effect)),
    failed: failureToInput(silentLog),
    log: silentLog,
  });
  const until = async (type: RelayInput["type"]) => {
    while (settled.at(-1)?.type !== type) await new Promise((resolve) => setImmediate(resolve));
  };
  const block = (second: number) =>
    daemon.input({ type: "block", height: BigInt(second), timeMillis: 8n * 80_000n + BigInt(second) * 1_000n });
  const open = () => {
    block(0);
    daemon.input({
      type: "epoch",
      epoch: { number: 8n, openMillis: 640_000n, lengthMillis: 80_000n, announcedBps: 1n, committeeBefore: 3 },
    });
  };
  return { daemon, held, until, block, open };
}

describe("a relay's readings on their way to the chain", () => {
  it("are one transaction of one purpose, with every oracle's range, and are marked on disk", async () => {
    const store = memoryStore();
    const { sent, chain } = chainThat(() => undefined);
    const { daemon, held, until, block, open } = await running(store, chain);
    open();
    daemon.input({ type: "kept", held: await held.keep([range(1n), range(2n), range(3n)]) });
    block(10);
    await until("given");
    expect(sent.map(({ purpose }) => purpose)).toEqual(["readings/7/1"]);
    const [message] = sent[0]!.messages;
    expect(message?.typeUrl).toBe("/weir.attestation.v1.MsgSubmitAttestations");
    const { submitter, ranges } = MsgSubmitAttestations.decode(message!.value);
    expect([submitter, ranges.map(({ oracle }) => oracle)]).toEqual(["weir1relay", [1n, 2n, 3n]]);
    expect((await held.all()).map(({ stage }) => stage)).toEqual(["given", "given", "given"]);
  });

  it("are not brought again by a process that begins where they were given, however often they are delivered", async () => {
    const store = memoryStore();
    const first = chainThat(() => undefined);
    const before = await running(store, first.chain);
    before.open();
    before.daemon.input({ type: "kept", held: await before.held.keep([range(1n)]) });
    before.block(10);
    await before.until("given");
    const second = chainThat(() => undefined);
    const after = await running(store, second.chain);
    after.open();
    after.daemon.input({ type: "kept", held: await after.held.keep([range(1n)]) });
    after.block(10);
    after.block(31);
    await new Promise((resolve) => setImmediate(resolve));
    expect(second.sent).toEqual([]);
    expect((await after.held.all()).map(({ stage, batch }) => [stage, batch])).toEqual([["given", 1]]);
  });

  it("are tried again for the same purpose while the chain is down, also by the next process", async () => {
    const store = memoryStore();
    const down = chainThat(() => retry("no node answers"));
    const before = await running(store, down.chain);
    before.open();
    before.daemon.input({ type: "kept", held: await before.held.keep([range(1n)]) });
    before.block(10);
    await before.until("failed");
    before.block(11);
    await before.until("failed");
    expect((await before.held.all()).map(({ stage, batch }) => [stage, batch])).toEqual([["sent", 1]]);
    const up = chainThat(() => undefined);
    const after = await running(store, up.chain);
    after.open();
    after.daemon.input({ type: "kept", held: await after.held.keep([range(2n)]) });
    after.block(12);
    await after.until("given");
    after.block(31);
    await after.until("given");
    expect(down.sent.concat(up.sent).map(({ purpose }) => purpose)).toEqual([
      "readings/7/1",
      "readings/7/1",
      "readings/7/1",
      "readings/7/2",
    ]);
    const oraclesIn = ({ messages }: Sent) =>
      MsgSubmitAttestations.decode(messages[0]!.value).ranges.map(({ oracle }) => oracle);
    expect(up.sent.map(oraclesIn)).toEqual([[1n], [2n]]);
  });

  it("are left to the oracles where the chain never takes them", async () => {
    const { sent, chain } = chainThat(() => drop("refused"));
    const { daemon, held, until, block, open } = await running(memoryStore(), chain);
    open();
    daemon.input({ type: "kept", held: await held.keep([range(1n)]) });
    block(10);
    await until("given");
    block(11);
    block(31);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toHaveLength(1);
  });

  it("lower the claim by one message of the operator", async () => {
    const { sent, chain } = chainThat(() => undefined);
    const held = new HeldReadings(memoryStore());
    const perform = effectsOf({ chain, relay: 1n, held, log: silentLog, onReport: () => undefined });
    await perform({ type: "lowerClaim", bps: 42_000_000n });
    const update = MsgUpdateRelay.decode(sent[0]!.messages[0]!.value);
    expect(update).toMatchObject({ operator: "weir1relay", id: 1n, claim: { claimedBps: 42_000_000n, rttMicros: 0n } });
  });

  it("are forgotten on disk when they are of no more use", async () => {
    const held = new HeldReadings(memoryStore());
    const [one] = await held.keep([range(1n)]);
    const { chain } = chainThat(() => undefined);
    const perform = effectsOf({ chain, relay: 1n, held, log: silentLog, onReport: () => undefined });
    const { heldKey } = await import("./step.ts");
    await perform({ type: "forget", keys: [heldKey(one!)] });
    expect(await held.all()).toEqual([]);
  });
});
