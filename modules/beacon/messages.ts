/** The beacon's messages. */
import { accountAddress, consensusAddress, validatorAddress } from "../../chain/address.ts";
import { proofLength, publicKeyLength } from "../../chain/crypto/ecvrf.ts";
import { message } from "../../chain/handlers.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import * as proto from "../../proto/gen/weir/beacon/v1/tx.ts";
import { falsePossession, falseProof, invalidParams, notInBlock, unusableKey } from "./errors.ts";
import { registerKey } from "./keys.ts";
import { parameters, paramsOf } from "./parameters.ts";
import { paramsProblem } from "./params.ts";
import { proveUrl } from "./proving.ts";
import { params } from "./state.ts";

const registerKeyHandler = message(proto.MsgRegisterKey, proto.MsgRegisterKeyResponse, {
  signers: (msg) => [accountAddress.encode(validatorAddress.decode(msg.validatorAddress))],
  validate(msg) {
    validatorAddress.decode(msg.validatorAddress);
    if (msg.publicKey.length !== publicKeyLength) throw unusableKey();
    if (msg.possession.length !== proofLength) throw falsePossession();
  },
  execute(ctx, { validatorAddress: operator, publicKey, possession }) {
    return { usableFrom: registerKey(ctx, { operator: validatorAddress.decode(operator), publicKey, possession }) };
  },
});

/** Nobody signs it, and here nobody gets it executed: a block's first transaction goes another way (proving.ts). */
const proveHandler = message(proto.MsgProve, proto.MsgProveResponse, {
  signers: () => [],
  validate(msg) {
    consensusAddress.decode(msg.proposer);
    if (msg.proof.length !== proofLength) throw falseProof(msg.proposer);
  },
  execute() {
    throw notInBlock();
  },
});

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: paramsOf,
  problem: paramsProblem,
  refusal: invalidParams,
  store: params.set,
});

export const messages = {
  "/weir.beacon.v1.MsgRegisterKey": registerKeyHandler,
  [proveUrl]: proveHandler,
  "/weir.beacon.v1.MsgUpdateParams": updateParams,
};
