/** How far a relay stands from each slash: what operators see one epoch ahead. Pure. */
import { type Dec, decOne } from "../../chain/dec.ts";
import { covertShare } from "./covert.ts";
import { overclaimNear, overclaimSlash, qualityNear } from "./judgement.ts";
import type { Params } from "./params.ts";
import type { RelayRecord } from "./record.ts";
import { percentText } from "./words.ts";

export interface Threshold {
  readonly rule: string;
  readonly now: string;
  readonly limit: string;
  /** Of bond and unvested rewards, as things stand. */
  readonly slash: Dec;
  /** One more epoch like it is enough. */
  readonly near: boolean;
}

const shownEpochs = 3;

function overclaim({ judgements }: RelayRecord, rules: Params): Threshold {
  const last = judgements.slice(-shownEpochs);
  const bad = last.filter((judgement) => judgement.bad);
  const waiting = bad.filter(({ disputed }) => disputed).length;
  const least = bad.reduce((shortfall, of) => (of.shortfall < shortfall ? of.shortfall : shortfall), decOne);
  const dispute = waiting === 0 ? "" : `, ${waiting} of them being measured again`;
  return {
    rule: "over-claim",
    now: `${bad.length} bad of the last ${last.length} audited epochs${dispute}`,
    limit: `2 bad of 3: two thirds of the readings more than ${percentText(rules.overclaimTolerance)} below the claim`,
    slash: overclaimSlash(bad.length === 0 ? rules.overclaimTolerance : least, rules),
    near: overclaimNear(judgements),
  };
}

function quality({ judgements }: RelayRecord, rules: Params): Threshold {
  const last = judgements.slice(-shownEpochs);
  return {
    rule: "quality",
    now: `${last.filter(({ badQuality }) => badQuality).length} of the last ${last.length} audited epochs`,
    limit: `2 of 3 with loss above 2% or round trips above twice the claimed, once in ${rules.qualityIntervalEpochs} epochs`,
    slash: rules.qualitySlash,
    near: qualityNear(judgements),
  };
}

function downtime({ downEpochs }: RelayRecord, rules: Params): Threshold {
  return {
    rule: "downtime",
    now: `${downEpochs} epochs in a row below ${percentText(rules.downtimeUptime)}`,
    limit: `${rules.downtimeEpochs} epochs in a row without a pause`,
    slash: rules.downtimeSlash,
    near: downEpochs + 1n >= rules.downtimeEpochs,
  };
}

function covert({ covert: ratios }: RelayRecord, rules: Params): Threshold {
  const share = covertShare(ratios, rules.covertReadings);
  const known =
    share === undefined
      ? "what buyers get is not known yet"
      : `buyers got ${percentText(share)} of what oracles are shown`;
  return {
    rule: "covert over-claim",
    now: `${known} (${ratios.length} of ${rules.covertReadings} readings)`,
    limit: `below ${percentText(rules.covertSlashBelow)} in the median of ${rules.covertReadings}`,
    slash: overclaimSlash(share === undefined ? decOne - rules.covertSlashBelow : decOne - share, rules),
    near: share !== undefined && share < rules.covertFull,
  };
}

export const thresholdsOf = (record: RelayRecord, rules: Params): Threshold[] => [
  overclaim(record, rules),
  quality(record, rules),
  downtime(record, rules),
  covert(record, rules),
];
