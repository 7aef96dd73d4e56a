/** `npm run campaign -- NAME [--quick] [args]`: runs one long test by name; without a name it lists them. */
import { findProgram, formatCatalog, listPrograms, loadProgram, parseInvocation, runMain } from "../helpers/catalog.ts";

export interface CampaignOptions {
  /** A slice small enough for a developer's coffee: the same checks over fewer cases. */
  readonly quick: boolean;
  readonly args: readonly string[];
}

/** The default export of a file in test/campaigns/. Prints its own table and throws when something failed. */
export type Campaign = (options: CampaignOptions) => Promise<void>;

const usage = "usage: npm run campaign -- NAME [--quick] [arguments of the campaign]";

export async function runCampaign(folder: string, argv: readonly string[]): Promise<void> {
  const programs = listPrograms(folder);
  const { name, quick, json, args } = parseInvocation(argv);
  if (name === undefined) {
    console.log(`${usage}\n\n${formatCatalog(programs)}`);
    return;
  }
  const campaign = await loadProgram<Campaign>(findProgram(programs, name));
  await campaign({ quick, args: json === undefined ? args : [...args, "--json", json] });
}

if (import.meta.main) await runMain(() => runCampaign(import.meta.dirname, process.argv.slice(2)));
