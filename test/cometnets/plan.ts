/** What a generated network is and what happens to it: everything follows from the seed and from what this machine can do. */
import { seeded } from "../helpers/storeblocks.ts";

export const perturbations = [
  "kill app",
  "kill engine",
  "kill both",
  "pause",
  "cut",
  "restart",
  "quarter down",
  "slow disk",
] as const;
export type Perturbation = (typeof perturbations)[number];

export interface Step {
  readonly kind: Perturbation;
  /** Which of the nodes. */
  readonly node: number;
}

export interface NetPlan {
  readonly seed: number;
  readonly validators: number;
  readonly fullNodes: number;
  /** After which step another node joins by state sync; undefined: none does. */
  readonly joinsAfter: number | undefined;
  /** Whose engine's clock is wrong, and by how many seconds. */
  readonly skew: { readonly node: number; readonly seconds: number } | undefined;
  readonly timeoutCommit: string;
  readonly steps: readonly Step[];
  /** How long a pause, a cut, an absence and a slow disk last. */
  readonly spellMillis: number;
}

export interface Abilities {
  readonly kinds: readonly Perturbation[];
  readonly canSkew: boolean;
}

const validators = 4;

/** The kinds come in turn, so that a few networks meet all of them; the rest is the seed's. */
export function planNet(seed: number, { kinds, canSkew }: Abilities, isQuick: boolean): NetPlan {
  const numbers = seeded(seed);
  const pick = (count: number): number => numbers() % count;
  const stepCount = isQuick ? 2 : 3 + pick(2);
  const fullNodes = isQuick ? 0 : pick(2);
  const first = seed * stepCount;
  const steps = Array.from({ length: stepCount }, (_, i) => {
    const kind = kinds[(first + i) % kinds.length]!;
    return { kind, node: pick(kind === "quarter down" ? validators : validators + fullNodes) };
  });
  const joins = isQuick ? seed % 3 === 0 : pick(2) === 0;
  const isSkewed = canSkew && !isQuick && pick(3) === 0;
  return {
    seed,
    validators,
    fullNodes,
    joinsAfter: joins ? pick(stepCount) : undefined,
    skew: isSkewed ? { node: pick(validators), seconds: pick(2) === 0 ? 30 : -30 } : undefined,
    timeoutCommit: isQuick ? "100ms" : ["200ms", "500ms", "1s"][pick(3)]!,
    steps,
    spellMillis: isQuick ? 3_000 : 10_000,
  };
}
