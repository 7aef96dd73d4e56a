import { beforeEach, describe, expect, it } from "vitest";
import { executionContext } from "../../chain/execution.ts";
import { limitedGasMeter } from "../../chain/gas.ts";
import { memoryJournal } from "../../chain/store/memory.ts";
import { MsgExec, MsgExecResponse, MsgGrant } from "../../proto/gen/cosmos/authz/v1beta1/tx.ts";
import { MsgMultiSend, MsgSendResponse } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { bankGenesis, protoCoins } from "../../test/helpers/accounts.ts";
import {
  exec,
  execAny,
  generic,
  grant,
  grantee,
  granter,
  granterBytes,
  pack,
  send,
  sends,
  third,
  urls,
} from "../../test/helpers/grants.ts";
import { type TestChain, testBlock, testChain } from "../../test/helpers/testchain.ts";
import { balanceOf } from "../bank/index.ts";
import { weir } from "../index.ts";
import { execDepthMax, execMessagesMax } from "./exec.ts";

let chain: TestChain;
beforeEach(() => {
  chain = testChain({ bank: bankGenesis(["1000uweir", "1000uweir", "5uweir"]) });
});

const authz = weir.modules.find(({ name }) => name === "authz")!;

describe("an exec", () => {
  it("answers each message, and marks its events with its number", () => {
    const context = chain.context();
    const handler = authz.messages[urls.exec]!;
    const answer = handler.execute(
      context,
      exec([send(grantee, "1uweir"), send(grantee, "2uweir")]),
    ) as MsgExecResponse;
    expect(answer.results).toEqual([1, 2].map(() => MsgSendResponse.encode({}).finish()));
    const numbers = context.events.map(
      ({ attributes }) => attributes.find(({ key }) => key === "authz_msg_index")?.value,
    );
    expect(numbers).toEqual(["0", "0", "0", "0", "1", "1", "1", "1"]);
    expect(MsgExecResponse.decode(MsgExecResponse.encode(answer).finish())).toEqual(answer);
  });

  it("needs a grant at each level of execs within execs", () => {
    chain.message(urls.grant, grant(generic(urls.send)));
    const inner = execAny([send(granter, "1uweir")]);
    expect(chain.message(urls.exec, exec([inner])).refusal).toBeUndefined();
    expect(chain.message(urls.exec, exec([inner], third)).refusal).toMatchObject({ codespace: "authz", code: 2 });
    chain.message(urls.grant, { ...grant(generic(urls.exec)), granter: grantee, grantee: third });
    expect(chain.message(urls.exec, exec([inner], third)).refusal).toBeUndefined();
    expect(balanceOf(chain.context(), granterBytes, "uweir")).toBe(998n);
  });

  const nested = (depth: number): MsgExec => {
    let message = exec([send(grantee, "1uweir")]);
    for (let level = 1; level < depth; level++) message = exec([pack(MsgExec, message)]);
    return message;
  };

  it("nests to its bound and not beyond, before anything is done", () => {
    expect(chain.message(urls.exec, nested(execDepthMax)).refusal).toBeUndefined();
    const { refusal } = chain.message(urls.exec, nested(execDepthMax + 1));
    expect(refusal).toMatchObject({ codespace: "sdk", code: 18 });
    expect(refusal!.message).toContain(
      `MsgExec within MsgExec ${execDepthMax + 1} deep, expected at most ${execDepthMax}`,
    );
  });

  it("holds so many messages in all", () => {
    const many = (count: number) => Array.from({ length: count }, () => send(grantee, "1uweir", grantee));
    expect(chain.message(urls.exec, exec(many(execMessagesMax))).refusal).toBeUndefined();
    for (const msgs of [many(execMessagesMax + 1), [execAny(many(128)), execAny(many(128))]]) {
      expect(chain.message(urls.exec, exec(msgs)).refusal).toMatchObject({ codespace: "sdk", code: 18 });
    }
  });

  it("cannot make grants in another's name but by a grant of that", () => {
    const self = pack(MsgGrant, {
      granter,
      grantee,
      grant: { authorization: generic(urls.send), expiration: undefined },
    });
    chain.message(urls.grant, grant(sends("5uweir")));
    expect(chain.message(urls.exec, exec([self])).refusal).toMatchObject({ codespace: "authz", code: 2 });
    chain.message(urls.grant, grant(generic(urls.grant)));
    expect(chain.message(urls.exec, exec([self])).refusal).toBeUndefined();
  });

  it("refuses messages of several signers, and a multi-send from another as any other message", () => {
    const input = (from: string) => ({ address: from, coins: protoCoins("1uweir") });
    const multi = (...from: string[]) =>
      pack(MsgMultiSend, { inputs: from.map(input), outputs: [{ address: third, coins: protoCoins("1uweir") }] });
    expect(chain.message(urls.exec, exec([multi(granter, grantee)])).refusal).toMatchObject({
      codespace: "bank",
      code: 9,
    });
    chain.message(urls.grant, grant(sends("5uweir")));
    expect(chain.message(urls.exec, exec([multi(granter)])).refusal).toMatchObject({ codespace: "authz", code: 2 });
    expect(chain.message(urls.exec, exec([multi(grantee)])).refusal).toBeUndefined();
  });

  it("that runs out of gas says only that", () => {
    const ctx = executionContext(memoryJournal(), testBlock, "finalize", limitedGasMeter(1_500n));
    const run = () => authz.messages[urls.exec]!.execute(ctx, exec([send(grantee, "1uweir")]));
    expect(run).toThrow(/^out of gas in location/);
  });
});
