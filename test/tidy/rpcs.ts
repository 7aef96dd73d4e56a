/** Every rpc of a service that modules answer has a handler, and every handler an rpc. */
import type { ChainDefinition } from "../../chain/definition.ts";
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

/** Modules whose types are generated already, because messages of others carry them, but which this chain does not have yet. */
export const modulesToCome: ReadonlySet<string> = new Set<string>();

export function checkRpcs(services: Schema["services"], modules: readonly Module[]): Problems {
  const problems: Problems = [];
  const messages = new Set(modules.flatMap(({ messages }) => Object.keys(messages)));
  const queries = new Set(modules.flatMap(({ queries }) => Object.keys(queries)));
  for (const { name } of modules)
    if (modulesToCome.has(name)) problems.push(`${name} is here: take it off modulesToCome`);
  for (const [service, methods] of Object.entries(services)) {
    if (servicesOfHosts.has(service) || modulesToCome.has(service.split(".")[1]!)) continue;
    for (const [method, { input }] of Object.entries(methods)) {
      const [handlers, key] = service.endsWith(".Msg") ? [messages, `/${input}`] : [queries, `/${service}/${method}`];
      if (!handlers.delete(key)) problems.push(`proto ${service}/${method} has no handler ${key} in modules/`);
    }
  }
  for (const key of [...messages, ...queries]) problems.push(`modules/ handle ${key}, which is no rpc in proto/`);
  return problems;
}

const hooks = ["preBlock", "beginBlock", "endBlock"] as const;

/** A folder that nobody lists, or a hook that no order calls, would be code that never runs. */
export function checkModuleList({ modules, order }: ChainDefinition, folders: readonly string[]): Problems {
  const names = new Set(modules.map(({ name }) => name));
  const problems = folders
    .filter((name) => !names.has(name))
    .map((name) => `modules/${name} is not listed in modules/index.ts`);
  for (const module of modules) {
    if (!order.genesis.includes(module)) problems.push(`${module.name} is in no genesis order`);
    for (const hook of hooks) {
      const missing = module[hook] !== undefined && !order[hook].includes(module);
      if (missing) problems.push(`${module.name} has a ${hook} hook but is not in that order`);
    }
  }
  return problems;
}

/** A module's README names all that others see of it: collections, messages, queries, invariants. */
export function checkReadme({ name, state, messages, queries, invariants }: Module, readme: string): Problems {
  const names = [
    ...Object.values(state).map((collection) => collection.name),
    ...Object.keys(messages).map((url) => url.slice(url.lastIndexOf(".") + 1)),
    ...Object.keys(queries).map((path) => path.slice(path.lastIndexOf("/") + 1)),
    ...Object.keys(invariants),
  ];
  const missing = names.filter((word) => !readme.includes(`\`${word}\``));
  return missing.map((word) => `the README of ${name} does not name \`${word}\``);
}
