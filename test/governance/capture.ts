/**
 * One attempt to capture governance, played on the real modules: an attacker with a share of the stake proposes to raise the emission and
 * votes for it; everybody else finds out sooner or later, or never, and votes against it. Owns the model of the others, not the rules.
 */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { publicKeyToAny } from "../../chain/crypto/publickey.ts";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import { decOne, decToProto } from "../../chain/dec.ts";
import { weir } from "../../modules/index.ts";
import { ProposalStatus } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import { governed, govGenesis, minimumDeposit, no, veto, yes } from "../helpers/governedchain.ts";
import { type Random, seededRandom } from "../helpers/random.ts";
import { type TestChain, testChain } from "../helpers/testchain.ts";

export interface Rules {
  readonly name: string;
  /** Days. */
  readonly votingDays: number;
  readonly economicVotingDays: number;
  /** 0 for none. */
  readonly delayDays: number;
}

/** Classes off: an economic change has the vote of any other. */
export const rulesets: readonly Rules[] = [
  { name: "the SDK's two days, no classes", votingDays: 2, economicVotingDays: 2, delayDays: 0 },
  { name: "seven days, no classes", votingDays: 7, economicVotingDays: 7, delayDays: 0 },
  { name: "classes: fourteen days", votingDays: 7, economicVotingDays: 14, delayDays: 0 },
  { name: "classes and the delay", votingDays: 7, economicVotingDays: 14, delayDays: 14 },
];

const holders = 60;
const stakedInAll = 60_000_000_000n;
const secondsPerDay = 86_400;
/** An exponential time until somebody hears of a proposal; three times as fast once one waits and every tool says so. */
const noticeDays = 8;
const alarmFactor = 3;
/** Some never vote; of those who do, a third votes no with veto. */
const participation = 0.85;
const vetoes = 1 / 3;

const denom = "uweir";
const startSeconds = 1_700_000_000n;
const addressOf = (index: number): Uint8Array => sha256(Buffer.from(`holder ${index}`)).slice(0, 20);
const [attacker, operator] = [holders, holders + 1];

const coin = (amount: bigint) => ({ denom, amount: `${amount}` });
const gov = weir.modules.find(({ name }) => name === "gov")!;
const staking = weir.modules.find(({ name }) => name === "staking")!;

/** One validator that does not vote, to which everybody delegates: what is measured are people. */
function stakedChain(rules: Rules, attackerStake: bigint): TestChain {
  const days = (count: number) => `${Math.max(1, Math.round(count * secondsPerDay))}s`;
  const balances = Array.from({ length: holders + 2 }, (_, index) => ({
    address: accountAddress.encode(addressOf(index)),
    coins: [coin(2n * stakedInAll)],
  }));
  const chain = testChain({
    bank: { params: { send_enabled: [], default_send_enabled: true }, balances },
    gov: govGenesis(
      { voting_period: days(rules.votingDays), expedited_voting_period: days(rules.votingDays / 2) },
      { economic_voting_period: days(rules.economicVotingDays), economic_delay: days(rules.delayDays) },
    ),
  });
  send(chain, "/cosmos.staking.v1beta1.MsgCreateValidator", {
    description: { moniker: "v", identity: "", website: "", securityContact: "", details: "" },
    commission: { rate: "0", maxRate: `${decOne}`, maxChangeRate: `${decOne}` },
    minSelfDelegation: "1",
    delegatorAddress: "",
    validatorAddress: validatorAddress.encode(addressOf(operator)),
    pubkey: publicKeyToAny({ scheme: "ed25519", key: ed25519KeyPair(sha256(Buffer.from("capture"))).publicKey }),
    value: coin(1_000_000n),
  });
  staking.endBlock!(chain.context());
  const each = (stakedInAll - attackerStake) / BigInt(holders);
  for (let index = 0; index < holders; index++) delegate(chain, index, each);
  delegate(chain, attacker, attackerStake);
  return chain;
}

function send(chain: TestChain, typeUrl: string, value: object): void {
  const { refusal } = chain.message(typeUrl, value);
  if (refusal !== undefined) throw refusal;
}

const delegate = (chain: TestChain, who: number, amount: bigint): void =>
  send(chain, "/cosmos.staking.v1beta1.MsgDelegate", {
    delegatorAddress: accountAddress.encode(addressOf(who)),
    validatorAddress: validatorAddress.encode(addressOf(operator)),
    amount: coin(amount),
  });

function propose(chain: TestChain, who: number, messages: object[]): void {
  send(chain, "/cosmos.gov.v1.MsgSubmitProposal", {
    messages,
    initialDeposit: [coin(minimumDeposit)],
    proposer: accountAddress.encode(addressOf(who)),
    metadata: "",
    title: "A change",
    summary: "For the good of all",
    expedited: false,
  });
}

