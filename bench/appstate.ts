/** A genesis with many funded accounts, for the benches that run a whole chain. */
import { weir } from "../modules/index.ts";
import { balanceAtStart, denom } from "./load.ts";

function defaults(name: string): object {
  const module = weir.modules.find((known) => known.name === name);
  if (module === undefined) throw new Error(`the chain has no module ${name}`);
  return module.genesis.toJson(module.genesis.default()) as object;
}

export function appStateOf(addresses: readonly string[]): object {
  const accounts = addresses.map((address, index) => ({
    "@type": "/cosmos.auth.v1beta1.BaseAccount",
    address,
    pub_key: null,
    account_number: String(index),
    sequence: "0",
  }));
  const balances = addresses.map((address) => ({ address, coins: [{ denom, amount: String(balanceAtStart) }] }));
  return { auth: { ...defaults("auth"), accounts }, bank: { ...defaults("bank"), balances } };
}
