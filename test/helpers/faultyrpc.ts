/** A node's RPC as a bad day shows it: calls that never arrive, answers that are lost, answers that are lies. Tests decide which. */
import type { JsonObject } from "../../chain/consensus/json.ts";
import { type Rpc, RpcUnreachable, rpcAt } from "../../node/chain/rpc.ts";

export type Fault =
  /** The node never hears of it. */
  | "not sent"
  /** It does what was asked, and nobody learns. */
  | "answer lost"
  /** It says yes and does nothing. */
  | "swallowed"
  /** It says that the sequence was used, and does nothing. */
  | "late";

const accepted = { code: 0, codespace: "", data: "", log: "", hash: "00".repeat(32) };
const late = { ...accepted, code: 32, codespace: "sdk", log: "account sequence mismatch" };

export interface FaultyRpc {
  /** For ChainClientOptions. */
  readonly open: (url: string) => Rpc;
  /** Of broadcasts, in hex, in order, those that failed as well. */
  readonly sent: string[];
  /** What happens to the next broadcasts, one each; beyond them all is well. */
  readonly faults: Fault[];
  /** Changes answers, by method. */
  readonly lies: Map<string, (answer: JsonObject, url: string) => JsonObject>;
  isDown: boolean;
}

export function faultyRpc(): FaultyRpc {
  const faulty: FaultyRpc = {
    sent: [],
    faults: [],
    lies: new Map(),
    isDown: false,
    open: (url) => {
      const rpc = rpcAt(url, { millisMax: 5_000, advice: "it is a test" });
      const broadcast = async (params: JsonObject | undefined): Promise<JsonObject> => {
        faulty.sent.push(Buffer.from(String(params?.tx), "base64").toString("hex"));
        const fault = faulty.faults.shift();
        if (fault === "not sent") throw new RpcUnreachable("the way there is cut");
        if (fault === "swallowed") return accepted;
        if (fault === "late") return late;
        const answer = await rpc.call("broadcast_tx_sync", params);
        if (fault === "answer lost") throw new RpcUnreachable("the way back is cut");
        return answer;
      };
      return {
        url,
        async call(method, params) {
          if (faulty.isDown) throw new RpcUnreachable("the machine is off");
          const answer = await (method === "broadcast_tx_sync" ? broadcast(params) : rpc.call(method, params));
          return faulty.lies.get(method)?.(answer, url) ?? answer;
        },
      };
    },
  };
  return faulty;
}
