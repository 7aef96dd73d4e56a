/** What circuit stores: the SDK's keys 1 and 2 (cosmossdk.io/x/circuit/types/keys.go), and from 16 on those of the emergency committee. */
import { messageCodec } from "../../chain/codec.ts";
import { collections } from "../../chain/collections.ts";
import { bytesKey, pair, stringKey, uint64Key } from "../../chain/keycodec.ts";
import { neverEmpty, uint64Value } from "../../chain/valuecodec.ts";
import { Permissions } from "../../proto/gen/cosmos/circuit/v1/types.ts";
import { Timestamp } from "../../proto/gen/google/protobuf/timestamp.ts";
import { Committee, Effect, EndedAct, Params, PendingAct, StandingAct } from "../../proto/gen/weir/circuit/v1/state.ts";

export const storeName = "circuit";

const store = collections(storeName);

/** By address: who may disable messages. Written out where it is the level 0 and nothing else. */
export const permissions = store.map(
  1,
  "permissions",
  bytesKey,
  neverEmpty(messageCodec(Permissions), Uint8Array.of(8, 0)),
);

/** Type URLs that are refused until somebody resets them. */
export const disabled = store.keySet(2, "disable_list", stringKey);

export const params = store.item(16, "params", messageCodec(Params));

/** Nothing: nobody was ever elected. */
export const committee = store.item(17, "committee", neverEmpty(messageCodec(Committee), Uint8Array.of(8, 0)));

/** Of the next act that members sign elsewhere. */
export const nonces = store.sequence(18, "nonces");

export const actIds = store.sequence(19, "act_ids");

export const pending = store.map(20, "pending", uint64Key, messageCodec(PendingAct));

export const acts = store.map(21, "acts", uint64Key, messageCodec(StandingAct));

/** By kind of act and target. */
export const effects = store.map(22, "effects", pair(uint64Key, stringKey), messageCodec(Effect));

/** By kind of act and target: the committee did that, and may not again without a vote. */
export const usedUp = store.keySet(23, "used_up", pair(uint64Key, stringKey));

/** When exit paths are open again at the latest; set by the first act that touches any, forgotten by a vote. */
export const exitsOpen = store.item(24, "exits_open", neverEmpty(messageCodec(Timestamp), Uint8Array.of(8, 0)));

/** How many effects and disabled messages there are; nothing: none, and no message is looked at. */
export const refusals = store.item(25, "refusals", uint64Value);

/** By number: acts that ended, the last ones. */
export const ended = store.map(26, "ended", uint64Key, messageCodec(EndedAct));

export const state = {
  permissions,
  disabled,
  params,
  committee,
  nonces,
  actIds,
  pending,
  acts,
  effects,
  usedUp,
  exitsOpen,
  refusals,
  ended,
};
