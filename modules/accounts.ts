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

/**
 * In the order in which genesis numbers them: auth's own first, as in the SDK, then sorted by name. After a change, run
 * `go run ./modules` in docs/vectors: a test compares accounts with the SDK's.
 */
export const moduleAccounts: readonly ModuleAccountRule[] = [
  { name: "fee_collector", permissions: [], receives: false },
  { name: "attestation_bonds", permissions: ["burner"], receives: false },
  { name: "bonded_tokens_pool", permissions: ["burner", "staking"], receives: false },
  { name: "compliance", permissions: ["burner", "minter"], receives: false },
  { name: "compliance_held", permissions: [], receives: false },
  { name: "distribution", permissions: [], receives: false },
  { name: "gov", permissions: ["burner"], receives: false },
  { name: "market_escrow", permissions: [], receives: false },
  { name: "market_oracles", permissions: [], receives: false },
  { name: "market_wallets", permissions: [], receives: false },
  { name: "mint", permissions: ["minter"], receives: false },
  { name: "not_bonded_tokens_pool", permissions: ["burner", "staking"], receives: false },
  { name: "reserve", permissions: ["burner"], receives: false },
  { name: "reserve_book", permissions: ["burner"], receives: false },
  { name: "reserve_burn", permissions: [], receives: false },
  { name: "rewards", permissions: ["burner"], receives: false },
  { name: "treasury", permissions: [], receives: true },
];
