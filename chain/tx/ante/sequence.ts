/** Last step: every signer's sequence goes up, so that the transaction cannot come again; with it the account is written, once. */
import { type AnteRun, settled } from "./run.ts";

export function advanceSequences({ ctx, signers, options }: AnteRun): void {
  for (const signer of signers) {
    const { account } = settled(signer);
    options.keepers.accounts.update(ctx, { ...account, sequence: account.sequence + 1n });
  }
}
