/**
 * The first words on a link: what the dialler wants, and whether it may. Owns their bytes, limits and deadlines; does not own who may what.
 */
import { messageCodec } from "../../chain/codec.ts";
import { strictDecode } from "../../chain/tx/strict.ts";
import { Accepted, Answer, Open, RefusalCode, Refused } from "../../proto/gen/weir/wire/v1/wire.ts";
import { frame, readFrame } from "./frames.ts";
import { StreamFailure } from "./taking.ts";
import type { Link } from "./transport.ts";

export const wireVersion = 1;
/** No first word is longer, but for the attestations that an oracle delivers: those follow it. */
const openingBytesMax = 4096;

const openCodec = messageCodec(Open);
const answerCodec = messageCodec(Answer);

/** The other end said no. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  /** When it is worth trying again; 0: not. */
  readonly retryMillis: number;

  constructor({ code, text, retryMillis }: Refused) {
    super(text === "" ? `refused, code ${code}` : text);
    this.code = code;
    this.retryMillis = retryMillis;
  }
}

export const refusal = (code: RefusalCode, text: string, retryMillis = 0): Refusal =>
  new Refusal({ code, text, retryMillis });

/** What is wanted, without what every Open has. */
export type Purpose = Partial<Omit<Open, "version" | "chainId">>;

export interface OpeningTerms {
  readonly chainId: string;
  readonly deadlineMillis: number;
}

/** Says what is wanted. Rejects with a Refusal where the other end does not want to. */
export async function ask(link: Link, purpose: Purpose, { chainId, deadlineMillis }: OpeningTerms): Promise<Accepted> {
  link.stream.write(frame(openCodec.encode(Open.fromPartial({ ...purpose, version: wireVersion, chainId }))));
  const bytes = await readFrame(link.stream, { bytesMax: openingBytesMax, deadlineMillis });
  const { accepted, refused } = decodeAnswer(bytes);
  if (refused !== undefined) throw new Refusal(refused);
  if (accepted === undefined) throw new StreamFailure("an answer that says neither yes nor no");
  return accepted;
}

function decodeAnswer(bytes: Uint8Array): Answer {
  try {
    return strictDecode<Answer>(Answer.$type, bytes);
  } catch (error) {
    throw new StreamFailure(`an answer that cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** Hears what is wanted. Whatever cannot be understood is refused here, and rejects. */
export async function hear(link: Link, { chainId, deadlineMillis }: OpeningTerms): Promise<Open> {
  const bytes = await readFrame(link.stream, { bytesMax: openingBytesMax, deadlineMillis });
  const problem = (code: RefusalCode, text: string) => {
    const answer = refusal(code, text);
    refuse(link, answer);
    return answer;
  };
  let open: Open;
  try {
    open = strictDecode<Open>(Open.$type, bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw problem(RefusalCode.REFUSAL_CODE_MALFORMED, `cannot be read: ${reason}`);
  }
  if (open.version !== wireVersion) {
    const text = `version ${open.version} of the protocol; this end speaks ${wireVersion}`;
    throw problem(RefusalCode.REFUSAL_CODE_MALFORMED, text);
  }
  if (open.chainId !== chainId) {
    throw problem(RefusalCode.REFUSAL_CODE_WRONG_CHAIN, `this end serves the chain ${chainId}`);
  }
  return open;
}

export function accept(link: Link, accepted: Partial<Accepted> = {}): void {
  link.stream.write(frame(answerCodec.encode(Answer.fromPartial({ accepted: Accepted.fromPartial(accepted) }))));
}

/** Says why not, and hangs up. */
export function refuse(link: Link, { code, message, retryMillis }: Refusal): void {
  const refused = Refused.fromPartial({ code, text: message, retryMillis });
  link.stream.end(frame(answerCodec.encode(Answer.fromPartial({ refused }))));
}
