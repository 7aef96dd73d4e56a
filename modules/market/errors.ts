/** The market's errors: codes are for ever. A voucher's result carries them too. */
import { ChainError } from "../../chain/errors.ts";

const marketError = (code: number, text: string) => new ChainError("market", code, text);

export const notTaken = (denom: string) =>
  marketError(2, `${denom} is no settlement denomination here; \`weir query market denoms\` lists those that are`);

export const denomFrozen = (denom: string, until: string, reason: string) =>
  marketError(3, `${denom} is frozen until ${until} (${reason}); try again then, or use another denomination`);

export const capReached = (denom: string, cap: bigint, held: bigint) =>
  marketError(4, `the market holds ${held}${denom} and may hold ${cap}; put in less`);

export const walletTooSmall = (denom: string, has: bigint, needed: bigint) =>
  marketError(5, `the wallet has ${has}${denom} that nothing locks, ${needed} are needed; top it up`);

export const noSuchSession = (id: bigint) =>
  marketError(6, `there is no session ${id}: it never opened, or is over and pruned`);

export const notTheClient = (id: bigint, client: string) =>
  marketError(7, `session ${id} is ${client}'s; only its client may do this`);

export const sessionOver = (id: bigint, epoch: bigint) =>
  marketError(8, `session ${id} took vouchers before epoch ${epoch}; it is over`);

export const nothingNew = (id: bigint, settled: bigint) =>
  marketError(9, `session ${id} has settled ${settled} bytes; only a voucher of more pays`);

export const wrongAmount = (found: bigint, expected: bigint, bytes: bigint) =>
  marketError(10, `the amount is ${found}; ${bytes} bytes at the session's price are ${expected}`);

export const beyondLock = (id: bigint, amount: bigint, locked: bigint) =>
  marketError(11, `the voucher is of ${amount}, session ${id} locks ${locked}; the client must top it up`);

export const badVoucher = (id: bigint) =>
  marketError(12, `not a signature of session ${id}'s key over this voucher on this chain`);

export const badRelaySignature = (relay: bigint) =>
  marketError(13, `not a signature of relay ${relay}'s transport key over these bytes on this chain`);

export const deliveredLess = (found: bigint, before: bigint) =>
  marketError(14, `delivered ${found} bytes, which is less than the ${before} before; a count only grows`);

export const noSuchRelay = (relay: bigint) => marketError(15, `there is no relay ${relay}`);

export const servesNot = (relay: bigint) =>
  marketError(16, `relay ${relay} takes no new sessions now; \`weir query market quote\` names others`);

export const tooDear = (price: string, most: string) =>
  marketError(17, `a GiB costs ${price} and may cost ${most}; offer more, or take another relay`);

export const notStable = (relay: bigint) =>
  marketError(18, `relay ${relay} has not earned class STABLE; ask for another, or for any class`);

export const depositTooSmall = (found: bigint, least: bigint) =>
  marketError(19, `a session locks at least ${least}, found ${found}`);

export const badKey = (why: string) => marketError(20, `the session's key ${why}; make a fresh ed25519 key for it`);

export const badTerm = (found: bigint, least: bigint, most: bigint) =>
  marketError(21, `a term of ${found} epochs; expected ${least} to ${most}`);

export const isClosing = (id: bigint) => marketError(22, `session ${id} is being closed; open another one`);

export const tooMany = (what: string, found: number, most: number) =>
  marketError(23, `${found} ${what}; expected 1 to ${most}`);

export const noSuchOffer = (id: bigint) =>
  marketError(24, `there is no offer ${id} of capacity; \`weir query market capacity-offers\` lists them`);

export const notTheOperator = (relay: bigint, operator: string) =>
  marketError(25, `relay ${relay} is ${operator}'s; only its operator may do this`);

export const capacityTaken = (relay: bigint, asked: bigint, left: bigint) =>
  marketError(26, `relay ${relay} has ${left} bps that no contract reserves, ${asked} were asked for`);

export const noSuchContract = (id: bigint) => marketError(27, `there is no contract ${id}, or it is over`);

export const notTheOwner = (what: string, owner: string) =>
  marketError(28, `${what} is ${owner}'s; only its owner may do this`);

export const contractUsed = (id: bigint) =>
  marketError(29, `contract ${id} was used or has open sessions; only an unused one changes hands`);

export const wrongRelay = (what: string, relay: bigint) => marketError(30, `${what} does not hold for relay ${relay}`);

export const noSuchPlan = (id: bigint) => marketError(31, `there is no plan ${id}, or it is not sold any more`);

export const noSuchSubscription = (id: bigint) => marketError(32, `there is no subscription ${id}, or it is over`);

export const quotaTooSmall = (has: bigint, needed: bigint) =>
  marketError(33, `${has} bytes of the quota are free here, ${needed} are needed`);

export const hasOpenSessions = (what: string, count: bigint) =>
  marketError(34, `${what} has ${count} open sessions; close them first`);

export const badText = (what: string, expected: string) => marketError(35, `${what}; expected ${expected}`);

export const badAmount = (what: string, found: string, expected: string) =>
  marketError(36, `${what} is ${found}; expected ${expected}`);

export const invalidParams = (problem: string) => marketError(37, problem);

export const paidOtherwise = (what: string) =>
  marketError(38, `${what}: a session is paid by a deposit, a contract or a subscription, and by one of them`);

export const doesNotSuit = (relay: bigint, why: string) =>
  marketError(42, `relay ${relay} does not suit: ${why}; ask for a quote with the same wish`);

export const notFrozen = (denom: string) => marketError(40, `${denom} is not frozen`);

export const sharesOpen = (found: number, most: number) =>
  marketError(41, `a subscription is shared with ${found} accounts already; at most ${most} may share it`);
