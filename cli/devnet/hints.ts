/** What somebody can type in a second terminal while a devnet runs. */
import { type Devnet, urlOf } from "./places.ts";

const usualRpc = "http://127.0.0.1:26657";

export function hintsOf({ plan, places }: Devnet): string[] {
  const last = plan.relays.at(-1)!;
  const rpcUrl = urlOf(places.rpc);
  const at = rpcUrl === usualRpc ? "" : ` --node ${rpcUrl}`;
  const { host, port } = places.proxy;
  return [
    `Keys, settings, logs: ${places.folder}. RPC: ${rpcUrl}`,
    `  npx weir query rewards explain ${last.id}${at}`,
    `  npx weir relay status --home ${places.folder}/${last.name}`,
    `  npx weir reserve audit${at}`,
    `  curl --socks5-hostname ${host}:${port} ${urlOf(places.content)}/`,
  ];
}
