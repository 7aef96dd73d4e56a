/** The constitution of the market's parameters: what each is, its range, and how it is changed. */
import { decimal, integer, list, type ModuleParameters, share } from "../../chain/parameters.ts";
import { Params } from "../../proto/gen/weir/market/v1/state.ts";
import type { MsgUpdateParams } from "../../proto/gen/weir/market/v1/tx.ts";
import { denomsMax, getParams, paramsToProto } from "./params.ts";

const paramsOf = ({ params }: MsgUpdateParams): Params => params ?? Params.fromPartial({});

const economic = { class: "economic" } as const;

export const parameters: ModuleParameters<Params> = {
  typeName: Params.$type,
  message: "/weir.market.v1.MsgUpdateParams",
  rules: {
    denoms: list(
      "stable coins that traffic is paid in, with what the market may hold of each",
      "",
      1n,
      BigInt(denomsMax),
      {
        class: "economic",
        loosens: "any",
      },
    ),
    "split.burn": share("of what is settled, to the burn budget", "0", "0.95", economic),
    "split.direct": share("of what is settled, to the relay at once", "0", "0.95", economic),
    "split.reserve": share("of what is settled, to the reserve", "0.01", "0.5", { class: "economic", loosens: "down" }),
    "split.oracles": share("of what is settled, to oracles", "0.005", "0.2", economic),
    "split.stakers": share("of what is settled, to stakers", "0", "0.2", economic),
    genesis_price: decimal("price of a GiB in a cell at first", "10⁻⁶ dollar", "1", "100000000", economic),
    target_utilization: share("use of a cell's capacity at which its price stays", "0.01", "0.9", economic),
    price_step_max: share("most that an epoch moves a price", "0.001", "0.5", economic),
    price_range: integer("prices stay between the first one divided and multiplied by", "", 2n, 1_000n, economic),
    dispute_epochs: integer("whole epochs in which a higher voucher still wins", "epochs", 1n, 30n, economic),
    session_epochs_max: integer("longest session", "epochs", 1n, 10_000n),
    deposit_min: integer("least that a session locks", "10⁻⁶ dollar", 1n, 1_000_000_000n),
    relay_bond_share: share("of a contract's price, the relay's bond", "0.01", "1", economic),
    lease_bond_share: share("of a contract's price, the buyer's bond for each epoch", "0", "0.1", economic),
    delivery_share_min: share("of reserved capacity, what must be measured", "0.5", "1", economic),
    term_epochs_max: integer("longest contract or plan", "epochs", 1n, 10_000n),
  },
  read: (ctx) => paramsToProto(getParams(ctx)),
  proposed: (_ctx, message) => paramsOf(message),
};
