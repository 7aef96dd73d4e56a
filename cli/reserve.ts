/** What `weir reserve` asks a node. Owns which queries those are. */
import { reserve } from "../modules/reserve/index.ts";
import type { NodeClient } from "../node/chain/nodeclient.ts";
import type {
  QueryEpochsResponse,
  QueryReportResponse,
  QuerySaleResponse,
} from "../proto/gen/weir/reserve/v1/query.ts";
import type { EpochReport } from "../proto/gen/weir/reserve/v1/state.ts";

async function ask<R>(node: NodeClient, name: string, request: object, height: bigint): Promise<R> {
  const path = `/weir.reserve.v1.Query/${name}`;
  const handler = reserve.queries[path]!;
  return node.query<object, R>(path, handler, handler.request.fromPartial(request), height);
}

export async function askReserve(
  node: NodeClient,
  request: { readonly epochs: bigint },
  height: bigint,
): Promise<{ readonly report: QueryReportResponse }> {
  return { report: await ask<QueryReportResponse>(node, "Report", request, height) };
}

export const askSale = (
  node: NodeClient,
  request: { readonly quantity: string },
  height: bigint,
): Promise<QuerySaleResponse> => ask<QuerySaleResponse>(node, "Sale", request, height);

/** Of a query; a node keeps a few hundred reports. */
const pageMax = 64;

/** All reports from an epoch on, in order. */
export async function reportsFrom(node: NodeClient, from: bigint, height: bigint): Promise<EpochReport[]> {
  const found: EpochReport[] = [];
  for (;;) {
    const next = found.length === 0 ? from : found.at(-1)!.epoch + 1n;
    const request = { from: next, limit: BigInt(pageMax) };
    const { epochs } = await ask<QueryEpochsResponse>(node, "Epochs", request, height);
    found.push(...epochs);
    if (epochs.length < pageMax) return found;
  }
}
