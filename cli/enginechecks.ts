/** What `weir doctor` finds out about a home's engine: the program and its version, whose data there is, ports and peers of CometBFT. */
import { existsSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { checkCometVersion, findComet } from "../chain/consensus/cometprogram.ts";
import { asArray } from "../chain/consensus/json.ts";
import { nodeId, parseKey } from "../chain/consensus/keys.ts";
import { rpcAt } from "../node/chain/rpc.ts";
import type { Invocation } from "./command.ts";
import { type AppConfig, readAppConfig, readNodeConfig, readPeers } from "./config.ts";
import { cometData } from "./enginechoice.ts";
import type { Home } from "./home.ts";

export type Verdict = "ok" | "warn" | "fail";

export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly text: string;
}

type Judgement = readonly [verdict: Verdict, text: string];

/** Peers that are tried; more would keep the operator waiting. */
const peersTriedMax = 20;
const connectMillisMax = 2_000;

export async function engineChecks(invocation: Invocation): Promise<Finding[]> {
  const { home } = invocation;
  let app: AppConfig;
  try {
    app = readAppConfig(home);
  } catch {
    return [{ check: "engine", verdict: "warn", text: "which one is not known, since app.toml cannot be read" }];
  }
  if (app.engine === "local") return [finding("engine", localEngine(home))];
  const checks: Promise<Finding>[] = [
    attempt("engine", async () => cometEngine(home, app.engine)),
    ...(app.engine === "comet" ? [attempt("cometbft", () => program(invocation, app))] : []),
    attempt("peers", () => peers(home)),
  ];
  return Promise.all(checks);
}

const finding = (check: string, [verdict, text]: Judgement): Finding => ({ check, verdict, text });

async function attempt(check: string, body: () => Promise<Judgement>): Promise<Finding> {
  try {
    return finding(check, await body());
  } catch (error) {
    return finding(check, ["fail", error instanceof Error ? error.message : String(error)]);
  }
}

function localEngine(home: Home): Judgement {
  const foreign = cometData(home);
  if (foreign !== undefined) return ["fail", `${foreign} is CometBFT's: use another --home for the local engine`];
  return ["ok", existsSync(home.engineData) ? "local, with a chain" : "local, with no block yet"];
}

function cometEngine(home: Home, engine: AppConfig["engine"]): Judgement {
  if (existsSync(home.engineData)) {
    return ["fail", `${home.engineData} is the local engine's: CometBFT cannot go on with its blocks`];
  }
  const whose = engine === "comet" ? "CometBFT, run beside the node" : "CometBFT, run by you";
  return ["ok", `${whose}, ${cometData(home) === undefined ? "with no block yet" : "with a chain"}`];
}

async function program({ environment }: Invocation, { comet }: AppConfig): Promise<Judgement> {
  const path = await findComet({ flag: undefined, configured: comet, environment });
  await checkCometVersion(path);
  return ["ok", `${path} is the version that this node runs with`];
}

interface Peer {
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

function parsePeer(text: string): Peer {
  const match = /^([0-9a-f]{40})@(\[[0-9a-fA-F:]+\]|[^\s@:]+):(\d{1,5})$/.exec(text);
  if (match === null) {
    throw new Error(
      `config.toml: ${JSON.stringify(text)} is no peer; expected ID@HOST:PORT, the ID 40 hexadecimal digits`,
    );
  }
  return { id: match[1]!, host: match[2]!.replace(/^\[|\]$/g, ""), port: Number(match[3]) };
}

/** Those that a running node has; otherwise whether the configured ones can be reached. */
async function peers(home: Home): Promise<Judgement> {
  const { seeds, persistentPeers } = readPeers(home);
  const listed = [persistentPeers, seeds].flatMap((list) => list.split(",")).map((text) => text.trim());
  const named = listed.filter((text) => text !== "").map(parsePeer);
  const own = nodeId(parseKey(readFileSync(home.nodeKey, "utf8"), home.nodeKey));
  if (named.some(({ id }) => id === own))
    return ["warn", "config.toml names this node among its own peers: take it out"];
  const connected = await connectedPeers(home);
  if (connected === 0 && named.length > 0) {
    return ["fail", "the node runs and has no peer: look whether port 26656 of the others can be reached from here"];
  }
  if (connected !== undefined) return ["ok", connected === 1 ? "1 is connected" : `${connected} are connected`];
  if (named.length === 0) {
    return ["warn", "config.toml names none (persistent_peers, seeds): a validator that is not alone finds nobody"];
  }
  const tried = named.slice(0, peersTriedMax);
  const answers = await Promise.all(tried.map(canConnect));
  const silent = tried.filter((_, i) => answers[i] === false).map(({ host, port }) => `${host}:${port}`);
  if (silent.length === 0) return ["ok", `all ${tried.length} can be reached`];
  const verdict = silent.length === tried.length ? "fail" : "warn";
  return [
    verdict,
    `${silent.join(", ")} cannot be reached: is the node there up, and port 26656 open to this machine?`,
  ];
}

/** undefined where no node runs here. */
async function connectedPeers(home: Home): Promise<number | undefined> {
  const { address } = readNodeConfig(home).rpc;
  try {
    const answer = await rpcAt(address.replace(/^tcp:/, "http:").replace("//0.0.0.0:", "//127.0.0.1:")).call(
      "net_info",
    );
    return asArray(answer.peers, "peers").length;
  } catch {
    return undefined;
  }
}

function canConnect({ host, port }: Peer): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: connectMillisMax });
    const end = (isReached: boolean) => {
      socket.destroy();
      resolve(isReached);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}
