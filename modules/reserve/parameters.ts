/** The constitution of the reserve's parameters: what each is, its range, and how it is changed. */
import { decimal, integer, type ModuleParameters, share } from "../../chain/parameters.ts";
import { Params } from "../../proto/gen/weir/reserve/v1/state.ts";
import type { MsgUpdateParams } from "../../proto/gen/weir/reserve/v1/tx.ts";
import { getParams, paramsToProto } from "./params.ts";

const paramsOf = ({ params }: MsgUpdateParams): Params => params ?? Params.fromPartial({});

const economic = { class: "economic" } as const;
const loosensUp = { class: "economic", loosens: "up" } as const;
const loosensDown = { class: "economic", loosens: "down" } as const;

export const parameters: ModuleParameters<Params> = {
  typeName: Params.$type,
  message: "/weir.reserve.v1.MsgUpdateParams",
  rules: {
    corridor_share: share("the floor over the ceiling", "0.05", "0.9", loosensUp),
    exit_fee: share("of a redemption, what stays in the reserve", "0.001", "0.1", loosensDown),
    day_allowance: share("of the reserve, what redemptions of a day may take", "0.005", "0.1", loosensUp),
    day_allowance_delayed: share("the same while a loosening waits to act", "0.02", "0.25", loosensUp),
    buy_share_max: share("of the supply, what may be bought new in an epoch", "0", "0.01", loosensUp),
    remint_share: share("of what an auction burns, what is minted again to relays", "0", "0.95", loosensUp),
    auction_ceiling_share: share("an auction's price at most, of the ceiling", "0.5", "0.98", loosensUp),
    reference_factor_max: decimal("an auction's price at most, of the reference", "times", "1.01", "1.5", economic),
    reference_weight: share("how far an auction moves the reference price", "0.01", "0.5", economic),
    supply_min: integer("supply that redemptions leave", "uweir", 1_000_000n, 10n ** 15n, loosensDown),
    lot_min: integer("least offer or redemption", "uweir", 1n, 10n ** 12n),
    offers_max: integer("offers that rest at a time", "offers", 1n, 20_000n),
  },
  read: (ctx) => paramsToProto(getParams(ctx)),
  proposed: (_ctx, message) => paramsOf(message),
};
