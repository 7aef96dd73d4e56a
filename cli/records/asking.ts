/** What an export asks the chain's modules: balances to compare with, whose relays are whose, validators' names. */
import type { Module } from "../../chain/module.ts";
import { attestation } from "../../modules/attestation/index.ts";
import { bank } from "../../modules/bank/index.ts";
import { consensusAddressText, staking } from "../../modules/staking/index.ts";
import { QueryRefused } from "../../node/chain/nodeclient.ts";
import type { QueryAllBalancesResponse } from "../../proto/gen/cosmos/bank/v1beta1/query.ts";
import type { QueryValidatorsResponse } from "../../proto/gen/cosmos/staking/v1beta1/query.ts";
import type { QueryRelayResponse, QueryRelaysResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import { UsageError } from "../arguments.ts";
import type { RecordsSource } from "./source.ts";

/** Of one account's coins, of one operator's relays, of all validators. */
const pageMax = 1_000;
const pagination = { limit: BigInt(pageMax) };

function ask<R>(source: RecordsSource, module: Module, path: string, request: object, height = 0n): Promise<R> {
  const handler = module.queries[path]!;
  return source.query(path, handler, handler.request.fromPartial(request), height);
}

/** After the block of that height; undefined where the node has forgotten it. */
export async function balancesAt(
  source: RecordsSource,
  address: string,
  height: bigint,
): Promise<ReadonlyMap<string, bigint> | undefined> {
  try {
    const path = "/cosmos.bank.v1beta1.Query/AllBalances";
    const { balances } = await ask<QueryAllBalancesResponse>(source, bank, path, { address, pagination }, height);
    return new Map(balances.map(({ denom, amount }) => [denom, BigInt(amount)]));
  } catch (error) {
    if (error instanceof QueryRefused) return undefined;
    throw error;
  }
}

export async function relaysOf(source: RecordsSource, operator: string): Promise<ReadonlySet<string>> {
  const path = "/weir.attestation.v1.Query/Relays";
  const { relays } = await ask<QueryRelaysResponse>(source, attestation, path, { operator, pagination });
  return new Set(relays.map(({ id }) => `${id}`));
}

export async function operatorOf(source: RecordsSource, relay: string): Promise<string> {
  const path = "/weir.attestation.v1.Query/Relay";
  try {
    const found = await ask<QueryRelayResponse>(source, attestation, path, { relay });
    return found.relay!.relay!.operator;
  } catch (error) {
    if (!(error instanceof QueryRefused)) throw error;
    throw new UsageError(`--fleet ${relay}: the node knows no such relay (${error.message})`);
  }
}

/** Of those that there still are; slashes name them by their key. */
export async function validatorOperators(source: RecordsSource): Promise<ReadonlyMap<string, string>> {
  const path = "/cosmos.staking.v1beta1.Query/Validators";
  const { validators } = await ask<QueryValidatorsResponse>(source, staking, path, { pagination });
  return new Map(
    validators.flatMap(({ consensusPubkey, operatorAddress }) =>
      consensusPubkey === undefined ? [] : [[consensusAddressText({ consensusPubkey }), operatorAddress] as const],
    ),
  );
}
