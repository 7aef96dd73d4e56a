/** A codec turns values into bytes and back. Owns the interface and the adapter from generated protobuf code. */
import { BinaryWriter } from "@bufbuild/protobuf/wire";

export interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

/** A protobuf message with its full name ("cosmos.bank.v1beta1.MsgSend"): what messages, queries and state values are. */
export interface MessageCodec<T> extends Codec<T> {
  readonly typeName: string;
  /** Fills what is missing with the protobuf defaults. */
  fromPartial(value: Partial<T>): T;
}

/** The part of a ts-proto message object (generated with outputTypeAnnotations=static-only) that this adapter needs. */
export interface GeneratedMessage<T> {
  readonly $type: string;
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
  decode(input: Uint8Array): T;
  // biome-ignore lint/suspicious/noExplicitAny: ts-proto types the argument by a deep-partial of its own making
  fromPartial(object: any): T;
}

/** Beyond this a buffer is not worth keeping. */
const keptBytesMax = 1 << 16;

/** Used again and again: a writer's buffer is dearer to make than most messages are to write. */
let spare: BinaryWriter | undefined;

function encodeBySpare<T>(message: GeneratedMessage<T>, value: T): Uint8Array {
  const writer = spare ?? new BinaryWriter();
  // A throw leaves it half written: then it does not come back.
  spare = undefined;
  const bytes = message.encode(value, writer).finish();
  if (bytes.length <= keptBytesMax) spare = writer;
  return bytes;
}

export function messageCodec<T>(message: GeneratedMessage<T>): MessageCodec<T> {
  return {
    typeName: message.$type,
    encode: (value) => encodeBySpare(message, value),
    decode: (bytes) => message.decode(bytes),
    fromPartial: (value) => message.fromPartial(value),
  };
}

export const typeUrl = (codec: MessageCodec<unknown>): string => `/${codec.typeName}`;
