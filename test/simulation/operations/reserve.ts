/** Holders offer the token to the auction, take offers back, redeem, and buy at the ceiling when there is room. */
import { offers } from "../../../modules/reserve/state.ts";
import * as proto from "../../../proto/gen/weir/reserve/v1/tx.ts";
import { type Operation, said, type World } from "../world.ts";
import { stableDenom } from "./market.ts";

/** About the floor of the simulated reserve, a cent. */
const ask = (world: World): string => `${BigInt(5 + world.random.below(40)) * 10n ** 15n}`;

const offer = (world: World): Uint8Array => {
  const signer = world.account();
  const value = { seller: signer.address, quantity: `${world.amount(2_000_000)}`, ask: ask(world) };
  return world.sign(signer, said(proto.MsgOffer, value));
};

function cancel(world: World): Uint8Array | undefined {
  const found = world.oneOf(offers.iterate(world.context))?.[1];
  const signer = found === undefined ? undefined : world.accountOf(found.seller);
  if (found === undefined || signer === undefined) return undefined;
  return world.sign(signer, said(proto.MsgCancelOffer, { seller: signer.address, offer: found.id }));
}

const redeem = (world: World): Uint8Array => {
  const signer = world.account();
  return world.sign(signer, said(proto.MsgRedeem, { holder: signer.address, quantity: `${world.amount(2_000_000)}` }));
};

const buy = (world: World): Uint8Array => {
  const signer = world.account();
  const costMax = { denom: stableDenom, amount: "1000000" };
  return world.sign(
    signer,
    said(proto.MsgBuy, { buyer: signer.address, quantity: `${world.amount(20_000)}`, costMax }),
  );
};

export const reserveOperations: readonly Operation[] = [
  { name: "offer", weight: 12, make: offer },
  { name: "cancel offer", weight: 6, make: cancel },
  { name: "redeem", weight: 8, make: redeem },
  { name: "buy at the ceiling", weight: 8, make: buy },
];
