/** Renders proto/gen/schema.ts from a compiled descriptor set: what strict decoding, amino JSON, protojson and REST routes need. */
import {
  createFileRegistry,
  type DescExtension,
  type DescField,
  type DescMessage,
  type DescService,
  type FileRegistry,
  fromBinary,
  getExtension,
  hasExtension,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { propertyOf } from "./property.ts";
import type { EnumSchema, FieldSchema, FieldType, MessageSchema, MethodSchema } from "./schema.ts";

const scalarNames: Readonly<Record<number, FieldType>> = {
  [ScalarType.DOUBLE]: "double",
  [ScalarType.FLOAT]: "float",
  [ScalarType.INT64]: "int64",
  [ScalarType.UINT64]: "uint64",
  [ScalarType.INT32]: "int32",
  [ScalarType.FIXED64]: "fixed64",
  [ScalarType.FIXED32]: "fixed32",
  [ScalarType.BOOL]: "bool",
  [ScalarType.STRING]: "string",
  [ScalarType.BYTES]: "bytes",
  [ScalarType.UINT32]: "uint32",
  [ScalarType.SFIXED32]: "sfixed32",
  [ScalarType.SFIXED64]: "sfixed64",
  [ScalarType.SINT32]: "sint32",
  [ScalarType.SINT64]: "sint64",
};

/** Packages whose messages never reach a transaction, a query or a genesis: compiler options. */
const leftOut =
  /^(gogoproto|google\.api|amino|cosmos_proto|cosmos\.app|cosmos\.msg|cosmos\.query|google\.protobuf\.(?!Any$|Timestamp$|Duration$))/;

type Options = Message | undefined;

function optionReader(registry: FileRegistry) {
  return (options: Options, name: string): unknown => {
    const extension: DescExtension | undefined = registry.getExtension(name);
    if (extension === undefined) throw new Error(`option ${name} is not among the compiled files`);
    // biome-ignore lint/suspicious/noExplicitAny: the registry cannot know which options message an extension extends
    if (options === undefined || !hasExtension(options as any, extension as any)) return undefined;
    // biome-ignore lint/suspicious/noExplicitAny: as above
    return getExtension(options as any, extension as any);
  };
}

type ReadOption = ReturnType<typeof optionReader>;

/** Leaves undefined properties out, so that the rendered schema stays small. */
const compact = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined && entry !== false)) as T;

function fieldKind(field: DescField): Pick<FieldSchema, "type" | "of" | "repeated" | "key"> {
  const one = (
    scalar: ScalarType | undefined,
    message: DescMessage | undefined,
    enumeration: { typeName: string } | undefined,
  ) => {
    if (message !== undefined) return { type: "message" as const, of: message.typeName };
    if (enumeration !== undefined) return { type: "enum" as const, of: enumeration.typeName };
    return { type: scalarNames[scalar!]! };
  };
  if (field.fieldKind === "map")
    throw new Error(`${field.parent.typeName}.${field.name}: map fields have no canonical order and are not supported`);
  if (field.fieldKind === "list") return { ...one(field.scalar, field.message, field.enum), repeated: true };
  return one(field.scalar, field.message, field.enum);
}

function renderField(field: DescField, option: ReadOption): FieldSchema {
  const options = field.proto.options;
  return compact({
    number: field.number,
    name: field.name,
    json: field.jsonName,
    ...fieldKind(field),
    oneof: field.oneof?.name,
    scalar: option(options, "cosmos_proto.scalar") as string | undefined,
    accepts: option(options, "cosmos_proto.accepts_interface") as string | undefined,
    nullable: (option(options, "gogoproto.nullable") as boolean | undefined) === false ? ("never" as const) : undefined,
    custom: option(options, "gogoproto.customtype") as string | undefined,
    embed: option(options, "gogoproto.embed") as boolean | undefined,
    aminoName: option(options, "amino.field_name") as string | undefined,
    aminoKeepEmpty: option(options, "amino.dont_omitempty") as boolean | undefined,
    aminoEncoding: option(options, "amino.encoding") as string | undefined,
    aminoOneofName: option(options, "amino.oneof_name") as string | undefined,
  });
}

