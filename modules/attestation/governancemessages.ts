/** The registry's messages that only governance may send. */
import { accountAddress } from "../../chain/address.ts";
import { requireAuthority } from "../../chain/authority.ts";
import { message } from "../../chain/handlers.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import * as proto from "../../proto/gen/weir/attestation/v1/tx.ts";
import { requireCellChange, updateCells } from "./cells.ts";
import { deny, pardon, requireReason } from "./denials.ts";
import { invalidField, invalidParams } from "./errors.ts";
import { stageChanged } from "./events.ts";
import { parameters, paramsOf, paramsProblem } from "./parameters.ts";
import { getParams } from "./params.ts";
import { governSoftware, isVersion } from "./software.ts";
import { requirePilotChange, stageText, updatePilot } from "./stage.ts";
import { params } from "./state.ts";

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: paramsOf,
  problem: paramsProblem,
  refusal: invalidParams,
  store(ctx, next) {
    const before = getParams(ctx).stage;
    params.set(ctx, next);
    if (next.stage !== before) ctx.emit(stageChanged(stageText(next.stage)));
  },
});

const updateCellsHandler = message(proto.MsgUpdateCells, proto.MsgUpdateCellsResponse, {
  signers: ({ authority }) => [authority],
  validate(msg) {
    requireAuthority(msg.authority);
    requireCellChange(msg);
  },
  execute(ctx, msg) {
    updateCells(ctx, msg);
    return {};
  },
});

const updatePilotHandler = message(proto.MsgUpdatePilot, proto.MsgUpdatePilotResponse, {
  signers: ({ authority }) => [authority],
  validate(msg) {
    requireAuthority(msg.authority);
    requirePilotChange(msg);
  },
  execute(ctx, msg) {
    updatePilot(ctx, msg);
    return {};
  },
});

const governSoftwareHandler = message(proto.MsgGovernSoftware, proto.MsgGovernSoftwareResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, version }) {
    requireAuthority(authority);
    if (!isVersion(version)) throw invalidField(`"${version.slice(0, 32)}" is no version; expected one such as 1.4.0`);
  },
  execute: (ctx, { version }) => ({ sinceEpoch: governSoftware(ctx, version) }),
});

const denyHandler = message(proto.MsgDeny, proto.MsgDenyResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, operator, reason }) {
    requireAuthority(authority);
    accountAddress.decode(operator);
    requireReason(reason);
  },
  execute: (ctx, { operator, reason }) => ({ fromEpoch: deny(ctx, accountAddress.decode(operator), reason) }),
});

const pardonHandler = message(proto.MsgPardon, proto.MsgPardonResponse, {
  signers: ({ authority }) => [authority],
  validate({ authority, operator }) {
    requireAuthority(authority);
    accountAddress.decode(operator);
  },
  execute: (ctx, { operator }) => ({ fromEpoch: pardon(ctx, accountAddress.decode(operator)) }),
});

export const governanceMessages = {
  "/weir.attestation.v1.MsgUpdateParams": updateParams,
  "/weir.attestation.v1.MsgUpdateCells": updateCellsHandler,
  "/weir.attestation.v1.MsgUpdatePilot": updatePilotHandler,
  "/weir.attestation.v1.MsgGovernSoftware": governSoftwareHandler,
  "/weir.attestation.v1.MsgDeny": denyHandler,
  "/weir.attestation.v1.MsgPardon": pardonHandler,
};
