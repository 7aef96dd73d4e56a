import { expect, it } from "vitest";
import { MsgSend, MsgSendResponse } from "../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { AuthInfo, TxBody } from "../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { testBlock } from "../test/helpers/testchain.ts";
import { event } from "./events.ts";
import { message } from "./handlers.ts";
import type { AnyMessageHandler } from "./module.ts";
import { memoryJournal } from "./store/memory.ts";
import { runTransaction } from "./transaction.ts";
import type { DecodedTx } from "./tx/types.ts";

/** More than any stack holds as arguments of a call. */
const eventCount = 200_000;

it("a message may emit any number of events", () => {
  const handler = message(MsgSend, MsgSendResponse, {
    signers: () => [],
    validate: () => {},
    execute(ctx) {
      for (let count = 0; count < eventCount; count++) ctx.emit(event("noise", {}));
      return {};
    },
  }) as AnyMessageHandler;
  const nothing = new Uint8Array(0);
  const tx: DecodedTx = {
    bytes: nothing,
    bodyBytes: nothing,
    authInfoBytes: nothing,
    body: TxBody.fromPartial({}),
    authInfo: AuthInfo.fromPartial({}),
    signatures: [],
    messages: [{ typeUrl: "/cosmos.bank.v1beta1.MsgSend", handler, value: {} }],
  };
  const outcome = runTransaction(tx, () => {}, {
    journal: memoryJournal(),
    block: testBlock,
    mode: "finalize",
    maxGasPerBlock: undefined,
    blockGas: undefined,
  });
  expect(outcome).toMatchObject({ code: 0 });
  expect(outcome.events).toHaveLength(1 + eventCount);
});
