/**
 * Upgrade's part of genesis.json. The SDK's is empty; here it holds the plan that stands and what was done, so that a chain which goes on
 * from an export forgets neither. Modules' versions are always those of the program that begins.
 */
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Genesis } from "../../chain/module.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import { Plan } from "../../proto/gen/cosmos/upgrade/v1beta1/upgrade.ts";
import { checkPlan } from "./plan.ts";
import * as stored from "./state.ts";

export interface UpgradeGenesis {
  readonly plan: Plan | undefined;
  readonly completed: readonly { readonly name: string; readonly height: bigint }[];
}

const at = "app_state.upgrade";

/** More than any chain ever had. */
const completedMax = 10_000;

function fieldsOf(json: unknown, path: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw fieldError(path, shown(json), `an object of ${known.join(", ")}`);
  }
  const stranger = Object.keys(json).find((name) => !known.includes(name));
  if (stranger !== undefined) throw fieldError(`${path}.${stranger}`, "a field that does not exist", known.join(", "));
  return json as Readonly<Record<string, unknown>>;
}

function parse(json: unknown): UpgradeGenesis {
  const { plan, completed = [] } = fieldsOf(json, at, ["plan", "completed"]);
  if (!Array.isArray(completed)) throw fieldError(`${at}.completed`, shown(completed), "a list");
  if (completed.length > completedMax) {
    throw fieldError(`${at}.completed`, `${completed.length} upgrades`, `at most ${completedMax}`);
  }
  return { plan: parsePlan(plan), completed: completed.map(parseCompleted) };
}

function parsePlan(json: unknown): Plan | undefined {
  if (json === undefined || json === null) return undefined;
  const plan = fromJson<Plan>(Plan.$type, json, `${at}.plan`);
  return refusedAs(`${at}.plan`, shown(plan.name), "a plan", () => checkPlan(plan));
}

function parseCompleted(json: unknown, index: number, all: readonly unknown[]) {
  const path = `${at}.completed[${index}]`;
  const { name, height } = fieldsOf(json, path, ["name", "height"]);
  if (typeof name !== "string" || name === "") throw fieldError(`${path}.name`, shown(name), "a name");
  if (typeof height !== "string" || !/^[1-9]\d{0,17}$/.test(height)) {
    throw fieldError(`${path}.height`, shown(height), 'a height, "1" or more');
  }
  const sameName = (other: unknown) => (other as { readonly name?: unknown } | null)?.name === name;
  if (all.findIndex(sameName) !== index) throw fieldError(`${path}.name`, `${name} again`, "each upgrade once");
  return { name, height: BigInt(height) };
}

/** `versions` by module: of the program that begins the chain. */
export const genesisOver = (versions: () => Readonly<Record<string, bigint>>): Genesis<UpgradeGenesis> => ({
  default: () => ({ plan: undefined, completed: [] }),
  parse,
  toJson: ({ plan, completed }) => ({
    plan: plan === undefined ? null : toJson(Plan.$type, plan),
    completed: completed.map(({ name, height }) => ({ name, height: `${height}` })),
  }),
  init(ctx: Context, { plan, completed }) {
    if (plan !== undefined) stored.plan.set(ctx, plan);
    for (const { name, height } of completed) stored.done.set(ctx, [height, name], true);
    if (completed.length > 0) stored.protocolVersion.set(ctx, BigInt(completed.length));
    for (const [name, version] of Object.entries(versions())) stored.versions.set(ctx, name, version);
    return undefined;
  },
  export: (ctx: ReadContext) => ({
    plan: stored.plan.get(ctx),
    completed: [...stored.done.keys(ctx)].map(([height, name]) => ({ name, height })),
  }),
});
