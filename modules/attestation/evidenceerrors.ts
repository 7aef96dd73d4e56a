/** What is refused of hardware evidence: codes 150 to 179 of the module, for ever. */
import { ChainError } from "../../chain/errors.ts";
import { evidenceFormats } from "./evidenceformats.ts";

const evidenceError = (code: number, text: string) => new ChainError("attestation", code, text);

export const unknownFormat = (found: string) =>
  evidenceError(
    150,
    `no format of evidence is called "${found}"; expected one of ${[...evidenceFormats.keys()].join(", ")}`,
  );

export const evidenceLength = (format: string, found: number, most: number) =>
  evidenceError(151, `evidence of format ${format} has ${found} bytes; expected 1 to ${most}`);

export const evidenceForged = (format: string, reason: string) =>
  evidenceError(152, `not a ${format} quote that its maker vouches for: ${reason}`);

export const evidenceExpired = (format: string, reason: string) =>
  evidenceError(
    153,
    `the ${format} quote does not hold any more: ${reason}; renew the platform's certificates and quote again`,
  );

export const evidenceNotBound = (subject: string, epoch: bigint) =>
  evidenceError(
    154,
    `the quote was made for something else: its report data is not that of ${subject}, the transport key it has announced and epoch ${epoch}; ` +
      "`weir query attestation evidence-challenge` gives what to bind",
  );

export const evidenceStale = (epoch: bigint, oldest: bigint, newest: bigint) =>
  evidenceError(
    155,
    `the quote answers epoch ${epoch}; expected one from ${oldest} to ${newest} whose seed is known: quote again`,
  );

export const evidenceRevoked = (serial: string, since: bigint) =>
  evidenceError(
    156,
    `the certificate of serial ${serial} is revoked from epoch ${since} on; quote on another platform`,
  );

export const evidenceReplayed = (subject: string) =>
  evidenceError(157, `this very quote is attached to ${subject} already; quote again, for the epoch that is open`);

export const formatClosed = (format: string) =>
  evidenceError(158, `governance does not accept ${format} at present; those that are attached run out as they would`);

export const measurementRefused = (format: string, measurement: string) =>
  evidenceError(
    159,
    `governance accepts no ${format} machine of measurement ${measurement}; run a software that it lists`,
  );

export const notTheSubjectsOperator = (subject: string, operator: string) =>
  evidenceError(160, `${subject} is operated by ${operator}; only its operator attaches evidence to it`);

export const noSubjectOfEvidence = (subject: string) =>
  evidenceError(161, `there is no ${subject}, or it has left; evidence is attached to who is registered`);

export const invalidEvidencePolicy = (problem: string) => evidenceError(162, problem);
