/** The compiled protobuf schema at run time: fields, amino names, signers, routes. Read once, on first use. */
import { schemaText } from "./gen/schema.ts";

export type FieldType =
  | "double"
  | "float"
  | "int64"
  | "uint64"
  | "int32"
  | "fixed64"
  | "fixed32"
  | "bool"
  | "string"
  | "bytes"
  | "uint32"
  | "sfixed32"
  | "sfixed64"
  | "sint32"
  | "sint64"
  | "enum"
  | "message";

export interface FieldSchema {
  readonly number: number;
  /** As in the .proto file: snake_case. */
  readonly name: string;
  /** protojson's name: lowerCamelCase, but where the .proto file says json_name. */
  readonly json: string;
  readonly type: FieldType;
  /** Full name of the message or enum. */
  readonly of?: string;
  readonly repeated?: true;
  readonly key?: never;
  readonly oneof?: string | undefined;
  /** cosmos_proto.scalar: "cosmos.Int", "cosmos.Dec", "cosmos.AddressString"… */
  readonly scalar?: string | undefined;
  /** The interface that an Any here must implement. */
  readonly accepts?: string | undefined;
  /** gogoproto.nullable = false: Go holds it by value, so it is always written. */
  readonly nullable?: "never" | undefined;
  /** gogoproto.customtype: the Go type that holds the field; "cosmossdk.io/math.LegacyDec" tells a scaled decimal from text. */
  readonly custom?: string | undefined;
  readonly embed?: boolean | undefined;
  readonly aminoName?: string | undefined;
  readonly aminoKeepEmpty?: boolean | undefined;
  readonly aminoEncoding?: string | undefined;
  readonly aminoOneofName?: string | undefined;
}

export interface MessageSchema {
  readonly aminoName?: string | undefined;
  readonly aminoEncoding?: string | undefined;
  /** Names of the fields that hold the signers, by cosmos.msg.v1.signer. */
  readonly signers?: readonly string[] | undefined;
  /** In ascending field number. */
  readonly fields: readonly FieldSchema[];
}

export type EnumSchema = Readonly<Record<string, number>>;

export interface MethodSchema {
  readonly input: string;
  readonly output: string;
  readonly http?:
    | readonly { readonly method: string; readonly path: string; readonly body?: string | undefined }[]
    | undefined;
}

export interface Schema {
  readonly messages: Readonly<Record<string, MessageSchema>>;
  readonly enums: Readonly<Record<string, EnumSchema>>;
  readonly services: Readonly<Record<string, Readonly<Record<string, MethodSchema>>>>;
}

export { propertyOf } from "./property.ts";

let parsed: Schema | undefined;

export function schema(): Schema {
  parsed ??= JSON.parse(schemaText) as Schema;
  return parsed;
}
