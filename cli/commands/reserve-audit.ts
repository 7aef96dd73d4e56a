/** `weir reserve audit`: recomputes the reserve from its records, here, and says in words what was checked and what was found. */
import { audit, type Finding } from "../../modules/reserve/index.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { heightFlag, readHeight } from "../query/modulequery.ts";
import { askReserve, reportsFrom } from "../reserve.ts";

const findingLine = ({ epoch, what, found, expected }: Finding): string =>
  `  ${epoch === undefined ? "now" : `epoch ${epoch}`}: ${what} is ${found}, recomputed ${expected}`;

const findingJson = ({ epoch, ...finding }: Finding) => ({
  ...finding,
  ...(epoch === undefined ? {} : { epoch: `${epoch}` }),
});

export const command: Command = {
  name: "reserve audit",
  positionals: [],
  summary: "Recomputes the reserve from its records.",
  description:
    "Every report is recomputed from what it says it read: prices, shares, roundings. Each is joined to the one before, and the last one to what\n" +
    "the accounts hold now. Ends with 1 where something does not follow. What the node says is believed; ask several, or your own.",
  flags: [{ name: "from", value: "EPOCH", help: "the first epoch; the oldest that is kept without it" }, heightFlag],
  examples: ["weir reserve audit", "weir reserve audit --from 41"],
  async run(invocation) {
    const from = invocation.flag("from") ?? "0";
    if (!/^(?:0|[1-9][0-9]{0,18})$/.test(from))
      throw new UsageError(`--from is ${from}; expected the number of an epoch`);
    const node = new NodeClient(invocation.flag("node") ?? "");
    // Of one height, so that a block in between is no finding.
    const asked = readHeight(invocation);
    const height = asked === 0n ? await node.height() : asked;
    const reports = await reportsFrom(node, BigInt(from), height);
    const { report } = await askReserve(node, { epochs: 1n }, height);
    const { checked, findings } = audit(reports, report);
    const verdict =
      findings.length === 0
        ? "All of it follows."
        : `${findings.length} things do not follow:\n${findings.map(findingLine).join("\n")}`;
    const text = [
      `At height ${height} I checked of ${reports.length} epochs:`,
      ...checked.map((line) => `  ${line}`),
      verdict,
    ];
    invocation.answer(`${text.join("\n")}\n`, {
      height: `${height}`,
      epochs: `${reports.length}`,
      checked,
      findings: findings.map(findingJson),
    });
    return findings.length === 0 ? 0 : 1;
  },
};
