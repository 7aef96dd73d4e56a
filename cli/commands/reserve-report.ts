/** `weir reserve report`: the reserve in words. With --output json, the query's answer as it is. */
import { type Dec, decFromProto, formatDec } from "../../chain/dec.ts";
import { toJson } from "../../chain/protojson.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import { QueryReportResponse } from "../../proto/gen/weir/reserve/v1/query.ts";
import type { EpochReport } from "../../proto/gen/weir/reserve/v1/state.ts";
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { heightFlag, readHeight } from "../query/modulequery.ts";
import { askReserve } from "../reserve.ts";
import { coinText, type Look } from "../table.ts";

const epochsMax = 64n;

/** A decimal without the zeros that end it. */
export const short = (value: Dec): string => formatDec(value).replace(/\.?0+$/, "");

const dollars = (millionths: string, look: Look): string => {
  const digits = millionths.padStart(7, "0");
  return `$${look.number(digits.slice(0, -6))}.${digits.slice(-6)}`;
};

const epochLine = (report: EpochReport, look: Look): string => {
  const price = `$${short(decFromProto(report.price))}${report.isFilled ? "" : " (not filled)"}`;
  const burned = look.number(`${BigInt(report.burnedResting) + BigInt(report.burnedCrossed)}`);
  const value = [`${report.epoch}`.padStart(6), dollars(report.budget, look).padStart(18), price.padStart(26)];
  return [...value, burned.padStart(18), `$${short(decFromProto(report.floorAfter))}`].join("  ");
};

function linesOf(report: QueryReportResponse, look: Look): string[] {
  const { basket, frozen, epochs } = report;
  const room =
    report.buyRoom === "0" ? "no room, and so no ceiling now" : `${look.number(report.buyRoom)} uweir may be bought`;
  return [
    look.heading("The reserve"),
    `R  principal    ${dollars(report.principal, look)}  (${basket.map((coin) => coinText(coin, look)).join(", ") || "empty"})`,
    ...(frozen.length === 0 ? [] : [`   frozen       ${frozen.join(", ")}`]),
    `S  supply       ${look.number(report.supply)} uweir`,
    `V  floor        $${short(decFromProto(report.floor))} a WEIR`,
    `C  ceiling      $${short(decFromProto(report.ceiling))} a WEIR (${room})`,
    `B  to burn      ${dollars(report.burnBudget, look)} of epochs that are not finalized`,
    `   reference    $${short(decFromProto(report.reference))}`,
    `   coverage     ${short(decFromProto(report.coverage) * 100n)}% of all coins at the reference price`,
    `   redemptions  ${look.number(report.redemptionsAsked)} uweir asked for in this epoch, whose allowance is ${dollars(report.allowance, look)}`,
    `   book         ${report.offers} offers of ${look.number(report.offered)} uweir`,
    ...(epochs.length === 0 ? [] : ["", look.heading(epochHead)]),
    ...epochs.map((epoch) => epochLine(epoch, look)),
  ];
}

const epochHead = [
  "epoch".padStart(6),
  "budget".padStart(18),
  "price".padStart(26),
  "burned uweir".padStart(18),
  "floor after",
].join("  ");

export const command: Command = {
  name: "reserve report",
  positionals: [],
  summary: "Asks a node how the reserve stands.",
  description:
    "R is what lies in the reserve, S the supply, V = R/S the floor, C the ceiling, B what waits to be burned.",
  flags: [{ name: "epochs", value: "N", help: `of so many epochs, at most ${epochsMax}` }, heightFlag],
  examples: ["weir reserve report", "weir reserve report --epochs 30 --output json"],
  async run(invocation) {
    const epochs = invocation.flag("epochs") ?? "0";
    if (!/^[0-9]{1,2}$/.test(epochs)) throw new UsageError(`--epochs is ${epochs}; expected 1 to ${epochsMax}`);
    const node = new NodeClient(invocation.flag("node") ?? "");
    const { report } = await askReserve(node, { epochs: BigInt(epochs) }, readHeight(invocation));
    invocation.answer(`${linesOf(report, invocation.look).join("\n")}\n`, toJson(QueryReportResponse.$type, report));
    return 0;
  },
};
