/** Relays and oracles as the holders of a bond: which of the two, and its id. Pure; the same in keys, words and events. */
import type { Codec } from "../../chain/codec.ts";
import { decodeKey, encodeKey, type KeyCodec, type KeyPart, readUint64, writeUint64 } from "../../chain/keycodec.ts";
import { type Subject, SubjectKind } from "../../proto/gen/weir/attestation/v1/state.ts";

export type { Subject };

export const relaySubject = (id: bigint): Subject => ({ kind: SubjectKind.SUBJECT_KIND_RELAY, id });
export const oracleSubject = (id: bigint): Subject => ({ kind: SubjectKind.SUBJECT_KIND_ORACLE, id });

export const isRelay = ({ kind }: Subject): boolean => kind === SubjectKind.SUBJECT_KIND_RELAY;
export const isOracle = ({ kind }: Subject): boolean => kind === SubjectKind.SUBJECT_KIND_ORACLE;

/** "relay 7", "oracle 3". */
export const subjectText = (subject: Subject): string => `${isRelay(subject) ? "relay" : "oracle"} ${subject.id}`;

export const sameSubject = (left: Subject, right: Subject): boolean => left.kind === right.kind && left.id === right.id;

const keyLength = 9;

const keyPart: KeyPart<Subject> = {
  size: () => keyLength,
  write(target, offset, { kind, id }) {
    target[offset] = kind;
    return writeUint64(target, offset + 1, id);
  },
  read(cursor) {
    const { bytes, offset } = cursor;
    const kind = bytes[offset];
    if (bytes.length - offset < keyLength || (kind !== 1 && kind !== 2)) {
      throw new Error(
        "stored key is damaged: it names neither a relay nor an oracle; restore the store from a snapshot",
      );
    }
    cursor.offset = offset + keyLength;
    return { kind, id: readUint64(bytes.subarray(0, cursor.offset), offset + 1) };
  },
};

/** One byte for which of the two, then the id. */
export const subjectKey: KeyCodec<Subject> = { last: keyPart, inner: keyPart };

const noPrefix = new Uint8Array(0);

export const subjectValue: Codec<Subject> = {
  encode: (subject) => encodeKey(noPrefix, subjectKey, subject),
  decode: (bytes) => decodeKey(bytes, 0, subjectKey),
};
