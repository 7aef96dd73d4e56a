/** Bank's queries, refused in the words and with the statuses of cosmos-sdk x/bank/keeper/grpc_query.go. */
import { accountAddress } from "../../chain/address.ts";
import { amountOf, type Coin, coinToProto, denomProblem } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";
import { ChainError, QueryError, sdk } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import type { Metadata } from "../../proto/gen/cosmos/bank/v1beta1/bank.ts";
import * as proto from "../../proto/gen/cosmos/bank/v1beta1/query.ts";
import type { PageRequest } from "../../proto/gen/cosmos/base/query/v1beta1/pagination.ts";
import { balanceOf, spendableOf, supplyOf } from "./keeper.ts";
import { lockedCoins } from "./locked.ts";
import { getParams } from "./sendenabled.ts";
import { balances, denomMetadata, owners, sendEnabled, supplies } from "./state.ts";

const invalidArgument = (text: string) => new QueryError("InvalidArgument", text);

function requireDenom(denom: string): void {
  const problem = denomProblem(denom);
  if (problem !== undefined) throw invalidArgument(problem);
}

function requireAddress(text: string): Uint8Array {
  try {
    return accountAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw invalidArgument(`invalid address: ${error.message}`);
    throw error;
  }
}

/** Each query wraps what is wrong with a page in its own way. */
function withPage<T>(refuse: (text: string) => Error, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof PageError) throw refuse(error.message);
    throw error;
  }
}

const invalidPage = (text: string) => invalidArgument(`paginate: ${text}`);
const internalPage = (text: string) => new QueryError("Internal", text);

const protoCoin = (denom: string, amount: bigint) => coinToProto({ denom, amount });

function balancesPage(
  ctx: ReadContext,
  address: Uint8Array,
  pagination: PageRequest | undefined,
  toCoin: (denom: string, amount: bigint) => Coin,
) {
  const page = withPage(invalidPage, () =>
    paginate(ctx, balances, pagination, ([, denom], amount) => coinToProto(toCoin(denom, amount)), [address]),
  );
  return { balances: page.items, pagination: page.pagination };
}

function ownersPage(ctx: ReadContext, denom: string, pagination: PageRequest | undefined) {
  requireDenom(denom);
  const toOwner = ([, address]: readonly [string, Uint8Array]) => ({
    address: accountAddress.encode(address),
    balance: protoCoin(denom, balanceOf(ctx, address, denom)),
  });
  const page = withPage(sdk.invalidRequest, () => paginate(ctx, owners, pagination, toOwner, [denom]));
  return { denomOwners: page.items, pagination: page.pagination };
}

function requireMetadata(ctx: ReadContext, denom: string): { metadata: Metadata } {
  requireDenom(denom);
  const metadata = denomMetadata.get(ctx, denom);
  if (metadata === undefined) throw new QueryError("NotFound", `client metadata for denom ${denom}`);
  return { metadata };
}

/** Denominations that one query may name. */
const sendEnabledDenomsMax = 1_000;

function sendEnabledOf(ctx: ReadContext, denoms: readonly string[]) {
  if (denoms.length > sendEnabledDenomsMax) {
    throw invalidArgument(`${denoms.length} denoms, expected at most ${sendEnabledDenomsMax}`);
  }
  const entries = denoms.flatMap((denom) => {
    const enabled = sendEnabled.get(ctx, denom);
    return enabled === undefined ? [] : [{ denom, enabled }];
  });
  return { sendEnabled: entries, pagination: undefined };
}

