/** What slashing stores, at the SDK's keys (cosmos-sdk x/slashing/types/keys.go). */
import { type Codec, messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { type KeyCodec, type KeyCursor, pair, prefixedAddressKey } from "../../chain/keycodec.ts";
import { bytesValue } from "../../chain/valuecodec.ts";
import * as proto from "../../proto/gen/cosmos/slashing/v1beta1/slashing.ts";
import { Any } from "../../proto/gen/google/protobuf/any.ts";
import { type Params, paramsFromProto, paramsToProto } from "./params.ts";
import { signingInfoCodec } from "./signinginfo.ts";

export const storeName = "slashing";

const store = collections(storeName);

const paramsMessage = messageCodec(proto.Params);

const paramsCodec: Codec<Params> = {
  encode: (params) => paramsMessage.encode(paramsToProto(params)),
  decode: (bytes) => paramsFromProto(paramsMessage.decode(bytes)),
};

/** The SDK writes the number of a chunk with its low byte first, so that chunks are not in order beyond the 256th. */
const chunkKey: KeyCodec<number> = (() => {
  const part = {
    size: () => 8,
    write(target: Uint8Array, offset: number, chunk: number) {
      const view = new DataView(target.buffer, target.byteOffset);
      view.setBigUint64(offset, BigInt(chunk), true);
      return offset + 8;
    },
    read(cursor: KeyCursor) {
      const { bytes, offset } = cursor;
      if (bytes.length - offset < 8) throw new Error("stored key is damaged: the number of a chunk has 8 bytes");
      cursor.offset = offset + 8;
      return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset, true));
    },
  };
  return { last: part, inner: part };
})();

export const params = store.item(0, "params", paramsCodec);

/** By consensus address: of every validator that was ever bonded. */
export const signingInfos = store.map(1, "validator_signing_info", prefixedAddressKey, signingInfoCodec);

/** By consensus address and number of the chunk; see missedblocks.ts. */
export const missedBlockChunks = store.map(2, "missed_block_bitmap", pair(prefixedAddressKey, chunkKey), bytesValue);

/** By consensus address: the key that it is the hash of, as long as there is a validator with it. */
export const publicKeys = store.map(3, "addr_pubkey_relation", prefixedAddressKey, messageCodec(Any));

export const state = { params, signingInfos, missedBlockChunks, publicKeys };
