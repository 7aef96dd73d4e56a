/**
 * One measurement of one relay, over its real endpoint: streams that are echoed, pings beside them, and what it all came to. A relay that cannot
 * be reached or refuses is a result too, of zeros. Owns the measurement's links; does not own when it is due nor what is signed of it.
 */
import { createHash, randomBytes } from "node:crypto";
import { Measure } from "../../proto/gen/weir/wire/v1/wire.ts";
import type { Clock } from "../clock.ts";
import { measureEcho } from "../measurement/echoed.ts";
import { pingKey } from "../measurement/pingpacket.ts";
import { type PingFigures, ping } from "../measurement/pings.ts";
import { ReceivedBytes, type SampleRules } from "../measurement/samples.ts";
import { ask, Refusal } from "../transport/opening.ts";
import { StreamFailure } from "../transport/taking.ts";
import { type Address, type Link, LinkFailure, type Transport } from "../transport/transport.ts";

export interface MeasureTask {
  readonly chainId: string;
  readonly epoch: bigint;
  readonly relay: bigint;
  readonly oracle: bigint;
  readonly kind: number;
  readonly relayKey: Uint8Array;
  /** Literal: the endpoint was resolved, once, and found public. */
  readonly address: Address;
  readonly streams: number;
  readonly samples: SampleRules;
  /** Of all streams together: no more than the oracle may spend, nor than says anything about the claim. */
  readonly bpsMax: bigint;
  readonly pingIntervalMillis: number;
  readonly dialMillisMax: number;
  readonly clock: Clock;
}

export interface Measurement {
  readonly sessionNonce: Uint8Array;
  readonly startMillis: bigint;
  readonly durationMillis: number;
  readonly bps: bigint;
  readonly bytes: bigint;
  readonly pings: PingFigures | undefined;
  readonly observedAddress: string | undefined;
  readonly transcriptHash: Uint8Array;
  /** Why it is zero. */
  readonly failure: string | undefined;
  /** Of one that did not even begin: in how many milliseconds it is worth trying again. */
  readonly retryMillis: number | undefined;
}

/** Nobody was there, or was not yet: what may be otherwise in a moment. */
const unreachedRetryMillis = 250;

function retryMillisOf(error: unknown): number | undefined {
  if (error instanceof Refusal) return error.retryMillis > 0 ? error.retryMillis : undefined;
  return error instanceof LinkFailure || error instanceof StreamFailure ? unreachedRetryMillis : undefined;
}

const pingPatienceMillis = 1_000;
const seedBytes = 32;
const nonceBytes = 16;

/** Never rejects for what the relay does. */
export async function measureRelay(transport: Transport, task: MeasureTask): Promise<Measurement> {
  const sessionNonce = Uint8Array.from(randomBytes(nonceBytes));
  const startMillis = BigInt(Date.now());
  const links: Link[] = [];
  try {
    return await measureOver(await openAll(transport, task, sessionNonce, links), task, { sessionNonce, startMillis });
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return unreached({ sessionNonce, startMillis, failure, retryMillis: retryMillisOf(error) });
  } finally {
    for (const { stream } of links) stream.destroy();
  }
}

interface Begun {
  readonly sessionNonce: Uint8Array;
  readonly startMillis: bigint;
}

interface Unreached extends Begun {
  readonly failure: string;
  readonly retryMillis: number | undefined;
}

export const unreached = ({ sessionNonce, startMillis, failure, retryMillis }: Unreached): Measurement => ({
  sessionNonce,
  startMillis,
  retryMillis,
  durationMillis: 0,
  bps: 0n,
  bytes: 0n,
  pings: undefined,
  observedAddress: undefined,
  transcriptHash: transcript(sessionNonce, [], failure),
  failure,
});

interface OpenLinks {
  readonly links: readonly Link[];
  readonly pingPort: number;
}

/** The first says whether the relay wants to; the others follow at once. What is opened is put into `links`, to be closed whatever happens. */
async function openAll(
  transport: Transport,
  task: MeasureTask,
  sessionNonce: Uint8Array,
  links: Link[],
): Promise<OpenLinks> {
  const { chainId, address, relayKey: expectedKey, dialMillisMax: deadlineMillis, samples, streams } = task;
  const open = async (stream: number) => {
    const link = await transport.dial(address, { expectedKey, deadlineMillis });
    links.push(link);
    const { epoch, relay, oracle, kind } = task;
    const { durationMillis } = samples;
    const measure = Measure.fromPartial({ epoch, relay, oracle, kind, sessionNonce, stream, streams, durationMillis });
    return await ask(link, { measure }, { chainId, deadlineMillis });
  };
  const { pingPort } = await open(0);
  await Promise.all(Array.from({ length: streams - 1 }, (_, index) => open(index + 1)));
  return { links, pingPort };
}

async function measureOver({ links, pingPort }: OpenLinks, task: MeasureTask, begun: Begun): Promise<Measurement> {
  const { samples, address, bpsMax, streams, clock, pingIntervalMillis: intervalMillis } = task;
  const { sessionNonce } = begun;
  const received = new ReceivedBytes(samples);
  const over = new AbortController();
  const from = clock.now();
  const onBytes = (bytes: number) => received.add(clock.now() - from, bytes);
  const signal = over.signal;
  const echoes = links.map((link) =>
    measureEcho(link, {
      seed: randomBytes(seedBytes),
      sessionNonce,
      bpsMax: bpsMax / BigInt(streams),
      onBytes,
      signal,
      clock,
    }),
  );
  const key = pingKey(links[0]!, sessionNonce);
  const pingsTo = { host: address.host, port: pingPort };
  const pinging = ping(pingsTo, { key, sessionNonce, intervalMillis, patienceMillis: pingPatienceMillis, signal });
  const stopTimer = clock.after(samples.durationMillis, () => over.abort());
  try {
    await Promise.all(echoes);
  } finally {
    stopTimer();
    over.abort();
    await pinging;
  }
  const pings = await pinging;
  return {
    ...begun,
    durationMillis: samples.durationMillis,
    bps: received.bps,
    bytes: received.bytes,
    pings: pingPort === 0 ? undefined : pings,
    observedAddress: links[0]!.peerAddress,
    transcriptHash: transcript(sessionNonce, received.perSample, JSON.stringify(pings)),
    failure: undefined,
    retryMillis: undefined,
  };
}

/** Over what was seen, sample by sample: who keeps the record can show it, and nobody can change it afterwards. */
function transcript(sessionNonce: Uint8Array, samples: readonly number[], rest: string): Uint8Array {
  const text = JSON.stringify({ sessionNonce: Buffer.from(sessionNonce).toString("hex"), samples, rest });
  return Uint8Array.from(createHash("sha256").update(text).digest());
}
