/** Results whose JSON is made once and sent many times. Owns how an answer becomes the parts that a transport sends. */
import type { RpcAnswer } from "./rpc-fault.ts";

/** A result that is JSON already. */
export class RawJson {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** One text, or texts with bytes between them that nobody copies. */
export type Parts = readonly [string, ...(string | Buffer)[]];

function partsOf(answer: RpcAnswer): Parts {
  const { result, ...head } = answer;
  if (!(result instanceof RawJson)) return [JSON.stringify(answer)];
  return [`${JSON.stringify(head).slice(0, -1)},"result":`, result.bytes, "}"];
}

export function answerParts(answer: RpcAnswer | readonly RpcAnswer[]): Parts {
  if (!isList(answer)) return partsOf(answer);
  if (!answer.some(({ result }) => result instanceof RawJson)) return [JSON.stringify(answer)];
  const parts: [string, ...(string | Buffer)[]] = ["["];
  for (const [i, one] of answer.entries()) parts.push(...(i === 0 ? [] : [","]), ...partsOf(one));
  return [...parts, "]"];
}

const isList = (answer: RpcAnswer | readonly RpcAnswer[]): answer is readonly RpcAnswer[] => Array.isArray(answer);
