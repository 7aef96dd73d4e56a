/** Reads JSON with the texts of Go's decoder, and with a limit to nesting: later steps walk the value recursively. Owns no meaning. */
import { ParamError } from "./rpc-param-error.ts";

/** Go allows 10,000; nothing that this RPC takes nests deeper than ten. */
const depthMax = 1_000;

export function parseJson(text: string): unknown {
  refuseDepth(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ParamError(goText(text, error instanceof Error ? error.message : "not JSON"));
  }
}

function refuseDepth(text: string): void {
  if (text.length <= depthMax) return;
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isInString) {
      if (code === backslash) i++;
      else if (code === quote) isInString = false;
    } else if (code === quote) isInString = true;
    else if (code === openBracket || code === openBrace) {
      if (++depth > depthMax) throw new ParamError(`invalid character '${text[i]}' exceeded max depth`);
    } else if (code === closeBracket || code === closeBrace) depth--;
  }
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** The first character that is wrong, or a text that ends too soon; what Go tells otherwise is told in V8's words. */
function goText(text: string, message: string): string {
  const start = /[^ \t\r\n]/.exec(text);
  const after = /after JSON at position (\d+)/.exec(message)?.[1];
  if (after !== undefined) return `invalid character '${firstByte(text.slice(Number(after)))}' after top-level value`;
  const position = /at position (\d+)/.exec(message)?.[1];
  if (start === null || message.includes("end of JSON") || Number(position) >= text.length) {
    return "unexpected end of JSON input";
  }
  const rest = text.slice(start.index);
  if (!/^["{[\-0-9tfn]/.test(rest)) return `invalid character '${firstByte(rest)}' looking for beginning of value`;
  return literalProblem(rest) ?? message;
}

/** Go reads bytes, and prints each as the character of that number. */
const firstByte = (text: string): string => Buffer.from(text.slice(0, 2)).toString("latin1", 0, 1);

function literalProblem(text: string): string | undefined {
  const literal = ["true", "false", "null"].find((word) => word[0] === text[0]);
  if (literal === undefined) return undefined;
  for (let i = 1; i < literal.length; i++) {
    if (text[i] === undefined) return "unexpected end of JSON input";
    if (text[i] === literal[i]) continue;
    return `invalid character '${firstByte(text.slice(i))}' in literal ${literal} (expecting '${literal[i]}')`;
  }
  return undefined;
}
