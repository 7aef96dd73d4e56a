import { describe, expect, it } from "vitest";
import {
  ExecTxResult,
  ResponseFinalizeBlock,
  ResponseInfo,
  ResponseQuery,
  TxResult,
} from "../../proto/gen/tendermint/abci/types.ts";
import { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";
import { TxProof } from "../../proto/gen/tendermint/types/types.ts";
import { ValidatorSet } from "../../proto/gen/tendermint/types/validator.ts";
import { fromHex, blockVectors as vectors } from "../../test/helpers/block-vectors.ts";
import { decodeBlock } from "../consensus/block.ts";
import { consensusParamsJson } from "../consensus/genesis.ts";
import type { CompleteParams } from "../consensus/params.ts";
import {
  blockJson,
  blockResultsJson,
  execResultJson,
  finalizedJson,
  infoJson,
  queryJson,
  txEventJson,
  txProofJson,
  validatorJson,
} from "./rpc-json.ts";

const shapes: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  block: (bytes) => blockJson(decodeBlock(bytes)),
  execResult: (bytes) => execResultJson(ExecTxResult.decode(bytes)),
  blockResults: (bytes) => blockResultsJson(5n, ResponseFinalizeBlock.decode(bytes)),
  query: (bytes) => ({ response: queryJson(ResponseQuery.decode(bytes)) }),
  info: (bytes) => ({ response: infoJson(ResponseInfo.decode(bytes)) }),
  txEvent: (bytes) => ({ type: "tendermint/event/Tx", value: txEventJson(TxResult.decode(bytes)) }),
  finalized: (bytes) => finalizedJson(ResponseFinalizeBlock.decode(bytes)),
  txProof: (bytes) => txProofJson(TxProof.decode(bytes)),
  validators: (bytes) => ValidatorSet.decode(bytes).validators.map(validatorJson),
  params: (bytes) => consensusParamsJson(ConsensusParams.decode(bytes) as CompleteParams),
};

describe("the RPC's JSON", () => {
  it.each(vectors.rpc.map((vector, number) => ({ ...vector, number })))(
    "of $name ($number) is CometBFT's, field by field and in its order",
    ({ name, proto, json }) => {
      expect(JSON.stringify(shapes[name]!(fromHex(proto)))).toBe(JSON.stringify(json));
    },
  );
});
