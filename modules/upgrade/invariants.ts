/** What is always true of upgrades. */
import type { ReadContext } from "../../chain/context.ts";
import type { Invariant } from "../../chain/module.ts";
import { doneHeight } from "./keeper.ts";
import { done, plan, protocolVersion, versions } from "./state.ts";

function plannedUpgradesAreToCome(ctx: ReadContext): string | undefined {
  const found = plan.get(ctx);
  if (found === undefined) return undefined;
  const { name, height } = found;
  // A plan of the block that it was made in is due in the next one.
  if (height < ctx.block.height) return `${name} is planned for height ${height}, and this is ${ctx.block.height}`;
  if (doneHeight(ctx, name) !== 0n) return `${name} is planned, and was carried out before`;
  return undefined;
}

function eachUpgradeIsDoneOnce(ctx: ReadContext): string | undefined {
  const names = [...done.keys(ctx)].map(([, name]) => name);
  if (new Set(names).size !== names.length) return `of ${names.join(", ")} one was done twice`;
  const counted = protocolVersion.get(ctx) ?? 0n;
  return counted === BigInt(names.length) ? undefined : `${names.length} upgrades are done, and ${counted} are counted`;
}

/** `expected` by module: this program's. */
export const invariantsOver = (
  expected: () => Readonly<Record<string, bigint>>,
): Readonly<Record<string, Invariant>> => ({
  plannedUpgradesAreToCome,
  eachUpgradeIsDoneOnce,
  everyModuleHasItsVersion(ctx) {
    for (const [name, version] of Object.entries(expected())) {
      const found = versions.get(ctx, name);
      if (found !== version) return `the state of ${name} is of version ${found}, expected ${version}`;
    }
    return undefined;
  },
});
