/**
 * Every account that a module holds coins in, and what the module may do with them. One line each, so that who can mint is seen here.
 * The SDK's names of accounts are kept; their addresses are hashes of them.
 */
export type Permission = "minter" | "burner" | "staking";

export interface ModuleAccountRule {
  readonly name: string;
  /** Sorted. */
  readonly permissions: readonly Permission[];
  /** Whether users may send to it: a transfer that no rule of the module expects would be lost in it. */
  readonly receives: boolean;
}

/** Sorted by name: this is the order in which genesis numbers them. */
export const moduleAccounts: readonly ModuleAccountRule[] = [
  { name: "bonded_tokens_pool", permissions: ["burner", "staking"], receives: false },
  { name: "distribution", permissions: [], receives: false },
  { name: "fee_collector", permissions: [], receives: false },
  { name: "mint", permissions: ["minter"], receives: false },
  { name: "not_bonded_tokens_pool", permissions: ["burner", "staking"], receives: false },
];
