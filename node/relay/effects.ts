/** What the core of a relay wants done, done: questions to the chain, transactions, disk. Owns the edge; when something is due is step.ts'. */
import type { Log } from "../../chain/log.ts";
import { kindNames } from "../../modules/attestation/attestationbytes.ts";
import { bitrateText } from "../../modules/attestation/units.ts";
import type { AttestationRange, ItemResult } from "../../proto/gen/weir/attestation/v1/readings.ts";
import {
  MsgDrain,
  MsgSubmitAttestations,
  MsgSubmitAttestationsResponse,
  MsgUpdateRelay,
} from "../../proto/gen/weir/attestation/v1/tx.ts";
import type { ChainClient } from "../chain/chainclient.ts";
import type { Message } from "../chain/stargate.ts";
import { drop, type Failure } from "../daemon/failure.ts";
import { readEpoch } from "../measurement/epochfacts.ts";
import type { HeldReadings } from "./heldreadings.ts";
import { committeeSize, type RelayReport, readReport } from "./report.ts";
import type { OpenEpoch, RelayEffect, RelayInput } from "./step.ts";

export interface EffectsOptions {
  readonly chain: ChainClient;
  readonly relay: bigint;
  readonly held: HeldReadings;
  readonly log: Log;
  /** Once an epoch. */
  onReport(report: RelayReport): void;
}

/** The chain has it already: somebody else brought it, or this relay did before it was killed. */
const alreadyGiven = 108;

export const effectsOf =
  (options: EffectsOptions) =>
  async (effect: RelayEffect): Promise<RelayInput | undefined> => {
    switch (effect.type) {
      case "askEpoch":
        return { type: "epoch", epoch: await askEpoch(options) };
      case "submit":
        return submit(options, effect);
      case "lowerClaim":
        await lowerClaim(options, effect.bps);
        return undefined;
      case "forget":
        await options.held.forget(effect.keys);
        return undefined;
    }
  };

/** What never works is not tried again; of readings the oracles bring what the relay could not. */
export const failureToInput =
  (log: Log) =>
  (effect: RelayEffect, failure: Failure): RelayInput => {
    log.warn(`${words[effect.type]}: ${failure.message}`);
    const isOver = failure.kind === "drop" && effect.type === "submit";
    return isOver ? { type: "given", keys: effect.keys } : { type: "failed", effect };
  };

const words: Readonly<Record<RelayEffect["type"], string>> = {
  askEpoch: "the chain did not say which epoch is open",
  submit: "readings were not brought to the chain",
  lowerClaim: "the claim was not lowered",
  forget: "old readings were not forgotten",
};

const nanosPerMilli = 1_000_000n;

async function askEpoch({ chain, relay, onReport }: EffectsOptions): Promise<OpenEpoch> {
  const [epoch, report] = await Promise.all([readEpoch(chain, undefined), readReport(chain, relay)]);
  if (report === undefined)
    throw drop(`relay ${relay} does not stand on ${chain.chainId}: see relay in config/relay.toml`);
  onReport(report);
  const { openTime, duration, number } = epoch;
  const committeeBefore = number === 0n ? 0 : await committeeSize(chain, relay, number - 1n);
  return {
    number,
    openMillis: openTime!.seconds * 1000n + BigInt(openTime!.nanos) / nanosPerMilli,
    lengthMillis: duration!.seconds * 1000n + BigInt(duration!.nanos) / nanosPerMilli,
    announcedBps: report.relay.terms.at(-1)?.claimedBps ?? 0n,
    committeeBefore,
  };
}

// --------------------------------------------------------------------------------------------------------------- transactions

const message = (name: string, value: Uint8Array): Message => ({ typeUrl: `/weir.attestation.v1.${name}`, value });

export const drainMessage = (operator: string, relay: bigint, epochs: bigint): Message =>
  message("MsgDrain", MsgDrain.encode(MsgDrain.fromPartial({ operator, relay, epochs })).finish());

async function submit(
  { chain, held, log }: EffectsOptions,
  { epoch, batch, keys }: Extract<RelayEffect, { type: "submit" }>,
): Promise<RelayInput> {
  const ranges = await held.ranges(keys);
  await held.mark(keys, { stage: "sent", batch });
  const value = MsgSubmitAttestations.encode({ submitter: chain.address, ranges }).finish();
  const purpose = `readings/${epoch}/${batch}`;
  const { responses, height } = await chain.submit([message("MsgSubmitAttestations", value)], { purpose });
  const results = responses[0] === undefined ? [] : MsgSubmitAttestationsResponse.decode(responses[0]).results;
  tellRefused(log, ranges, results);
  await held.mark(keys, { stage: "given", batch });
  log.info("readings were brought to the chain", { epoch, readings: keys.length, height });
  return { type: "given", keys };
}

function tellRefused(log: Log, ranges: readonly AttestationRange[], results: readonly ItemResult[]): void {
  const items = ranges.flatMap(({ oracle, attestations }) => attestations.map(({ kind }) => ({ oracle, kind })));
  for (const [index, { code, text }] of results.entries()) {
    const item = items[index];
    if (code === 0 || code === alreadyGiven || item === undefined) continue;
    const kind = kindNames[item.kind] ?? "";
    log.warn("the chain does not take a reading", { oracle: item.oracle, kind, code, text });
  }
}

async function lowerClaim({ chain, relay, log }: EffectsOptions, bps: bigint): Promise<void> {
  const update = MsgUpdateRelay.fromPartial({
    operator: chain.address,
    id: relay,
    claim: { claimedBps: bps, rttMicros: 0n },
  });
  const { height } = await chain.submit([message("MsgUpdateRelay", MsgUpdateRelay.encode(update).finish())]);
  log.warn(`oracles read less than 85 % of the claim: it is ${bitrateText(bps)} from the next epoch on`, { height });
}
