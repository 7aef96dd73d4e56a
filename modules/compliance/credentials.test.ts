import { describe, expect, it } from "vitest";
import { authorityAddress } from "../../chain/authority.ts";
import { addDuration } from "../../chain/time.ts";
import type { QueryCredentialsResponse } from "../../proto/gen/weir/compliance/v1/query.ts";
import { compliantChain, issuerText } from "../../test/helpers/compliantchain.ts";
import { textOf } from "../../test/helpers/marketchain.ts";
import { credentials } from "./state.ts";

const day = 86_400n;
const issuer = { address: issuerText, name: "Checks", reference: "", kinds: ["identity", "accredited"] };
const named = (subject: string) => ({ issuer: issuerText, subject: textOf(subject), kind: "identity" });

function counting(chain: ReturnType<typeof compliantChain>, subject: string): boolean[] {
  const path = "/weir.compliance.v1.Query/Credentials";
  return chain
    .query<QueryCredentialsResponse>(path, { subject: textOf(subject) })
    .credentials.map(({ counts }) => counts);
}

const later = (chain: ReturnType<typeof compliantChain>, seconds: bigint) =>
  addDuration(chain.context().block.time, { seconds, nanos: 0 });

describe("a credential", () => {
  it("is attested by an approved issuer, of a kind that it was approved for", () => {
    const chain = compliantChain();
    expect(chain.credential("alice").refusal).toBeUndefined();
    expect(counting(chain, "alice")).toEqual([true]);
    expect(chain.credential("alice", { issuer: textOf("bob") }).refusal?.message).toMatch(/no approved issuer/);
    expect(chain.credential("alice", { kind: "age" }).refusal?.message).toMatch(
      /may not attest "age"; .* identity, accredited/,
    );
  });

  it("is a hash, a kind, a level, an end and maybe two letters, and nothing else", () => {
    const chain = compliantChain();
    const refused = (more: object) => chain.credential("alice", more).refusal?.message ?? "";
    expect(refused({ hash: new Uint8Array(31) })).toMatch(/a hash of 31 bytes; expected 32/);
    expect(refused({ kind: "Ada Lovelace" })).toMatch(/expected 1 to 32 of a-z, 0-9 and -/);
    expect(refused({ jurisdiction: "Germany" })).toMatch(/two capital letters/);
    expect(refused({ jurisdiction: "de" })).toMatch(/two capital letters/);
    expect(refused({ level: 101 })).toMatch(/level 101; expected 100 at most/);
    expect(refused({ expires: undefined })).toMatch(/a credential has an end/);
    expect(refused({ jurisdiction: "DE", level: 100 })).toBe("");
  });

  it("ends in the future, and not too far in it", () => {
    const chain = compliantChain();
    const refused = (seconds: bigint) => chain.credential("alice", { expires: later(chain, seconds) }).refusal?.message;
    for (const seconds of [-1n, 0n, 400n * day + 1n])
      expect(refused(seconds)).toMatch(/must lie ahead, at most 34560000 s/);
    for (const seconds of [1n, 400n * day]) expect(refused(seconds)).toBeUndefined();
  });

  it("counts until its end, and is forgotten then", () => {
    const chain = compliantChain();
    chain.credential("alice", { expires: later(chain, 100n) });
    chain.block(99n);
    expect(counting(chain, "alice")).toEqual([true]);
    chain.block(1n);
    expect(counting(chain, "alice")).toEqual([false]);
    chain.wait(1n);
    expect(counting(chain, "alice")).toEqual([]);
  });

  it("is forgotten a hundred a block", () => {
    const chain = compliantChain();
    for (let index = 0; index < 101; index++) chain.credential(`subject ${index}`, { expires: later(chain, 50n) });
    chain.wait(60n);
    expect([...credentials.keys(chain.context())]).toHaveLength(1);
    chain.wait(1n);
    expect([...credentials.keys(chain.context())]).toHaveLength(0);
  });

  it("is renewed by the same issuer, in its place", () => {
    const chain = compliantChain();
    chain.credential("alice", { expires: later(chain, 50n) });
    chain.credential("alice", { expires: later(chain, 500n), level: 3 });
    chain.wait(60n);
    expect(counting(chain, "alice")).toEqual([true]);
  });

  it("is ended by its issuer, its subject or governance, and by nobody else", () => {
    const chain = compliantChain();
    const revoke = (revoker: string) => chain.say("RevokeCredential", { revoker, ...named("alice") }).refusal?.message;
    for (const revoker of [issuerText, textOf("alice"), authorityAddress()]) {
      chain.credential("alice");
      expect(revoke(textOf("bob"))).toMatch(/its issuer, its subject and governance may/);
      expect(revoke(revoker)).toBeUndefined();
      expect(counting(chain, "alice")).toEqual([]);
      expect(revoke(revoker)).toMatch(/has no credential identity/);
    }
  });

  it("ends with its issuer's approval, and another approval does not bring it back", () => {
    const chain = compliantChain();
    chain.credential("alice");
    expect(chain.govern("RemoveIssuer", { address: issuerText }).refusal).toBeUndefined();
    expect(counting(chain, "alice")).toEqual([false]);
    expect(chain.credential("bob").refusal?.message).toMatch(/no approved issuer/);
    chain.govern("SetIssuer", issuer);
    expect(counting(chain, "alice")).toEqual([false]);
    chain.credential("alice");
    expect(counting(chain, "alice")).toEqual([true]);
  });

  it("goes on counting where its issuer is approved for more, and not where for other kinds", () => {
    const chain = compliantChain();
    chain.credential("alice");
    chain.govern("SetIssuer", { ...issuer, kinds: ["identity", "age"] });
    expect(counting(chain, "alice")).toEqual([true]);
    chain.govern("SetIssuer", { ...issuer, kinds: ["age"] });
    expect(counting(chain, "alice")).toEqual([false]);
  });

  it("is one of at most so many of an account, which renewing does not raise", () => {
    const chain = compliantChain();
    const kinds = Array.from({ length: 16 }, (_, index) => `kind-${index}`);
    chain.govern("SetIssuer", { ...issuer, kinds });
    for (const kind of kinds) expect(chain.credential("alice", { kind }).refusal).toBeUndefined();
    expect(chain.credential("alice", { kind: "kind-0" }).refusal).toBeUndefined();
    chain.govern("SetIssuer", { ...issuer, address: textOf("bob"), kinds });
    expect(chain.credential("alice", { issuer: textOf("bob"), kind: "kind-0" }).refusal?.message).toMatch(
      /16 credentials of/,
    );
  });
});