const vote = (chain: TestChain, proposalId: bigint, who: number, option: number): void =>
  send(chain, "/cosmos.gov.v1.MsgVote", {
    proposalId,
    voter: accountAddress.encode(addressOf(who)),
    option,
    metadata: "",
  });

/** Days since the beginning; the end of every block in between does not matter, as nothing else happens. */
function passTime(chain: TestChain, days: number): void {
  const seconds = startSeconds + BigInt(Math.round(days * secondsPerDay));
  const { height } = chain.context().block;
  chain.setBlock({ height: height + 1n, time: { seconds, nanos: 0 } });
}

function endBlock(chain: TestChain): void {
  gov.endBlock!(chain.context());
  const broken = chain.broken();
  if (broken !== undefined) throw new Error(broken);
}

interface Holder {
  readonly who: number;
  /** Days; whoever does not take part never hears of it. */
  heardAt: number;
}

const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random.below(1_000_000) / 1_000_000);

const inflationMaxOf = (chain: TestChain): string =>
  chain.query<{ params: { inflationMax: string } }>("/cosmos.mint.v1beta1.Query/Params", {}).params.inflationMax;

const statusOf = (chain: TestChain, proposalId: bigint): number =>
  chain.query<{ proposal: { status: number } }>("/cosmos.gov.v1.Query/Proposal", { proposalId }).proposal.status;

/** Everybody who hears of it in time votes. */
function holdVote(
  chain: TestChain,
  id: bigint,
  all: readonly Holder[],
  begin: number,
  days: number,
  option: () => number,
) {
  const heard = all.filter(({ heardAt }) => heardAt < begin + days).sort((a, b) => a.heardAt - b.heardAt);
  for (const { who, heardAt } of heard) {
    passTime(chain, Math.max(begin, heardAt));
    vote(chain, id, who, option());
  }
  passTime(chain, begin + days);
  endBlock(chain);
}

/** True when the emission was raised in the end. */
export function isCaptured(rules: Rules, share: number, seed: number): boolean {
  const random = seededRandom(seed);
  const chain = stakedChain(rules, (stakedInAll * BigInt(Math.round(share * 10_000))) / 10_000n);
  passTime(chain, 0);
  const all: Holder[] = Array.from({ length: holders }, (_, who) => ({
    who,
    heardAt: random.below(1_000) < participation * 1_000 ? exponential(random, noticeDays) : Number.POSITIVE_INFINITY,
  }));
  const before = inflationMaxOf(chain);
  const mint = weir.modules
    .flatMap(({ parameters = [] }) => parameters)
    .find(({ typeName }) => typeName === "cosmos.mint.v1beta1.Params")!;
  const params = { ...mint.read(chain.context()), inflationMax: decToProto(decOne) };
  propose(chain, attacker, [governed(mint.message, { params })]);
  vote(chain, 1n, attacker, yes);
  const against = () => (random.below(1_000) < vetoes * 1_000 ? veto : no);
  holdVote(chain, 1n, all, 0, rules.economicVotingDays, against);
  if (statusOf(chain, 1n) !== ProposalStatus.PROPOSAL_STATUS_PASSED) return false;
  if (rules.delayDays > 0) stop(chain, rules, all);
  passTime(chain, rules.economicVotingDays + rules.delayDays + 1);
  endBlock(chain);
  return inflationMaxOf(chain) !== before;
}

/** Whoever knows of it by now proposes to stop it; the attacker votes against that with a veto. */
function stop(chain: TestChain, { votingDays, economicVotingDays }: Rules, all: readonly Holder[]): void {
  const begin = economicVotingDays;
  for (const holder of all) {
    if (holder.heardAt > begin) holder.heardAt = begin + (holder.heardAt - begin) / alarmFactor;
  }
  const first = all.reduce((a, b) => (a.heardAt <= b.heardAt ? a : b));
  const from = Math.max(begin, first.heardAt);
  passTime(chain, from);
  propose(chain, first.who, [governed("/weir.gov.v1.MsgCancelDelayed", { proposalId: 1n })]);
  vote(chain, 2n, attacker, veto);
  holdVote(chain, 2n, all, from, votingDays, () => yes);
}

/** Of so many attempts, the share that succeeds. */
export function captureRate(rules: Rules, share: number, attempts: number): number {
  let captured = 0;
  for (let seed = 1; seed <= attempts; seed++) if (isCaptured(rules, share, seed)) captured++;
  return captured / attempts;
}

/** The least share, to half a per cent, with which at least half of the attempts succeed. */
export function shareNeeded(rules: Rules, attempts: number): number {
  let [low, high] = [0, 200];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (captureRate(rules, middle / 200, attempts) >= 0.5) high = middle;
    else low = middle;
  }
  return high / 200;
}

export const model = { holders, noticeDays, alarmFactor, participation, vetoes };
