/**
 * Tables that strict decoding runs on, compiled from the schema once a type. Owns what is canonical per field; reading bytes is
 * chain/tx/strict.ts.
 */
import { defaults } from "../../proto/gen/defaults.ts";
import { type FieldSchema, type FieldType, type MessageSchema, propertyOf, schema } from "../../proto/schema.ts";

/** Nested messages, through Any too: far above every message we know, far below any stack. */
export const depthMax = 16;
/** Elements of one repeated field, and messages of all kinds in one decoding: what a transaction may make us allocate. */
export const elementsMax = 65_536;
export const messagesMax = 65_536;

/** Numbers, because the decoder switches on them in its innermost loop. */
export const kinds = {
  string: 0,
  bytes: 1,
  message: 2,
  uint64: 3,
  int64: 4,
  uint32: 5,
  int32: 6,
  bool: 7,
  sint32: 8,
  sint64: 9,
  fixed32: 10,
  sfixed32: 11,
  float: 12,
  fixed64: 13,
  sfixed64: 14,
  double: 15,
} as const;

export type Kind = (typeof kinds)[keyof typeof kinds];

const kindOf = (type: FieldType): Kind => (type === "enum" ? kinds.int32 : kinds[type]);

/** Wire types of protobuf's encoding guide. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Which types an Any of this field may hold. */
export type AnyRole = "message" | "publicKey" | "any";

export interface FieldPlan {
  readonly number: number;
  readonly tag: number;
  readonly kind: Kind;
  readonly wireType: number;
  /** Property of the generated TypeScript. */
  readonly key: string;
  /** Name in the .proto file, for errors. */
  readonly name: string;
  readonly repeated: boolean;
  readonly packed: boolean;
  /** Repeated and not packed: the tag may come again. */
  readonly recurs: boolean;
  /** A bit per oneof of the message; 0 when the field is in none. */
  readonly oneof: number;
  /** Written even when it holds the default: a member of a oneof, or an element of a repeated field. */
  readonly explicit: boolean;
  /** Full name of the message. */
  readonly of: string | undefined;
  /** The plan of `of`, looked up on first use: plans may refer to themselves. */
  plan: MessagePlan | undefined;
  /** cosmos.Int as text: canonical decimal only. */
  readonly integer: boolean;
  readonly anyRole: AnyRole;
}

export interface MessagePlan {
  readonly typeName: string;
  /** A message of defaults. */
  readonly create: () => Record<string, unknown>;
  /** By tag, for the tags of one byte. */
  readonly small: readonly (FieldPlan | undefined)[];
  readonly large: ReadonlyMap<number, FieldPlan>;
  readonly fields: readonly FieldPlan[];
  readonly special: "any" | "timestamp" | "duration" | undefined;
}

function wireTypeOf(kind: Kind): number {
  if (kind <= kinds.message) return wire.bytes;
  if (kind <= kinds.sint64) return wire.varint;
  return kind <= kinds.float ? wire.fixed32 : wire.fixed64;
}

/** Where the SDK's Any fields say no interface, the field's place does. */
function anyRoleOf(typeName: string, field: FieldSchema): AnyRole {
  if (field.accepts === "cosmos.base.v1beta1.Msg") return "message";
  if (typeName === "cosmos.tx.v1beta1.TxBody" && field.name === "messages") return "message";
  if (field.accepts === "cosmos.crypto.PubKey") return "publicKey";
  return /^(public_keys?|pub_?key)$/.test(field.name) ? "publicKey" : "any";
}

function compileField(typeName: string, field: FieldSchema, oneofs: string[]): FieldPlan {
  const kind = kindOf(field.type);
  const repeated = field.repeated === true;
  const packed = repeated && kind > kinds.message;
  const wireType = packed ? wire.bytes : wireTypeOf(kind);
  let oneof = 0;
  if (field.oneof !== undefined) {
    if (!oneofs.includes(field.oneof)) oneofs.push(field.oneof);
    oneof = 1 << oneofs.indexOf(field.oneof);
  }
  return {
    number: field.number,
    tag: field.number * 8 + wireType,
    kind,
    wireType,
    key: propertyOf(field),
    name: field.name,
    repeated,
    packed,
    recurs: repeated && !packed,
    oneof,
    explicit: oneof !== 0 || repeated,
    of: field.of,
    plan: undefined,
    integer: kind === kinds.string && field.scalar === "cosmos.Int",
    anyRole: anyRoleOf(typeName, field),
  };
}

const specials: Readonly<Record<string, MessagePlan["special"]>> = {
  "google.protobuf.Any": "any",
  "google.protobuf.Timestamp": "timestamp",
  "google.protobuf.Duration": "duration",
};

function compile(typeName: string, message: MessageSchema): MessagePlan {
  const oneofs: string[] = [];
  const fields = message.fields.map((field) => compileField(typeName, field, oneofs));
  const small: (FieldPlan | undefined)[] = new Array<undefined>(128).fill(undefined);
  const large = new Map<number, FieldPlan>();
  for (const field of fields) {
    if (field.tag < 128) small[field.tag] = field;
    else large.set(field.tag, field);
  }
  return { typeName, create: defaults[typeName]!, small, large, fields, special: specials[typeName] };
}

const plans = new Map<string, MessagePlan>();

/** undefined when the schema does not know the type. */
export function planOf(typeName: string): MessagePlan | undefined {
  const known = plans.get(typeName);
  if (known !== undefined) return known;
  const message = Object.hasOwn(schema().messages, typeName) ? schema().messages[typeName] : undefined;
  if (message === undefined) return undefined;
  const plan = compile(typeName, message);
  plans.set(typeName, plan);
  return plan;
}

export function planOfField(field: FieldPlan): MessagePlan {
  field.plan ??= planOf(field.of!)!;
  return field.plan;
}

/** A type URL met before, with its bytes: comparing them is a third of the price of decoding them again. */
export interface KnownType {
  readonly typeUrl: string;
  readonly bytes: Uint8Array;
  readonly plan: MessagePlan;
}

const knownTypes = new Map<number, KnownType>();

/** Length and last bytes: enough to tell apart; a clash costs speed, never the result. */
const knownTypeKey = (bytes: Uint8Array, start: number, end: number): number =>
  ((end - start) << 16) ^ (bytes[end - 1]! << 8) ^ (bytes[end - 3]! << 4) ^ bytes[end - 5]!;

export function knownType(bytes: Uint8Array, start: number, end: number): KnownType | undefined {
  const known = knownTypes.get(knownTypeKey(bytes, start, end));
  if (known === undefined || known.bytes.length !== end - start) return undefined;
  for (let index = 0; index < known.bytes.length; index++)
    if (known.bytes[index] !== bytes[start + index]) return undefined;
  return known;
}

/** Only types of the schema are remembered, so there is a bound. */
export function rememberType(typeUrl: string, bytes: Uint8Array, plan: MessagePlan): void {
  if (bytes.length >= 5) knownTypes.set(knownTypeKey(bytes, 0, bytes.length), { typeUrl, bytes: bytes.slice(), plan });
}
