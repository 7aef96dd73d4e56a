/** The emergency committee's members propose, approve and sign acts, of messages and denoms that others use; the treasury's members spend it. */
import { sign } from "../../../chain/crypto/sign.ts";
import { addDuration } from "../../../chain/time.ts";
import { getCommittee } from "../../../modules/circuit/committee.ts";
import { contentOf, signDoc } from "../../../modules/circuit/signing.ts";
import { pending } from "../../../modules/circuit/state.ts";
import { spends } from "../../../modules/treasury/state.ts";
import { currentPlan } from "../../../modules/upgrade/index.ts";
import { type Act, ActKind } from "../../../proto/gen/weir/circuit/v1/state.ts";
import * as circuit from "../../../proto/gen/weir/circuit/v1/tx.ts";
import * as treasury from "../../../proto/gen/weir/treasury/v1/tx.ts";
import { denom, type TestAccount } from "../../helpers/testapplication.ts";
import { type Operation, said, type World } from "../world.ts";

const pausable = [
  "/cosmos.bank.v1beta1.MsgMultiSend",
  "/cosmos.feegrant.v1beta1.MsgGrantAllowance",
  "/cosmos.staking.v1beta1.MsgUndelegate",
  "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward",
  "/cosmos.bank.v1beta1.MsgUpdateParams",
];

function act(world: World): Act {
  const { random } = world;
  const kinds: readonly (readonly [ActKind, string[]])[] = [
    [ActKind.ACT_KIND_PAUSE_MESSAGES, [random.pick(pausable)]],
    [ActKind.ACT_KIND_FREEZE_DENOM, [random.pick(["uusdc", "ueuro", denom])]],
    [ActKind.ACT_KIND_FREEZE_ACCOUNT, [`${world.address()}/${random.pick(["uusdc", "uusdc", denom])}`]],
    [ActKind.ACT_KIND_PAUSE_REDEMPTION, []],
    [ActKind.ACT_KIND_STOP_UPGRADE, [currentPlan(world.context)?.name ?? "v9"]],
    [ActKind.ACT_KIND_LIFT, [`${random.below(20)}`]],
  ];
  const [kind, targets] = random.pick(kinds);
  const duration = kind === ActKind.ACT_KIND_LIFT ? undefined : { seconds: world.amount(60), nanos: 0 };
  return { kind, targets, duration, reason: "of the simulation", reference: "https://example.org" };
}

/** Mostly a member; sometimes anybody. */
function member(world: World): TestAccount {
  const elected = world.oneOf(getCommittee(world.context).members)?.address ?? "";
  return world.random.chance(8) ? world.account() : (world.accountOf(elected) ?? world.account());
}

function propose(world: World): Uint8Array {
  const signer = member(world);
  return world.sign(signer, said(circuit.MsgProposeAct, { member: signer.address, act: act(world) }));
}

function approve(world: World): Uint8Array {
  const signer = member(world);
  const id = world.oneOf(pending.keys(world.context)) ?? 0n;
  return world.sign(signer, said(circuit.MsgApproveAct, { member: signer.address, id }));
}

function submitSigned(world: World): Uint8Array {
  const signer = world.account();
  const ctx = world.context;
  const validUntil = addDuration(ctx.block.time, { seconds: 60n, nanos: 0 });
  const content = contentOf(ctx, act(world), validUntil);
  const signatures = getCommittee(ctx).members.flatMap(({ address }) => {
    const account = world.accountOf(address);
    if (account === undefined || world.random.chance(4)) return [];
    return [{ member: address, signature: sign(account.keys, Buffer.from(signDoc(address, content))) }];
  });
  const nonce = world.random.chance(8) ? content.nonce + 1n : content.nonce;
  const value = { submitter: signer.address, act: content.act, nonce, validUntil, signatures };
  return world.sign(signer, said(circuit.MsgSubmitSignedAct, value));
}

const coins = (amount: bigint) => [{ denom, amount: `${amount}` }];

function fund(world: World): Uint8Array {
  const signer = world.account();
  return world.sign(signer, said(treasury.MsgFund, { sender: signer.address, amount: coins(world.amount(1_000_000)) }));
}

function spend(world: World): Uint8Array {
  const signer = world.account();
  const value = { recipient: world.address(), amount: coins(world.amount(300_000)), reason: "of the simulation" };
  return world.sign(signer, said(treasury.MsgProposeSpend, { member: signer.address, ...value }));
}

function approveSpend(world: World): Uint8Array {
  const signer = world.account();
  const id = world.oneOf(spends.keys(world.context)) ?? 0n;
  return world.random.chance(6)
    ? world.sign(signer, said(treasury.MsgWithdrawApproval, { member: signer.address, id }))
    : world.sign(signer, said(treasury.MsgApproveSpend, { member: signer.address, id }));
}

export const emergencyOperations: readonly Operation[] = [
  { name: "circuit propose", weight: 3, make: propose },
  { name: "circuit approve", weight: 4, make: approve },
  { name: "circuit submit signed", weight: 2, make: submitSigned },
  { name: "treasury fund", weight: 2, make: fund },
  { name: "treasury spend", weight: 3, make: spend },
  { name: "treasury approve", weight: 4, make: approveSpend },
];
