/** What is known of a validator's signing, and its protobuf. Pure. */
import { consensusAddress } from "../../chain/address.ts";
import { type Codec, messageCodec } from "../../chain/codec.ts";
import type { Timestamp } from "../../chain/context.ts";
import { ValidatorSigningInfo } from "../../proto/gen/cosmos/slashing/v1beta1/slashing.ts";

export interface SigningInfo {
  /** weirvalcons1… */
  readonly address: string;
  /** When it was last bonded: before a window has passed from then on, it is not punished. */
  readonly startHeight: bigint;
  /** Blocks counted since then; modulo the window, the next block's place in the bitmap. */
  readonly indexOffset: bigint;
  readonly jailedUntil: Timestamp;
  /** It signed twice: its key never validates again. */
  readonly tombstoned: boolean;
  /** The bits that are set in the bitmap. */
  readonly missedBlocksCounter: bigint;
}

const epoch: Timestamp = { seconds: 0n, nanos: 0 };

export const newSigningInfo = (address: Uint8Array, startHeight: bigint): SigningInfo => ({
  address: consensusAddress.encode(address),
  startHeight,
  indexOffset: 0n,
  jailedUntil: epoch,
  tombstoned: false,
  missedBlocksCounter: 0n,
});

const generated = messageCodec(ValidatorSigningInfo);

export const signingInfoFromProto = (info: ValidatorSigningInfo): SigningInfo => ({
  ...info,
  jailedUntil: info.jailedUntil ?? epoch,
});

export const signingInfoToProto = (info: SigningInfo): ValidatorSigningInfo => ({ ...info });

export const signingInfoCodec: Codec<SigningInfo> = {
  encode: (info) => generated.encode(signingInfoToProto(info)),
  decode: (bytes) => signingInfoFromProto(generated.decode(bytes)),
};
