/** Accounts let others act and pay for them: granted, used, taken back, run out. */

import { iterateValidators } from "../../../modules/staking/index.ts";
import { GenericAuthorization } from "../../../proto/gen/cosmos/authz/v1beta1/authz.ts";
import * as authz from "../../../proto/gen/cosmos/authz/v1beta1/tx.ts";
import { SendAuthorization } from "../../../proto/gen/cosmos/bank/v1beta1/authz.ts";
import { MsgSend } from "../../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { BasicAllowance, PeriodicAllowance } from "../../../proto/gen/cosmos/feegrant/v1beta1/feegrant.ts";
import * as feegrant from "../../../proto/gen/cosmos/feegrant/v1beta1/tx.ts";
import { AuthorizationType, StakeAuthorization } from "../../../proto/gen/cosmos/staking/v1beta1/authz.ts";
import { MsgDelegate } from "../../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import type { Any } from "../../../proto/gen/google/protobuf/any.ts";
import type { Timestamp } from "../../../proto/gen/google/protobuf/timestamp.ts";
import { denom, sendOf } from "../../helpers/testapplication.ts";
import { fee, type Operation, said, type World } from "../world.ts";

interface Encoded<M> {
  readonly $type: string;
  encode(message: M): { finish(): Uint8Array };
}

const pack = <M>(message: Encoded<M>, value: M): Any => ({
  typeUrl: `/${message.$type}`,
  value: message.encode(value).finish(),
});

/** So few of each that one who asks often finds leave. */
const partiesMax = 3;
const granterOf = (world: World) => world.chain.accounts[world.random.below(partiesMax)]!;
const granteeOf = (world: World) => world.chain.accounts[partiesMax + world.random.below(partiesMax)]!;

const coins = (amount: bigint) => [{ denom, amount: `${amount}` }];

/** Within the next minutes: so that some run out before they are used. */
function soon(world: World): Timestamp | undefined {
  if (world.random.chance(4)) return undefined;
  const { time } = world.chain.lastBlock();
  return { seconds: time.seconds + world.amount(300), nanos: 0 };
}

const anyOperator = (world: World): string =>
  world.oneOf(iterateValidators(world.context))?.operatorAddress ?? world.account().address;

function authorization(world: World): Any {
  if (world.random.chance(3)) return pack(GenericAuthorization, { msg: `/${MsgSend.$type}` });
  const spendLimit = coins(world.amount(5_000_000));
  if (world.random.chance(2)) return pack(SendAuthorization, { spendLimit, allowList: [] });
  return pack(StakeAuthorization, {
    maxTokens: spendLimit[0],
    allowList: { address: [anyOperator(world)] },
    authorizationType: AuthorizationType.AUTHORIZATION_TYPE_DELEGATE,
  });
}

function grant(world: World): Uint8Array {
  const [granter, grantee] = [granterOf(world), granteeOf(world).address];
  const given = { authorization: authorization(world), expiration: soon(world) };
  return world.sign(granter, said(authz.MsgGrant, { granter: granter.address, grantee, grant: given }));
}

/** Of another's coins, with leave or without. */
function exec(world: World): Uint8Array {
  const [grantee, { address }] = [granteeOf(world), granterOf(world)];
  const amount = world.amount(500_000);
  const msg = world.random.chance(2)
    ? pack(MsgSend, { fromAddress: address, toAddress: world.address(), amount: coins(amount) })
    : pack(MsgDelegate, { delegatorAddress: address, validatorAddress: anyOperator(world), amount: coins(amount)[0] });
  return world.sign(grantee, said(authz.MsgExec, { grantee: grantee.address, msgs: [msg] }));
}

function revoke(world: World): Uint8Array {
  const [granter, grantee] = [granterOf(world), granteeOf(world).address];
  const value = { granter: granter.address, grantee, msgTypeUrl: `/${MsgSend.$type}` };
  return world.sign(granter, said(authz.MsgRevoke, value));
}

function allowance(world: World): Any {
  const basic = { spendLimit: coins(world.amount(40_000)), expiration: soon(world) };
  if (world.random.chance(2)) return pack(BasicAllowance, basic);
  const [period, limit] = [{ seconds: world.amount(60), nanos: 0 }, coins(world.amount(10_000))];
  return pack(PeriodicAllowance, {
    basic,
    period,
    periodSpendLimit: limit,
    periodCanSpend: [],
    periodReset: { seconds: 0n, nanos: 0 },
  });
}

function allow(world: World): Uint8Array {
  const [granter, grantee] = [granterOf(world), granteeOf(world).address];
  const value = { granter: granter.address, grantee, allowance: allowance(world) };
  return world.sign(granter, said(feegrant.MsgGrantAllowance, value));
}

function disallow(world: World): Uint8Array {
  const [granter, grantee] = [granterOf(world), granteeOf(world).address];
  return world.sign(granter, said(feegrant.MsgRevokeAllowance, { granter: granter.address, grantee }));
}

const prune = (world: World): Uint8Array => {
  const signer = world.account();
  return world.sign(signer, said(feegrant.MsgPruneAllowances, { pruner: signer.address }));
};

/** Another pays the fee, if there is leave. */
function sendAtOthersCost(world: World): Uint8Array {
  const [signer, granter] = [granteeOf(world), granterOf(world).address];
  const contents = sendOf(signer.address, world.address(), world.amount(1000));
  return world.chain.sign(signer, contents, { ...fee(), granter });
}

export const grantOperations: readonly Operation[] = [
  { name: "grant", weight: 20, make: grant },
  { name: "exec", weight: 20, make: exec },
  { name: "revoke", weight: 4, make: revoke },
  { name: "allow fees", weight: 16, make: allow },
  { name: "disallow fees", weight: 4, make: disallow },
  { name: "prune allowances", weight: 2, make: prune },
  { name: "send at others' cost", weight: 16, make: sendAtOthersCost },
];
