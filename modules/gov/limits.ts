/** How long texts and how large proposals may be: as in cosmos-sdk x/gov/keeper/keeper.go where it has a bound. Pure. */
import { encodeUtf8 } from "../../chain/utf8.ts";
import { metadataTooLong, proposalTooLarge, summaryTooLong, tooManyMessages } from "./errors.ts";

/** Bytes; a title has the same bound. */
export const metadataLengthMax = 255;
export const summaryLengthMax = 40 * metadataLengthMax;
/** Messages of a proposal: each has its line where voters read what it would change. */
export const proposalMessagesMax = 100;
/** A whole proposal, encoded: it is written anew whenever its deposits grow. */
export const proposalBytesMax = 200_000;

/** UTF-8, as Go counts. A text that is far too long is not encoded to say so. */
const bytesOf = (text: string): number => (text.length > proposalBytesMax ? text.length : encodeUtf8(text).length);

export function requireMetadataLength(metadata: string): void {
  const length = bytesOf(metadata);
  if (length > metadataLengthMax) throw metadataTooLong(`got metadata with length ${length}`);
}

export function requireSummaryLength(summary: string): void {
  const length = bytesOf(summary);
  if (length > summaryLengthMax) throw summaryTooLong(`got summary with length ${length}`);
}

export function requireMessageCount(count: number): void {
  if (count > proposalMessagesMax) throw tooManyMessages(count, proposalMessagesMax);
}

export function requireProposalSize(size: number): void {
  if (size > proposalBytesMax) throw proposalTooLarge(size, proposalBytesMax);
}
