/**
 * An oracle of a test: measures a relay over real sockets in its slot, has its transcript countersigned, commits, and delivers. The simplest that
 * does it all, by the same parts as the daemon's; one epoch at a time, and without a disk.
 */
import { messageCodec } from "../../chain/codec.ts";
import { signEd25519 } from "../../chain/crypto/sign.ts";
import { silentLog } from "../../chain/log.ts";
import { strictDecode } from "../../chain/tx/strict.ts";
import { type AttestedReading, attestationBytes, attestationKind } from "../../modules/attestation/attestationbytes.ts";
import { type LeafTree, leafTree } from "../../modules/attestation/leaves.ts";
import { type ChainClient, openChainClient } from "../../node/chain/chainclient.ts";
import { systemClock } from "../../node/clock.ts";
import { memoryStore } from "../../node/daemon/store.ts";
import { type Duty, dutiesWithTimes } from "../../node/measurement/draws.ts";
import { readDraws, readEpoch, readTicks } from "../../node/measurement/epochfacts.ts";
import { measureRelay } from "../../node/oracle/measure.ts";
import { frame, readFrame } from "../../node/transport/frames.ts";
import { ask } from "../../node/transport/opening.ts";
import { addressBytes } from "../../node/transport/resolve.ts";
import { tlsTransport } from "../../node/transport/tls.ts";
import type { Address, Transport } from "../../node/transport/transport.ts";
import { Attestation, AttestationKind } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { MsgCommitReadings, MsgSubmitAttestations } from "../../proto/gen/weir/attestation/v1/tx.ts";
import type { Epoch } from "../../proto/gen/weir/beacon/v1/state.ts";
import { TranscriptAnswer, TranscriptFrame } from "../../proto/gen/weir/wire/v1/wire.ts";
import { type MeasuringNode, measuringChainId, type Party } from "./measuringnode.ts";

const chainId = measuringChainId;
const deadlineMillis = 10_000;
/** One sample: machines that test have little time. */
const samples = { durationMillis: 400, warmUpMillis: 0, sampleMillis: 400 };

export interface TestOracleOptions {
  readonly node: Pick<MeasuringNode, "rpcUrl">;
  readonly party: Party;
  readonly relay: Party;
  readonly relayAddress: Address;
}

export interface Read {
  readonly epoch: bigint;
  readonly attestation: Attestation;
  readonly tree: LeafTree;
  readonly failure: string | undefined;
}

export class TestOracle {
  readonly chain: ChainClient;
  readonly #options: TestOracleOptions;
  readonly #transport: Transport;

  constructor(options: TestOracleOptions) {
    this.#options = options;
    this.#transport = tlsTransport(options.party.identity);
    this.chain = openChainClient({
      chainId,
      rpc: [options.node.rpcUrl],
      signer: options.party.signer,
      store: memoryStore(),
      clock: systemClock,
      log: silentLog,
      gasPrices: () => "",
      pollMillis: 20,
    });
  }

