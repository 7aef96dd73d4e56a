/** Encodes a message by its schema where no generated codec is at hand (inside an Any). Same bytes as the generated code. */
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { type FieldSchema, propertyOf, schema } from "../proto/schema.ts";

type Message = Readonly<Record<string, unknown>>;

export function encodeMessage(typeName: string, message: Message): Uint8Array {
  return writeFields(new BinaryWriter(), typeName, message).finish();
}

function writeFields(writer: BinaryWriter, typeName: string, message: Message): BinaryWriter {
  for (const field of schema().messages[typeName]!.fields) {
    const value = message[propertyOf(field)];
    if (field.repeated) writeList(writer, field, value as readonly unknown[]);
    else if (field.oneof !== undefined ? value !== undefined : !isDefault(field, value)) writeOne(writer, field, value);
  }
  return writer;
}

function isDefault(field: FieldSchema, value: unknown): boolean {
  if (field.type === "message") return value === undefined;
  if (field.type === "bytes") return (value as Uint8Array).length === 0;
  return value === "" || value === false || value === 0 || value === 0n;
}

/** Numbers and truth values of a list share one length: proto3 packs them. */
function writeList(writer: BinaryWriter, field: FieldSchema, list: readonly unknown[]): void {
  const isPacked = field.type !== "message" && field.type !== "string" && field.type !== "bytes";
  if (!isPacked) for (const value of list) writeOne(writer, field, value);
  else if (list.length > 0) {
    writer.tag(field.number, 2).fork();
    for (const value of list) writeNumber(writer, field, value);
    writer.join();
  }
}

const wireTypes: Readonly<Partial<Record<FieldSchema["type"], 1 | 2 | 5>>> = {
  message: 2,
  string: 2,
  bytes: 2,
  double: 1,
  fixed64: 1,
  sfixed64: 1,
  float: 5,
  fixed32: 5,
  sfixed32: 5,
};

function writeOne(writer: BinaryWriter, field: FieldSchema, value: unknown): void {
  writer.tag(field.number, wireTypes[field.type] ?? 0);
  if (field.type === "message") writeFields(writer.fork(), field.of!, value as Message).join();
  else if (field.type === "string") writer.string(value as string);
  else if (field.type === "bytes") writer.bytes(value as Uint8Array);
  else writeNumber(writer, field, value);
}

function writeNumber(writer: BinaryWriter, { type }: FieldSchema, value: unknown): void {
  if (type === "enum") writer.int32(value as number);
  else if (type === "bool") writer.bool(value as boolean);
  else if (type === "uint64" || type === "int64" || type === "sint64" || type === "fixed64" || type === "sfixed64") {
    writer[type](value as bigint);
  } else if (type !== "message" && type !== "string" && type !== "bytes") writer[type](value as number);
}
