/** What is wrong with a denomination's metadata, in the words of cosmos-sdk x/bank/types/metadata.go. Pure. */
import { denomProblem } from "../../chain/coins.ts";
import type { DenomUnit, Metadata } from "../../proto/gen/cosmos/bank/v1beta1/bank.ts";

/** Undefined when all is well. */
export function metadataProblem({ name, symbol, base, display, denomUnits }: Metadata): string | undefined {
  if (name.trim() === "") return "name field cannot be blank";
  if (symbol.trim() === "") return "symbol field cannot be blank";
  const baseProblem = denomProblem(base);
  if (baseProblem !== undefined) return `invalid metadata base denom: ${baseProblem}`;
  const displayProblem = denomProblem(display);
  if (displayProblem !== undefined) return `invalid metadata display denom: ${displayProblem}`;
  const unitsProblem = denomUnitsProblem(denomUnits, base);
  if (unitsProblem !== undefined) return unitsProblem;
  if (denomUnits.some(({ denom }) => denom === display)) return undefined;
  return `metadata must contain a denomination unit with display denom '${display}'`;
}

/** The base comes first, with exponent 0; every other exponent is greater than the one before. */
function denomUnitsProblem(units: readonly DenomUnit[], base: string): string | undefined {
  const seen = new Set<string>();
  for (const [index, unit] of units.entries()) {
    if (index === 0 && unit.denom !== base) {
      return `metadata's first denomination unit must be the one with base denom '${base}'`;
    }
    if (index === 0 && unit.exponent !== 0) return `the exponent for base denomination unit ${base} must be 0`;
    if (index > 0 && units[index - 1]!.exponent >= unit.exponent) {
      return "denom units should be sorted asc by exponent";
    }
    if (seen.has(unit.denom)) return `duplicate denomination unit ${unit.denom}`;
    seen.add(unit.denom);
    const problem = denomUnitProblem(unit);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function denomUnitProblem({ denom, aliases }: DenomUnit): string | undefined {
  const problem = denomProblem(denom);
  if (problem !== undefined) return `invalid denom unit: ${problem}`;
  const seen = new Set<string>();
  for (const alias of aliases) {
    if (seen.has(alias)) return `duplicate denomination unit alias ${alias}`;
    if (alias.trim() === "") return `alias for denom unit ${denom} cannot be blank`;
    seen.add(alias);
  }
  return undefined;
}
