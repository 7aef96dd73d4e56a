/** What genesis refuses of its own transactions, before and while they run; test/e2e/gentx.test.ts begins a chain by them. */
import { describe, expect, it } from "vitest";
import { validatorAddress } from "../../chain/address.ts";
import { messageCodec } from "../../chain/codec.ts";
import { makeRegistry } from "../../chain/definition.ts";
import { toJson } from "../../chain/protojson.ts";
import { decodeTx } from "../../chain/tx/decode.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { MsgCreateValidator } from "../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import { TestApplication } from "../../test/helpers/testapplication.ts";
import { weir } from "../index.ts";
import { genTxsMax, genutil } from "./index.ts";

const message = { "@type": `/${MsgCreateValidator.$type}`, min_self_delegation: "1" };
const tx = (changes: object = {}) => ({
  body: { messages: [message], memo: "" },
  auth_info: { signer_infos: [], fee: { amount: [], gas_limit: "1" } },
  signatures: [],
  ...changes,
});

describe("genesis transactions", () => {
  it.each<readonly [string, unknown, string]>([
    ["no object", 7, "app_state.genutil: found 7"],
    ["a list", [], "app_state.genutil: found []"],
    ["another field", { gentxs: [] }, "app_state.genutil.gentxs: found a field that does not exist"],
    ["no list", { gen_txs: {} }, "app_state.genutil.gen_txs: found {}, expected a list"],
    ["too many", { gen_txs: new Array(genTxsMax + 1).fill(tx()) }, `${genTxsMax + 1} transactions, expected at most`],
    ["no body", { gen_txs: [tx({ body: null })] }, "gen_txs[0].body: found nothing"],
    ["nobody who signs", { gen_txs: [tx({ auth_info: null })] }, "gen_txs[0].auth_info: found nothing"],
    ["no message", { gen_txs: [tx({ body: { messages: [] } })] }, "found 0 messages, expected one"],
    ["two messages", { gen_txs: [tx({ body: { messages: [message, message] } })] }, "found 2 messages"],
    [
      "another message",
      { gen_txs: [tx({ body: { messages: [{ "@type": `/${MsgSend.$type}` }] } })] },
      'gen_txs[0].body.messages[0].@type: found "/cosmos.bank.v1beta1.MsgSend"',
    ],
  ])("are refused with %s", (_what, json, text) => {
    expect(() => genutil.genesis.parse(json)).toThrow(text);
  });

  it("come back as they were read, and leave nothing in an export", () => {
    expect(genutil.genesis.parse(null)).toEqual([]);
    expect(genutil.genesis.toJson(genutil.genesis.default())).toEqual({ gen_txs: [] });
    const read = genutil.genesis.parse({ gen_txs: [tx()] });
    expect(genutil.genesis.parse(genutil.genesis.toJson(read))).toEqual(read);
  });

  it("stop the start when one fails, with its number and why", async () => {
    const app = await TestApplication.start();
    const [signer] = app.accounts;
    const value = MsgCreateValidator.fromPartial({
      minSelfDelegation: "1",
      value: { denom: "uweir", amount: "1" },
      validatorAddress: validatorAddress.encode(new Uint8Array(20).fill(1)),
    });
    const bytes = app.sign(
      signer!,
      { messages: [{ codec: messageCodec(MsgCreateValidator), value }] },
      { amount: [], gasLimit: 1n },
    );
    const { body, authInfo, signatures } = decodeTx(bytes, makeRegistry(weir.modules));
    const json = toJson("cosmos.tx.v1beta1.Tx", { body, authInfo, signatures: [...signatures] });
    const starting = TestApplication.start({ appState: { genutil: { gen_txs: [json] } } });
    await expect(starting).rejects.toThrow("app_state.genutil.gen_txs[0]: ");
  });
});
