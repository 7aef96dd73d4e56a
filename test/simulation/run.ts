/** One simulation in a process of its own: `node run.ts SEED BLOCKS [--workers] [--late]`; prints what a node would have to agree on. */
import { inlineVerifier } from "../../chain/crypto/verifier.ts";
import { workerVerifier } from "../../chain/crypto/workerverifier.ts";
import { simulate } from "./simulate.ts";

const [seed = "", blocks = "", ...flags] = process.argv.slice(2);
const verifier = flags.includes("--workers") ? workerVerifier({ workers: 1 }) : inlineVerifier();
const report = await simulate(Number(seed), Number(blocks), {
  verifier,
  optimisticExecution: !flags.includes("--late"),
  checkInvariants: false,
});
await verifier.close();
console.log(report.blocks.join("\n"));
