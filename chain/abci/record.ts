/**
 * A log of what an engine asked and the application answered: the calls that ABCI 2.0's grammar names, each as a frame of its Request and one
 * of its Response. Owns the file's format; a call that never returned is a last request without a response.
 */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { Request, Response } from "../../proto/gen/tendermint/abci/types.ts";
import { type Method, methodOf } from "./calls.ts";
import { FrameReader, frameOf } from "./framing.ts";
import type { Observer } from "./observed.ts";

/** The others may come at any time and change nothing. */
const recorded: ReadonlySet<Method> = new Set([
  "info",
  "initChain",
  "prepareProposal",
  "processProposal",
  "extendVote",
  "verifyVoteExtension",
  "finalizeBlock",
  "commit",
  "offerSnapshot",
  "applySnapshotChunk",
]);

export interface AbciRecord extends Observer {
  close(): void;
}

/** Appends to the file: a log of several runs is the runs one after another, each beginning with Info. */
export function recordTo(path: string): AbciRecord {
  const file = openSync(path, "a", 0o600);
  const write = (bytes: Uint8Array) => void writeSync(file, bytes);
  return {
    before: (method, request) => {
      if (recorded.has(method)) write(frameOf(Request.encode({ [method]: request ?? {} }).finish()));
    },
    after: (method, _request, answer) => {
      if (recorded.has(method)) write(frameOf(Response.encode({ [method]: answer }).finish()));
    },
    close: () => closeSync(file),
  };
}

export interface RecordedCall {
  readonly method: Method;
  readonly request: Request;
  /** Undefined when the process ended in the call. */
  readonly response: Response | undefined;
}

/** A process that was killed may leave half a frame behind: what follows it in the file is then unreadable, and said so. */
export function readRecord(path: string): RecordedCall[] {
  const reader = new FrameReader();
  reader.push(readFileSync(path));
  const calls: RecordedCall[] = [];
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
    const request = Request.decode(frame);
    const method = methodOf(request);
    if (method === undefined) throw new Error(`${path}: frame ${2 * calls.length} is no request that is recorded`);
    const answer = reader.next();
    calls.push({ method, request, response: answer === undefined ? undefined : Response.decode(answer) });
  }
  return calls;
}
