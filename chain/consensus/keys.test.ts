import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SignedMsgType, Vote } from "../../proto/gen/tendermint/types/types.ts";
import { fromHex, toHex, blockVectors as vectors } from "../../test/helpers/block-vectors.ts";
import { freshSignStateJson, loadSigner, nodeId, nodeKeyJson, parseKey, validatorKeyJson } from "./keys.ts";
import { addMillis } from "./time.ts";

const { keyFiles, chainId } = vectors;

describe("a validator's key files", () => {
  let folder: string;
  let keyPath: string;
  let statePath: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-keys-"));
    keyPath = join(folder, "key.json");
    statePath = join(folder, "state.json");
    writeFileSync(keyPath, JSON.stringify(keyFiles.validatorKey));
    writeFileSync(statePath, JSON.stringify(keyFiles.stateBefore));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const decoded = Vote.decode(fromHex(keyFiles.vote));
  const vote = {
    type: SignedMsgType.SIGNED_MSG_TYPE_PRECOMMIT,
    height: decoded.height,
    round: decoded.round,
    blockId: decoded.blockId!,
    timestamp: decoded.timestamp!,
  };
  const otherBlock = { ...vote.blockId, hash: new Uint8Array(32).fill(7) };

  it("are read and written as CometBFT's", () => {
    const key = parseKey(JSON.stringify(keyFiles.validatorKey), keyPath);
    expect(JSON.parse(validatorKeyJson(key))).toEqual(keyFiles.validatorKey);
    const node = parseKey(JSON.stringify(keyFiles.nodeKey), keyPath);
    expect(JSON.parse(nodeKeyJson(node))).toEqual(keyFiles.nodeKey);
    expect(nodeId(node)).toBe(keyFiles.nodeId);
    expect(JSON.parse(freshSignStateJson())).toEqual(keyFiles.stateBefore);
  });

  it("hold the same signature and sign bytes after a vote", () => {
    const { signature } = loadSigner(keyPath, statePath).signVote(chainId, vote);
    expect(toHex(signature)).toBe(toHex(decoded.signature));
    expect(JSON.parse(readFileSync(statePath, "utf8"))).toEqual(keyFiles.stateAfter);
  });

  it("answer the same vote with the first signature, also after a restart and with another time", () => {
    const first = loadSigner(keyPath, statePath).signVote(chainId, vote);
    const signer = loadSigner(keyPath, statePath);
    expect(toHex(signer.signVote(chainId, vote).signature)).toBe(toHex(first.signature));
    const later = signer.signVote(chainId, { ...vote, timestamp: addMillis(vote.timestamp, 5) });
    expect(toHex(later.signature)).toBe(toHex(first.signature));
    expect(later.timestamp).toEqual(vote.timestamp);
  });

  it("refuse a second block at the same height and round, and anything before", () => {
    const signer = loadSigner(keyPath, statePath);
    signer.signVote(chainId, vote);
    const prevote = SignedMsgType.SIGNED_MSG_TYPE_PREVOTE;
    expect(() => signer.signVote(chainId, { ...vote, blockId: otherBlock })).toThrow("conflicting data");
    expect(() => signer.signVote(chainId, { ...vote, height: vote.height - 1n })).toThrow("height regression");
    expect(() => signer.signVote(chainId, { ...vote, round: vote.round - 1 })).toThrow("round regression");
    expect(() => signer.signVote(chainId, { ...vote, type: prevote })).toThrow("step regression");
    expect(JSON.parse(readFileSync(statePath, "utf8"))).toEqual(keyFiles.stateAfter);
  });

  it("go on with the next round and the next height", () => {
    const signer = loadSigner(keyPath, statePath);
    signer.signVote(chainId, vote);
    signer.signVote(chainId, { ...vote, round: vote.round + 1, blockId: otherBlock });
    signer.signVote(chainId, { ...vote, height: vote.height + 1n, round: 0 });
    expect(signer.last).toEqual({ height: vote.height + 1n, round: 0 });
  });

  it("are refused when the state is missing or damaged, or the key is not whole", () => {
    rmSync(statePath);
    expect(() => loadSigner(keyPath, statePath)).toThrow(
      /is missing: without it this validator could sign a height twice/,
    );
    writeFileSync(statePath, '{"height": "12", "round": ');
    expect(() => loadSigner(keyPath, statePath)).toThrow(/state\.json is not JSON/);
    const key = { priv_key: { type: "tendermint/PrivKeyEd25519", value: Buffer.alloc(64, 1).toString("base64") } };
    expect(() => parseKey(JSON.stringify(key), "k.json")).toThrow("do not belong together");
    expect(() => parseKey('{"priv_key":{"type":"x"}}', "k.json")).toThrow(
      /priv_key\.type is not "tendermint\/PrivKeyEd25519"/,
    );
  });

  it("are never quoted in a refusal, wherever their file is damaged", () => {
    const text = readFileSync(keyPath, "utf8");
    const secret = String(JSON.parse(text).priv_key.value);
    const pieces = Array.from({ length: secret.length - 5 }, (_, i) => secret.slice(i, i + 6));
    const from = text.indexOf(secret);
    for (let at = from - 40; at < from + secret.length + 3; at++) {
      const changed = `${text.slice(0, at)}${text[at] === '"' ? "x" : '"'}${text.slice(at + 1)}`;
      for (const damaged of [changed, text.slice(0, at), `${text.slice(0, at)}!${text.slice(at + 1)}`]) {
        const said = refusalOf(() => parseKey(damaged, "k.json"));
        for (const piece of pieces) expect(said).not.toContain(piece);
      }
    }
  });
});

function refusalOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return String(error);
  }
  return "";
}
