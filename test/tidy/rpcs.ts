/** Every rpc of a service that modules answer has a handler, and every handler an rpc. */
import type { Module } from "../../chain/module.ts";
import type { Schema } from "../../proto/schema.ts";
import type { Problems } from "./source.ts";

/**
 * Services in the schema that no module answers: a host does (it has what they ask for, blocks and the node), or the SDK itself
 * answers with what we have no use for.
 */
export const servicesOfHosts: ReadonlySet<string> = new Set([
  "cosmos.tx.v1beta1.Service",
  "cosmos.base.tendermint.v1beta1.Service",
  "cosmos.base.node.v1beta1.Service",
  "cosmos.app.v1alpha1.Query",
  "tendermint.abci.ABCI",
  "tendermint.rpc.grpc.BroadcastAPI",
]);

export function checkRpcs(services: Schema["services"], modules: readonly Module[]): Problems {
  const problems: Problems = [];
  const messages = new Set(modules.flatMap(({ messages }) => Object.keys(messages)));
  const queries = new Set(modules.flatMap(({ queries }) => Object.keys(queries)));
  for (const [service, methods] of Object.entries(services)) {
    if (servicesOfHosts.has(service)) continue;
    for (const [method, { input }] of Object.entries(methods)) {
      const [handlers, key] = service.endsWith(".Msg") ? [messages, `/${input}`] : [queries, `/${service}/${method}`];
      if (!handlers.delete(key)) problems.push(`proto ${service}/${method} has no handler ${key} in modules/`);
    }
  }
  for (const key of [...messages, ...queries]) problems.push(`modules/ handle ${key}, which is no rpc in proto/`);
  return problems;
}
