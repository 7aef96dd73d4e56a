/** Consensus parameters: who may change them, what is refused, what is left as it is. CometBFT's refusals are in modules/sdk.test.ts. */
import { describe, expect, it } from "vitest";
import { authorityAddress } from "../../chain/authority.ts";
import type { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";
import { address } from "../../test/helpers/accounts.ts";
import { noDelivery, testBlock, testChain } from "../../test/helpers/testchain.ts";
import { consensus, consensusParams, consensusParamsProblem, defaultConsensusParams } from "./index.ts";
import { params } from "./state.ts";
import { voteExtensionsProblem } from "./validate.ts";

const typeUrl = "/cosmos.consensus.v1.MsgUpdateParams";
const { block, evidence, validator } = defaultConsensusParams;
const message = (more: object = {}) => ({
  authority: authorityAddress(),
  block,
  evidence,
  validator,
  abci: undefined,
  ...more,
});

describe("new consensus parameters", () => {
  it("are taken from governance only", () => {
    const chain = testChain();
    expect(chain.message(typeUrl, message({ authority: address(1) })).refusal).toMatchObject({
      codespace: "gov",
      code: 13,
      message: `invalid authority; expected ${authorityAddress()}, got ${address(1)}: expected gov account as only signer for proposal message`,
    });
    expect(consensus.messages[typeUrl]!.signers(message())).toEqual([authorityAddress()]);
  });

  it("replace what is named, leave the version and what is not named, and say so", () => {
    const chain = testChain();
    const started: ConsensusParams = {
      ...defaultConsensusParams,
      version: { app: 3n },
      abci: { voteExtensionsEnableHeight: 50n },
    };
    params.set(chain.context(), started);
    const next = { maxBytes: 1_000_000n, maxGas: 5n };
    const { refusal, events } = chain.message(
      typeUrl,
      message({ block: next, evidence: { ...evidence, maxBytes: 10n } }),
    );
    expect(refusal).toBeUndefined();
    const stored = consensusParams.get(chain.context());
    expect(stored).toEqual({ ...started, block: next, evidence: { ...evidence, maxBytes: 10n } });
    expect(events.map(({ type, attributes }) => [type, ...attributes.map(({ key }) => key)])).toEqual([
      ["update_consensus_params", "authority", "parameters"],
    ]);
    expect(events[0]!.attributes[1]!.value).toMatch(
      /^block max_bytes 1000000 max_gas 5; evidence max_age 100000 blocks/,
    );
    expect(chain.broken()).toBeUndefined();
  });

  it("are answered by the query", () => {
    const chain = testChain();
    expect(chain.query("/cosmos.consensus.v1.Query/Params", {})).toEqual({ params: defaultConsensusParams });
    params.delete(chain.context());
    expect(() => chain.query("/cosmos.consensus.v1.Query/Params", {})).toThrow(/are not set/);
    expect(chain.broken()).toBe("consensus/paramsAreValid: consensus parameters are not set");
  });

  it.each<readonly [string, object, string]>([
    ["without evidence", { evidence: undefined }, "all parameters must be present"],
    ["with a block of no bytes", { block: { maxBytes: 0n, maxGas: -1n } }, "block.MaxBytes cannot be 0"],
    [
      "with an age of no time",
      { evidence: { ...evidence, maxAgeDuration: undefined } },
      "evidence.MaxAgeDuration must be grater than 0 if provided, Got 0s",
    ],
    [
      "with a negative age",
      { evidence: { ...evidence, maxAgeDuration: { seconds: -1n, nanos: 0 } } },
      "evidence.MaxAgeDuration must be grater than 0 if provided, Got -1s",
    ],
    [
      "with an unknown key",
      { validator: { pubKeyTypes: ["bls"] } },
      "params.Validator.PubKeyTypes[0], bls, is an unknown pubkey type",
    ],
    [
      "with vote extensions in the past",
      { abci: { voteExtensionsEnableHeight: testBlock.height } },
      `vote extensions cannot be updated to a past or current height, enable height: 7, current height 7`,
    ],
  ])("are refused %s", (_what, more, text) => {
    const chain = testChain();
    expect(chain.message(typeUrl, message(more)).refusal).toMatchObject({
      codespace: "undefined",
      code: 1,
      message: text,
    });
    expect(consensusParams.get(chain.context())).toEqual(defaultConsensusParams);
  });
});

describe("the height of vote extensions", () => {
  const at = (height: bigint) => ({ voteExtensionsEnableHeight: height });

  it.each<readonly [string, bigint, bigint | undefined, bigint, string | undefined]>([
    ["may be left as it is", 5n, undefined, 9n, undefined],
    ["may not be negative", 0n, -1n, 9n, "VoteExtensionsEnableHeight must be positive"],
    ["may stay 0", 0n, 0n, 9n, undefined],
    ["may be said again once it is reached", 5n, 5n, 9n, undefined],
    ["may be set ahead", 0n, 10n, 9n, undefined],
    ["may be moved while it is ahead", 20n, 10n, 9n, undefined],
    ["may be given up while it is ahead", 20n, 0n, 9n, undefined],
    [
      "may not be set to now",
      0n,
      9n,
      9n,
      "vote extensions cannot be updated to a past or current height, enable height: 9, current height 9",
    ],
    [
      "may not be given up once it is reached",
      9n,
      0n,
      9n,
      "vote extensions cannot be disabled once enabledold enable height: 9, current height 9",
    ],
    [
      "may not be moved once it is reached",
      5n,
      20n,
      9n,
      "vote extensions cannot be modified once enabledenable height: 5, current height 9",
    ],
  ])("%s", (_what, current, next, height, expected) => {
    expect(voteExtensionsProblem(current, next === undefined ? undefined : at(next), height)).toBe(expected);
  });
});

describe("genesis of consensus", () => {
  it("has nothing of its own: the parameters stand beside app_state", () => {
    for (const json of [null, {}]) expect(consensus.genesis.parse(json)).toEqual({});
    for (const json of [5, [], { params: {} }, "x"]) {
      expect(() => consensus.genesis.parse(json)).toThrow(
        /^app_state.consensus: found .*, expected null or \{\}; write/,
      );
    }
    expect(testChain().exported().consensus).toEqual({});
  });

  it("keeps what the engine said, and takes CometBFT's defaults when it said nothing", () => {
    const ctx = testChain().context();
    const said: ConsensusParams = { ...defaultConsensusParams, block: { maxBytes: 5_000_000n, maxGas: 7n } };
    consensusParams.set(ctx, said);
    consensus.genesis.init(ctx, {}, noDelivery);
    expect(consensusParams.get(ctx)).toEqual(said);
    expect(() => consensusParams.set(ctx, { ...said, block: { maxBytes: 0n, maxGas: 0n } })).toThrow(
      "consensus.params: found block.MaxBytes cannot be 0, expected parameters that CometBFT accepts",
    );
    expect(consensusParamsProblem(defaultConsensusParams)).toBeUndefined();
  });
});