describe("issuers", () => {
  it("are approved and removed by governance alone", () => {
    const chain = compliantChain();
    for (const name of ["SetIssuer", "RemoveIssuer"]) {
      const { refusal } = chain.say(name, { authority: textOf("alice"), ...issuer });
      expect(refusal?.message).toMatch(/expected weir1.* as authority|invalid authority/);
    }
    expect(chain.govern("RemoveIssuer", { address: textOf("bob") }).refusal?.message).toMatch(/no approved issuer/);
  });

  it("have a name and kinds in their bounds, and are at most so many", () => {
    const chain = compliantChain();
    const refused = (more: object) => chain.govern("SetIssuer", { ...issuer, ...more }).refusal?.message ?? "";
    expect(refused({ name: " " })).toMatch(/a name is expected/);
    expect(refused({ kinds: [] })).toMatch(/0 kinds; expected 1 to 16/);
    expect(refused({ kinds: ["a", "a"] })).toMatch(/named twice/);
    expect(refused({ kinds: ["a b"] })).toMatch(/is no kind/);
    expect(refused({ reference: "x".repeat(301) })).toMatch(/at most 300 bytes/);
    for (let index = 1; index < 32; index++) expect(refused({ address: textOf(`issuer ${index}`) })).toBe("");
    expect(refused({ address: textOf("issuer 32") })).toMatch(/32 issuers are approved already/);
    expect(refused({ name: "Other" })).toBe("");
  });
});
