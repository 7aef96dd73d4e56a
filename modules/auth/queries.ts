/** Auth's queries, refused in the words and with the statuses of cosmos-sdk x/auth/keeper/grpc_query.go. */
import { accountAddress, moduleAddress, requireAddressLength } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import { ChainError, QueryError, sdk } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import * as proto from "../../proto/gen/cosmos/auth/v1beta1/query.ts";
import { moduleAccounts } from "../accounts.ts";
import { type Account, accountToAny } from "./account.ts";
import { getAccount, getParams } from "./keeper.ts";
import { accounts, accountsByNumber } from "./state.ts";

/** What the SDK refuses without a status of its own becomes an invalid request on the way out. */
function asInvalidRequest<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof ChainError || error instanceof PageError) throw sdk.invalidRequest(error.message);
    throw error;
  }
}

const notFound = (what: string) => new QueryError("NotFound", `account ${what} not found`);

function requireAccount(ctx: ReadContext, address: string): Account {
  const account = getAccount(
    ctx,
    asInvalidRequest(() => accountAddress.decode(address)),
  );
  if (account === undefined) throw notFound(address);
  return account;
}

function moduleAccountNamed(ctx: ReadContext, name: string): Account {
  const account = getAccount(ctx, moduleAddress(name));
  if (account?.module === undefined) throw notFound(name);
  return account;
}

export const queries = {
  "/cosmos.auth.v1beta1.Query/Accounts": query(
    proto.QueryAccountsRequest,
    proto.QueryAccountsResponse,
    (ctx, { pagination }) => {
      const page = asInvalidRequest(() =>
        paginate(ctx, accounts, pagination, (_address, account) => accountToAny(account)),
      );
      return { accounts: page.items, pagination: page.pagination };
    },
  ),

  "/cosmos.auth.v1beta1.Query/Account": query(
    proto.QueryAccountRequest,
    proto.QueryAccountResponse,
    (ctx, { address }) => {
      if (address === "") throw new QueryError("InvalidArgument", "Address cannot be empty");
      return { account: accountToAny(requireAccount(ctx, address)) };
    },
  ),

  "/cosmos.auth.v1beta1.Query/AccountAddressByID": query(
    proto.QueryAccountAddressByIDRequest,
    proto.QueryAccountAddressByIDResponse,
    (ctx, { id, accountId }) => {
      if (id !== 0n) {
        throw new QueryError("InvalidArgument", "requesting with id isn't supported, try to request using account-id");
      }
      const address = accountsByNumber.get(ctx, accountId);
      if (address === undefined) {
        throw new QueryError("NotFound", `account address not found with account number ${accountId}`);
      }
      return { accountAddress: accountAddress.encode(address) };
    },
  ),

  "/cosmos.auth.v1beta1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: getParams(ctx),
  })),

  "/cosmos.auth.v1beta1.Query/ModuleAccounts": query(
    proto.QueryModuleAccountsRequest,
    proto.QueryModuleAccountsResponse,
    (ctx) => ({ accounts: moduleAccounts.map(({ name }) => accountToAny(moduleAccountNamed(ctx, name))) }),
  ),

  "/cosmos.auth.v1beta1.Query/ModuleAccountByName": query(
    proto.QueryModuleAccountByNameRequest,
    proto.QueryModuleAccountByNameResponse,
    (ctx, { name }) => {
      if (name === "") throw new QueryError("InvalidArgument", "module name is empty");
      return { account: accountToAny(moduleAccountNamed(ctx, name)) };
    },
  ),

  "/cosmos.auth.v1beta1.Query/Bech32Prefix": query(proto.Bech32PrefixRequest, proto.Bech32PrefixResponse, () => ({
    bech32Prefix: accountAddress.prefix,
  })),

  "/cosmos.auth.v1beta1.Query/AddressBytesToString": query(
    proto.AddressBytesToStringRequest,
    proto.AddressBytesToStringResponse,
    (_ctx, { addressBytes }) => {
      if (addressBytes.length === 0) throw sdk.invalidRequest("empty address bytes is not allowed");
      asInvalidRequest(() => requireAddressLength(addressBytes));
      return { addressString: accountAddress.encode(addressBytes) };
    },
  ),

  "/cosmos.auth.v1beta1.Query/AddressStringToBytes": query(
    proto.AddressStringToBytesRequest,
    proto.AddressStringToBytesResponse,
    (_ctx, { addressString }) => ({
      addressBytes: asInvalidRequest(() => accountAddress.decode(addressString)).slice(),
    }),
  ),

  "/cosmos.auth.v1beta1.Query/AccountInfo": query(
    proto.QueryAccountInfoRequest,
    proto.QueryAccountInfoResponse,
    (ctx, { address }) => {
      if (address === "") throw new QueryError("InvalidArgument", "address cannot be empty");
      return { info: { ...requireAccount(ctx, address).base, address } };
    },
  ),
};