const balanceQueries = {
  "/cosmos.bank.v1beta1.Query/Balance": query(
    proto.QueryBalanceRequest,
    proto.QueryBalanceResponse,
    (ctx, { address, denom }) => {
      requireDenom(denom);
      return { balance: protoCoin(denom, balanceOf(ctx, requireAddress(address), denom)) };
    },
  ),

  "/cosmos.bank.v1beta1.Query/AllBalances": query(
    proto.QueryAllBalancesRequest,
    proto.QueryAllBalancesResponse,
    (ctx, { address, pagination, resolveDenom }) =>
      balancesPage(ctx, requireAddress(address), pagination, (denom, amount) => ({
        denom: (resolveDenom ? denomMetadata.get(ctx, denom)?.display : undefined) ?? denom,
        amount,
      })),
  ),

  "/cosmos.bank.v1beta1.Query/SpendableBalances": query(
    proto.QuerySpendableBalancesRequest,
    proto.QuerySpendableBalancesResponse,
    (ctx, { address, pagination }) => {
      const owner = requireAddress(address);
      const locked = lockedCoins(ctx, owner);
      return balancesPage(ctx, owner, pagination, (denom, amount) => {
        const free = amount - amountOf(locked, denom);
        return { denom, amount: free > 0n ? free : 0n };
      });
    },
  ),

  "/cosmos.bank.v1beta1.Query/SpendableBalanceByDenom": query(
    proto.QuerySpendableBalanceByDenomRequest,
    proto.QuerySpendableBalanceByDenomResponse,
    (ctx, { address, denom }) => {
      const owner = requireAddress(address);
      requireDenom(denom);
      return { balance: protoCoin(denom, spendableOf(ctx, owner, denom)) };
    },
  ),
};

const denomQueries = {
  "/cosmos.bank.v1beta1.Query/TotalSupply": query(
    proto.QueryTotalSupplyRequest,
    proto.QueryTotalSupplyResponse,
    (ctx, { pagination }) => {
      const page = withPage(internalPage, () => paginate(ctx, supplies, pagination, protoCoin));
      return { supply: page.items, pagination: page.pagination };
    },
  ),

  "/cosmos.bank.v1beta1.Query/SupplyOf": query(
    proto.QuerySupplyOfRequest,
    proto.QuerySupplyOfResponse,
    (ctx, { denom }) => {
      requireDenom(denom);
      return { amount: protoCoin(denom, supplyOf(ctx, denom)) };
    },
  ),

  "/cosmos.bank.v1beta1.Query/DenomsMetadata": query(
    proto.QueryDenomsMetadataRequest,
    proto.QueryDenomsMetadataResponse,
    (ctx, { pagination }) => {
      const page = withPage(internalPage, () =>
        paginate(ctx, denomMetadata, pagination, (_denom, metadata) => metadata),
      );
      return { metadatas: page.items, pagination: page.pagination };
    },
  ),

  "/cosmos.bank.v1beta1.Query/DenomMetadata": query(
    proto.QueryDenomMetadataRequest,
    proto.QueryDenomMetadataResponse,
    (ctx, { denom }) => requireMetadata(ctx, denom),
  ),

  "/cosmos.bank.v1beta1.Query/DenomMetadataByQueryString": query(
    proto.QueryDenomMetadataByQueryStringRequest,
    proto.QueryDenomMetadataByQueryStringResponse,
    (ctx, { denom }) => requireMetadata(ctx, denom),
  ),

  "/cosmos.bank.v1beta1.Query/DenomOwners": query(
    proto.QueryDenomOwnersRequest,
    proto.QueryDenomOwnersResponse,
    (ctx, { denom, pagination }) => ownersPage(ctx, denom, pagination),
  ),

  "/cosmos.bank.v1beta1.Query/DenomOwnersByQuery": query(
    proto.QueryDenomOwnersByQueryRequest,
    proto.QueryDenomOwnersByQueryResponse,
    (ctx, { denom, pagination }) => ownersPage(ctx, denom, pagination),
  ),
};

const ruleQueries = {
  "/cosmos.bank.v1beta1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: getParams(ctx),
  })),

  "/cosmos.bank.v1beta1.Query/SendEnabled": query(
    proto.QuerySendEnabledRequest,
    proto.QuerySendEnabledResponse,
    (ctx, { denoms, pagination }) => {
      if (denoms.length > 0) return sendEnabledOf(ctx, denoms);
      const page = withPage(internalPage, () =>
        paginate(ctx, sendEnabled, pagination, (denom, enabled) => ({ denom, enabled })),
      );
      return { sendEnabled: page.items, pagination: page.pagination };
    },
  ),
};

export const queries = { ...balanceQueries, ...denomQueries, ...ruleQueries };
