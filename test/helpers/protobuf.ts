/** Every generated message by name, random values of them, and the check that bytes are their value's one encoding. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { GeneratedMessage } from "../../chain/codec.ts";
import { type FieldSchema, propertyOf, schema } from "../../proto/schema.ts";
import type { Random } from "./random.ts";

type Message = Record<string, unknown>;
type Generated = GeneratedMessage<Message>;

const isGenerated = (value: unknown): value is Generated =>
  typeof value === "object" && value !== null && "$type" in value && "encode" in value;

const folder = join(import.meta.dirname, "..", "..", "proto", "gen");

async function loadGenerated(): Promise<ReadonlyMap<string, Generated>> {
  const found = new Map<string, Generated>();
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    const module = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>;
    for (const value of Object.values(module)) if (isGenerated(value)) found.set(value.$type, value);
  }
  return found;
}

export const generated: ReadonlyMap<string, Generated> = await loadGenerated();

export const generatedMessage = (typeName: string): Generated => {
  const found = generated.get(typeName);
  if (found === undefined) throw new Error(`no generated code for ${typeName}`);
  return found;
};

const publicKeyTypes = ["cosmos.crypto.secp256k1.PubKey", "cosmos.crypto.ed25519.PubKey"] as const;
const packedTypes = [
  "cosmos.bank.v1beta1.MsgSend",
  "cosmos.bank.v1beta1.MsgMultiSend",
  "cosmos.consensus.v1.MsgUpdateParams",
] as const;

const texts = ["", "a", "uweir", "héllo", "\u0000", "\ufeff", "\u2028<&>", "🌊", "x".repeat(200)] as const;
const numbers = [0n, 1n, 127n, 128n, 16383n, 16384n, 4294967295n, 4294967296n, (1n << 63n) - 1n, 1n << 63n] as const;

const big = (random: Random): bigint =>
  random.chance(2) ? random.pick(numbers) : BigInt(random.below(2 ** 32)) * BigInt(random.below(2 ** 32));

function randomScalar(random: Random, field: FieldSchema): unknown {
  switch (field.type) {
    case "string":
      if (field.scalar === "cosmos.Int") return random.pick(["0", "1", "-7", "12345", ((1n << 256n) - 1n).toString()]);
      return random.pick(texts);
    case "bytes":
      return random.bytes(random.pick([0, 1, 33, 200]));
    case "bool":
      return random.chance(2);
    case "uint64":
    case "fixed64":
      return BigInt.asUintN(64, big(random));
    case "int64":
    case "sint64":
    case "sfixed64":
      return BigInt.asIntN(64, random.chance(2) ? -big(random) : big(random));
    case "uint32":
    case "fixed32":
      return Number(BigInt.asUintN(32, big(random)));
    default:
      return Number(BigInt.asIntN(32, random.chance(2) ? -big(random) : big(random)));
  }
}

function randomAny(random: Random, field: FieldSchema, depth: number): Message {
  const isKey = /pub_?(lic_)?key/.test(field.name);
  const typeName = random.pick(isKey ? publicKeyTypes : packedTypes);
  const value = generatedMessage(typeName)
    .encode(randomMessage(random, typeName, depth - 1))
    .finish();
  return { typeUrl: `/${typeName}`, value };
}

function randomValue(random: Random, field: FieldSchema, depth: number): unknown {
  if (field.type !== "message") return randomScalar(random, field);
  if (field.of === "google.protobuf.Any") return randomAny(random, field, depth);
  return randomMessage(random, field.of!, depth - 1);
}

/** A value of the generated type; messages below `depth` levels are left out. */
export function randomMessage(random: Random, typeName: string, depth: number): Message {
  if (typeName === "google.protobuf.Timestamp")
    return { seconds: BigInt(random.below(4_000_000_000)) - 2_000_000_000n, nanos: random.below(1_000_000_000) };
  if (typeName === "google.protobuf.Duration")
    return { seconds: BigInt(random.below(9_000_000)), nanos: random.below(10) };
  const { fields } = schema().messages[typeName]!;
  const partial: Message = {};
  const oneofs = new Map<string, string>();
  for (const { oneof, name } of fields) if (oneof !== undefined && random.chance(2)) oneofs.set(oneof, name);
  for (const field of fields) {
    if (field.oneof !== undefined && oneofs.get(field.oneof) !== field.name) continue;
    if (random.chance(3) || (field.type === "message" && depth <= 0)) continue;
    partial[propertyOf(field)] =
      field.repeated === true
        ? Array.from({ length: random.below(4) }, () => randomValue(random, field, depth))
        : randomValue(random, field, depth);
  }
  return generatedMessage(typeName).fromPartial(partial);
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Throws unless `bytes` are what the generated code writes for the value that it reads from them, in every Any too. */
export function requireCanonical(typeName: string, bytes: Uint8Array): void {
  const message = generatedMessage(typeName);
  const value = message.decode(bytes);
  if (!equal(message.encode(value).finish(), bytes)) throw new Error(`not the canonical encoding of ${typeName}`);
  requireCanonicalAnys(typeName, value);
}

function requireCanonicalAnys(typeName: string, value: Message): void {
  for (const field of schema().messages[typeName]!.fields) {
    const { type, of, repeated } = field;
    if (type !== "message") continue;
    const inner = value[propertyOf(field)] as Message | readonly Message[] | undefined;
    const list = repeated === true ? (inner as readonly Message[]) : inner === undefined ? [] : [inner as Message];
    for (const element of list) {
      if (of !== "google.protobuf.Any") requireCanonicalAnys(of!, element);
      else requireCanonical((element.typeUrl as string).slice(1), element.value as Uint8Array);
    }
  }
}
