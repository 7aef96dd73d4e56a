/**
 * Transactions that genesis.json itself holds: each makes a validator of an account that stands there too. Owns their JSON and their shape;
 * they are run as any other by the chain, before the first block.
 */

import type { Context } from "../../chain/context.ts";
import type { DeliverTx, Genesis, ValidatorUpdate } from "../../chain/module.ts";
import { fieldError, fromJson, shown, toJson } from "../../chain/protojson.ts";
import { MsgCreateValidator } from "../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import { AuthInfo, Tx, TxBody, TxRaw } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { applyValidatorSet } from "../staking/index.ts";

/** As many validators as a genesis may begin with by transactions. */
export const genTxsMax = 1_000;

const section = "app_state.genutil";
const createValidator = `/${MsgCreateValidator.$type}`;

function readTx(json: unknown, path: string): Tx {
  const tx = fromJson<Tx>(Tx.$type, json, path);
  if (tx.body === undefined) throw fieldError(`${path}.body`, "nothing", "the body of a transaction");
  if (tx.authInfo === undefined) throw fieldError(`${path}.auth_info`, "nothing", "who signs it");
  const [message, ...more] = tx.body.messages;
  if (message === undefined || more.length > 0) {
    throw fieldError(`${path}.body.messages`, `${tx.body.messages.length} messages`, "one, that makes a validator");
  }
  if (message.typeUrl !== createValidator) {
    throw fieldError(`${path}.body.messages[0].@type`, shown(message.typeUrl), createValidator);
  }
  return tx;
}

function parse(json: unknown): readonly Tx[] {
  if (json === null) return [];
  if (typeof json !== "object" || Array.isArray(json)) throw fieldError(section, shown(json), '{"gen_txs":[…]}');
  const { gen_txs: list = [], ...others } = json as Record<string, unknown>;
  const stranger = Object.keys(others)[0];
  if (stranger !== undefined) throw fieldError(`${section}.${stranger}`, "a field that does not exist", "gen_txs");
  if (!Array.isArray(list)) throw fieldError(`${section}.gen_txs`, shown(list), "a list of transactions");
  if (list.length > genTxsMax) {
    throw fieldError(`${section}.gen_txs`, `${list.length} transactions`, `at most ${genTxsMax}`);
  }
  return list.map((tx, index) => readTx(tx, `${section}.gen_txs[${index}]`));
}

const bytesOf = ({ body, authInfo, signatures }: Tx): Uint8Array =>
  TxRaw.encode({
    bodyBytes: TxBody.encode(body!).finish(),
    authInfoBytes: AuthInfo.encode(authInfo!).finish(),
    signatures,
  }).finish();

function init(ctx: Context, txs: readonly Tx[], deliver: DeliverTx): readonly ValidatorUpdate[] {
  for (const [index, tx] of txs.entries()) {
    const refused = deliver(bytesOf(tx));
    if (refused !== undefined) throw new Error(`${section}.gen_txs[${index}]: ${refused}`);
  }
  return txs.length === 0 ? [] : applyValidatorSet(ctx);
}

export const genesis: Genesis<readonly Tx[]> = {
  default: () => [],
  parse,
  toJson: (txs) => ({ gen_txs: txs.map((tx) => toJson(Tx.$type, tx)) }),
  init,
  /** What they made is in other modules' state. */
  export: () => [],
};
