/** The reserve's errors: codes are for ever. */
import { ChainError } from "../../chain/errors.ts";

const reserveError = (code: number, text: string) => new ChainError("reserve", code, text);

export const badAmount = (what: string, found: string, expected: string) =>
  reserveError(2, `${what} is ${found}; expected ${expected}`);

export const lotTooSmall = (found: bigint, least: bigint) =>
  reserveError(3, `a lot is of at least ${least}, found ${found}; offer or redeem more at once`);

export const noSuchOffer = (id: bigint) =>
  reserveError(4, `there is no offer ${id}: it was sold, taken back or pushed out of a full book`);

export const notTheSeller = (id: bigint, seller: string) =>
  reserveError(5, `offer ${id} is ${seller}'s; only its seller takes it back`);

export const offerIsCut = (id: bigint, epoch: bigint) =>
  reserveError(
    6,
    `offer ${id} is in the auction of epoch ${epoch}, which has not been held yet; try again when it was, or before the next epoch opens`,
  );

export const bookIsFull = (most: bigint, worst: string) =>
  reserveError(7, `the book holds ${most} offers, the dearest at ${worst}; ask less than that, or wait for an auction`);

export const noReserve = () => reserveError(8, "the reserve is empty: there is no floor and no ceiling yet");

export const noRoom = (asked: bigint, room: bigint) =>
  reserveError(
    9,
    `${asked} new coins would be more than genesis and schedule allow by now, which is ${room} more; there is no ceiling while there is no room`,
  );

export const boughtEnough = (asked: bigint, left: bigint) =>
  reserveError(10, `of this epoch's new coins ${left} are left, ${asked} were asked for; try again in the next epoch`);

export const costsMore = (cost: string, most: string) =>
  reserveError(11, `it costs ${cost}, which is more than the ${most} that it may cost`);

export const notTaken = (denom: string) =>
  reserveError(12, `${denom} is not taken, or is frozen; \`weir query market denoms\` lists those that are`);

export const noSale = () =>
  reserveError(14, "there is no sale: none was opened, or it is over; `weir reserve sale` shows the one that stands");

export const saleStands = () => reserveError(15, "a sale stands already; end it first, or wait until it is over");

export const invalidParams = (problem: string) => reserveError(13, problem);