  /** Measures in the slot of the epoch that is open; undefined where that is over already, or there is nothing to measure. */
  async measure(): Promise<Read | undefined> {
    const found = await this.#turn();
    if (found === undefined) return undefined;
    const { epoch, duty } = found;
    const { relay, party, relayAddress } = this.#options;
    const measured = await measureRelay(this.#transport, {
      chainId,
      epoch: epoch.number,
      relay: relay.id,
      oracle: party.id,
      kind: duty.kind,
      relayKey: relay.identity.publicKey,
      address: relayAddress,
      streams: 2,
      samples,
      bpsMax: duty.claimBps * 2n,
      pingIntervalMillis: 20,
      dialMillisMax: deadlineMillis,
      clock: systemClock,
    });
    const { pings } = measured;
    const reading: AttestedReading = {
      relay: relay.id,
      kind: duty.kind,
      sessionNonce: measured.sessionNonce,
      measuredBps: measured.bps,
      backgroundBps: 0n,
      rttP50Micros: pings?.rttP50Micros ?? 0,
      rttP95Micros: pings?.rttP95Micros ?? 0,
      lossPpm: pings?.lossPpm ?? 0,
      checksPassed: 4,
      bytes: measured.bytes,
      startMillis: measured.startMillis,
      durationMillis: measured.durationMillis,
      transcriptHash: measured.transcriptHash,
      observedAddress: addressBytes(measured.observedAddress ?? "") ?? new Uint8Array(0),
    };
    return this.#signed(epoch.number, reading, measured.failure);
  }

  /** A zero, of a relay that nobody reached. */
  sign(epoch: bigint, startMillis: bigint): Promise<Read> {
    const { relay } = this.#options;
    const none = { measuredBps: 0n, backgroundBps: 0n, rttP50Micros: 0, rttP95Micros: 0, lossPpm: 0, bytes: 0n };
    const reading: AttestedReading = {
      ...none,
      relay: relay.id,
      kind: attestationKind.overt,
      sessionNonce: new Uint8Array(16),
      checksPassed: 0,
      startMillis,
      durationMillis: 0,
      transcriptHash: new Uint8Array(32),
      observedAddress: new Uint8Array(0),
    };
    return this.#signed(epoch, reading, "nobody was there");
  }

  async #signed(epoch: bigint, shown: AttestedReading, failure: string | undefined): Promise<Read> {
    const { party } = this.#options;
    const place = { chainId, epoch, oracle: party.id };
    const agreed =
      failure === undefined
        ? await this.countersigned(shown.sessionNonce, attestationBytes(place, shown))
        : { signature: new Uint8Array(0), backgroundBps: 0n };
    const reading = { ...shown, backgroundBps: agreed.backgroundBps };
    const bytes = attestationBytes(place, reading);
    const signature = signEd25519(party.identity.seed, bytes);
    const attestation = Attestation.fromPartial({
      ...reading,
      kind: AttestationKind.ATTESTATION_KIND_OVERT,
      signature,
      relaySignature: agreed.signature,
    });
    return { epoch, attestation, tree: leafTree([bytes]), failure };
  }

  async countersigned(sessionNonce: Uint8Array, attestation: Uint8Array): Promise<TranscriptAnswer> {
    const link = await this.dial();
    await ask(link, { countersign: { sessionNonce } }, { chainId, deadlineMillis });
    link.stream.write(frame(messageCodec(TranscriptFrame).encode({ attestation })));
    const answer = await readFrame(link.stream, { bytesMax: 1_024, deadlineMillis });
    link.stream.destroy();
    return strictDecode<TranscriptAnswer>(TranscriptAnswer.$type, answer);
  }

  dial() {
    const { relayAddress, relay } = this.#options;
    return this.#transport.dial(relayAddress, { expectedKey: relay.identity.publicKey, deadlineMillis });
  }

  async commit({ epoch, tree }: Read): Promise<void> {
    const { party } = this.#options;
    const value = { operator: party.signer.address, oracle: party.id, epoch, root: tree.root, count: tree.count };
    await this.chain.submit([
      { typeUrl: "/weir.attestation.v1.MsgCommitReadings", value: MsgCommitReadings.encode(value).finish() },
    ]);
  }

  /** What the relay is handed: MsgSubmitAttestations's bytes. */
  delivery({ epoch, attestation, tree }: Read): Uint8Array {
    const { party } = this.#options;
    const path = tree.pathOf({ first: 0, length: 1 });
    const range = {
      epoch,
      oracle: party.id,
      firstIndex: 0,
      path,
      attestations: [attestation],
      vrfProof: new Uint8Array(0),
    };
    return MsgSubmitAttestations.encode({ submitter: "", ranges: [range] }).finish();
  }

  /** Rejects with the relay's refusal. */
  async deliver(ranges: Uint8Array): Promise<void> {
    const link = await this.dial();
    await ask(link, { deliver: { ranges } }, { chainId, deadlineMillis });
    link.stream.destroy();
  }

  async #turn(): Promise<{ readonly epoch: Epoch; readonly duty: Duty } | undefined> {
    const { relay, party } = this.#options;
    const epoch = await readEpoch(this.chain, undefined);
    const endMillis = epoch.openTime!.seconds * 1_000n + epoch.duration!.seconds * 1_000n;
    let page = await readDraws(this.chain, epoch, { afterRelay: relay.id - 1n, limit: 1 });
    for (; BigInt(Date.now()) < endMillis; await this.#nextBlock()) {
      const { newest } = this.chain;
      if (page.facts?.plan === undefined)
        page = await readDraws(this.chain, epoch, { afterRelay: relay.id - 1n, limit: 1 });
      if (page.facts?.plan === undefined || newest === undefined) continue;
      const ticks = await readTicks(this.chain, epoch.number, newest.timeMillis * 1_000_000n);
      const duties = dutiesWithTimes(page.facts, page.relays[0]!, ticks);
      const duty = duties.find(({ oracle, kind }) => oracle === party.id && kind === attestationKind.overt);
      if (duty === undefined || (duty.time !== undefined && duty.time.untilMillis <= BigInt(Date.now())))
        return undefined;
      if (duty.time !== undefined && duty.time.fromMillis <= BigInt(Date.now())) return { epoch, duty };
    }
    return undefined;
  }

  async nextEpoch(): Promise<void> {
    const { number } = await readEpoch(this.chain, undefined);
    while ((await readEpoch(this.chain, undefined)).number === number) await this.#nextBlock();
  }

  #nextBlock(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.chain.onBlock(() => {
        stop();
        resolve();
      });
    });
  }

  close(): Promise<void> {
    return this.chain.close();
  }
}
