/** `weir reserve sale`: the sale of new coins that governance opened, drawn: the curve, how far it is sold, the floor and the ceiling beside it. */
import { writeFileSync } from "node:fs";
import { decFromProto } from "../../chain/dec.ts";
import { toJson } from "../../chain/protojson.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import { QuerySaleResponse } from "../../proto/gen/weir/reserve/v1/query.ts";
import type { Sale } from "../../proto/gen/weir/reserve/v1/state.ts";
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { type Plot, svgPlot, terminalPlot } from "../curveplot.ts";
import { heightFlag, readHeight } from "../query/modulequery.ts";
import { askReserve, askSale } from "../reserve.ts";
import type { Look } from "../table.ts";
import { short } from "./reserve-report.ts";

/** For the drawing alone. */
const seen = (dec: string): number => Number(decFromProto(dec)) / 1e18;

const dollars = (millionths: string, look: Look): string => {
  const digits = millionths.padStart(7, "0");
  return `$${look.number(digits.slice(0, -6))}.${digits.slice(-6)}`;
};

function plotOf({ quantity, sold, priceStart, priceEnd }: Sale, floor: string, ceiling: string): Plot {
  return {
    title: "Price of a WEIR in the sale, by what was sold",
    across: `0 to ${quantity}uweir; ${sold} sold`,
    points: [seen(priceStart), seen(priceEnd)],
    done: Number((BigInt(sold) * 10_000n) / BigInt(quantity)) / 10_000,
    marks: [
      { label: "V", value: seen(floor) },
      { label: "C", value: seen(ceiling) },
    ],
    unit: "$",
  };
}

function linesOf({ sale, price, left, cost }: QuerySaleResponse, quantity: string, look: Look): string[] {
  const { quantity: whole, sold, priceStart, priceEnd, endsEpoch, raised } = sale!;
  return [
    `sold     ${look.number(sold)} of ${look.number(whole)} uweir, for ${dollars(raised, look)}, which is the reserve's`,
    `price    $${short(decFromProto(price))} now, $${short(decFromProto(priceStart))} to $${short(decFromProto(priceEnd))} on the line, never below V`,
    `left     ${look.number(left)} uweir may be bought now, as far as genesis and schedule leave room`,
    `until    epoch ${endsEpoch} opens`,
    ...(quantity === "" ? [] : [`cost     ${dollars(cost, look)} for ${look.number(quantity)} uweir`]),
  ];
}

export const command: Command = {
  name: "reserve sale",
  positionals: ["[QUANTITY]"],
  summary: "Draws the sale of new coins that governance opened.",
  description:
    "There is none unless a vote opened it (weir tx reserve open-sale). It is one way: what is paid becomes the reserve; the way out is redemption.",
  flags: [{ name: "svg", value: "FILE", help: "draw it into this file too" }, heightFlag],
  examples: ["weir reserve sale", "weir reserve sale 1000000000", "weir reserve sale --svg sale.svg"],
  async run(invocation) {
    const [quantity = ""] = invocation.positionals;
    if (!/^[0-9]{0,30}$/.test(quantity)) throw new UsageError(`${quantity}: expected a whole number of uweir`);
    const node = new NodeClient(invocation.flag("node") ?? "");
    const asked = readHeight(invocation);
    const height = asked === 0n ? await node.height() : asked;
    const answer = await askSale(node, { quantity }, height);
    const json = toJson(QuerySaleResponse.$type, answer);
    if (answer.sale === undefined) {
      invocation.answer("No sale stands: none was opened, or it is over.\n", json);
      return 0;
    }
    const { report } = await askReserve(node, { epochs: 1n }, height);
    const plot = plotOf(answer.sale, report.floor, report.ceiling);
    const path = invocation.flag("svg");
    if (path !== undefined) writeFileSync(path, svgPlot(plot));
    const lines = [terminalPlot(plot), "", ...linesOf(answer, quantity, invocation.look)];
    invocation.answer(`${lines.join("\n")}\n`, json);
    return 0;
  },
};