function renderMessage(message: DescMessage, option: ReadOption): MessageSchema {
  const options = message.proto.options;
  const signers = option(options, "cosmos.msg.v1.signer") as readonly string[] | undefined;
  return compact({
    aminoName: option(options, "amino.name") as string | undefined,
    aminoEncoding: option(options, "amino.message_encoding") as string | undefined,
    signers: signers !== undefined && signers.length > 0 ? [...signers] : undefined,
    fields: [...message.fields].sort((a, b) => a.number - b.number).map((field) => renderField(field, option)),
  });
}

interface HttpRule {
  readonly pattern: { readonly case?: string; readonly value?: unknown };
  readonly body: string;
  readonly additionalBindings: readonly HttpRule[];
}

function routes(rule: HttpRule | undefined): MethodSchema["http"] {
  if (rule === undefined) return undefined;
  return [rule, ...rule.additionalBindings].map(({ pattern, body }) =>
    compact({ method: String(pattern.case), path: String(pattern.value), body: body === "" ? undefined : body }),
  );
}

function renderService(service: DescService, option: ReadOption): Record<string, MethodSchema> {
  const methods: Record<string, MethodSchema> = {};
  for (const method of service.methods) {
    methods[method.name] = compact({
      input: method.input.typeName,
      output: method.output.typeName,
      http: routes(option(method.proto.options, "google.api.http") as HttpRule | undefined),
    });
  }
  return methods;
}

const renderLines = (entries: readonly (readonly [string, unknown])[]): string =>
  entries
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join(",\n");

function gatherSchema(image: Uint8Array) {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
  const option = optionReader(registry);
  const messages: [string, MessageSchema][] = [];
  const enums: [string, EnumSchema][] = [];
  const services: [string, Record<string, MethodSchema>][] = [];
  for (const type of registry) {
    if (leftOut.test(type.typeName)) continue;
    if (type.kind === "message") messages.push([type.typeName, renderMessage(type, option)]);
    if (type.kind === "enum")
      enums.push([type.typeName, Object.fromEntries(type.values.map(({ name, number }) => [name, number]))]);
    if (type.kind === "service") services.push([type.typeName, renderService(type, option)]);
  }
  return { messages, enums, services };
}

const heading = "// Code generated by proto/generate.ts. DO NOT EDIT.\n";

export function renderSchema(image: Uint8Array): string {
  const { messages, enums, services } = gatherSchema(image);
  const text = `{"messages":{\n${renderLines(messages)}\n},"enums":{\n${renderLines(enums)}\n},"services":{\n${renderLines(services)}\n}}`;
  if (/[`\\]|\$\{/.test(text)) throw new Error("the schema holds a character that a template literal would change");
  return `${heading}export const schemaText: string = \`${text}\`;\n`;
}

function defaultText(field: FieldSchema): string {
  if (field.repeated === true) return "[]";
  if (field.oneof !== undefined || field.type === "message") return "undefined";
  if (field.type === "string") return '""';
  if (field.type === "bytes") return "none";
  if (field.type === "bool") return "false";
  return field.type.endsWith("64") ? "0n" : "0";
}

/** Makers of empty messages: literals, because strict decoding makes a dozen messages a transaction and copying is three times as slow. */
export function renderDefaults(image: Uint8Array): string {
  const lines = gatherSchema(image)
    .messages.toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { fields }]) => {
      const properties = fields.map((field) => `${propertyOf(field)}: ${defaultText(field)}`).join(", ");
      return `  ${JSON.stringify(name)}: () => ({ ${properties} }),\n`;
    });
  return (
    `${heading}const none = new Uint8Array(0);\n` +
    `export const defaults: Readonly<Record<string, () => Record<string, unknown>>> = {\n${lines.join("")}};\n`
  );
}
