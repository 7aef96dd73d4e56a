/** What a transaction does, in words, for whoever is about to sign it. Owns the summary; each module says what its messages mean. */

import { typeUrl } from "../../chain/codec.ts";
import type { ProtoCoin } from "../../chain/coins.ts";
import type { AnyMessageForm } from "../../chain/commandforms.ts";
import { toJson } from "../../chain/protojson.ts";
import { weir } from "../../modules/index.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import type { KeyRecord } from "../keyring/keyring.ts";
import { coinText, grouped, lines, sanitize } from "../table.ts";
import { registry, requiredOf, type TxDocument } from "./document.ts";

export interface Wording {
  readonly chainId: string;
  readonly keys: readonly KeyRecord[];
}

const coinsText = (coins: readonly ProtoCoin[]): string =>
  coins.length === 0 ? "nothing" : coins.map((coin) => coinText(coin)).join(" and ");

const formOf = (url: string): AnyMessageForm | undefined =>
  weir.modules.map(({ commands }) => commands?.messages[url]).find((form) => form !== undefined);

/** Names are the signer's own; an address is shown with each of them, since the address is what is signed. */
const whoIn =
  (keys: readonly KeyRecord[]) =>
  (address: string): string => {
    const key = keys.find((known) => known.address === address);
    return key === undefined ? address : `${key.name} (${address})`;
  };

export function inWords(document: TxDocument, { chainId, keys }: Wording): string {
  const who = whoIn(keys);
  const { body, authInfo } = document;
  const required = requiredOf(document);
  const payer = authInfo.fee?.granter || authInfo.fee?.payer || required[0] || "nobody";
  const fee = coinsText(authInfo.fee?.amount ?? []);
  const rows: [string, readonly string[]][] = [
    ["Chain", [chainId]],
    ["Does", document.messages.flatMap(({ handler, value }) => messageWords(typeUrl(handler.request), value, who))],
    ["Fee", [`${fee}, paid by ${who(payer)}; at most ${grouped(String(authInfo.fee?.gasLimit ?? 0n))} gas`]],
  ];
  if (body.memo !== "") rows.push(["Memo", [JSON.stringify(sanitize(body.memo))]]);
  if (body.timeoutHeight !== 0n) rows.push(["Until", [`height ${grouped(String(body.timeoutHeight))}`]]);
  rows.push(["Signed by", required.map(who)]);
  return rows
    .flatMap(([label, texts]) => texts.map((text, i) => `${(i === 0 ? label : "").padEnd(10)} ${text}\n`))
    .join("");
}

function messageWords(url: string, value: unknown, who: (address: string) => string): readonly string[] {
  const message = ({ typeUrl, value }: Any) => {
    const handler = registry.handler(typeUrl);
    return handler === undefined ? [typeUrl] : messageWords(typeUrl, handler.request.decode(value), who);
  };
  const described = formOf(url)?.describe?.(value, { who, coins: coinsText, message });
  if (described !== undefined) return described.map(sanitize);
  return [url, ...lines(toJson(url.slice(1), value as object)).map((line) => `  ${line}`)];
}
