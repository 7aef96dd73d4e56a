/** The program of the thread that answers long queries: this chain's modules on versions that the node describes. */
import { parentPort } from "node:worker_threads";
import { serveQueries } from "../chain/abci/longqueries.ts";
import { weir } from "../modules/index.ts";

if (parentPort !== null) serveQueries(parentPort, weir);
