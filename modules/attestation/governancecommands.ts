/** How the command line spells what governance may do to the registry. */
import type { MessageForm } from "../../chain/commandforms.ts";
import type * as tx from "../../proto/gen/weir/attestation/v1/tx.ts";

const updateCells: MessageForm<tx.MsgUpdateCells> = {
  summary: "set cells and their RTTs, or remove cells, by governance",
  positionals: [],
  examples: ['--cells \'{"name":"arctic","description":"The Arctic"}\' --generate-only'],
  describe: ({ cells, rtts, removed }) => [
    `Sets ${cells.length} cells and ${rtts.length} RTTs, and removes ${removed.length} cells; only governance may`,
  ],
};

const updatePilot: MessageForm<tx.MsgUpdatePilot> = {
  summary: "list operators and buyers of the pilot, by governance",
  positionals: [],
  examples: ["--added-operators weir1… --generate-only"],
  describe: ({ addedOperators, removedOperators, addedBuyers, removedBuyers }) => [
    `Lists ${addedOperators.length} operators and ${addedBuyers.length} buyers more in the pilot, and ` +
      `${removedOperators.length} and ${removedBuyers.length} no more; only governance may`,
  ],
};

const governSoftware: MessageForm<tx.MsgGovernSoftware> = {
  summary: "set the version that relays and oracles should run, by governance",
  positionals: ["version"],
  examples: ["1.4.0 --generate-only"],
  describe: ({ version }) => [`Asks for version ${version} from the next epoch on; only governance may`],
};

const deny: MessageForm<tx.MsgDeny> = {
  summary: "keep an operator out, by governance",
  positionals: ["operator", "reason"],
  examples: ['weir1… "serves malware" --generate-only'],
  describe: ({ operator, reason }, { who }) => [
    `Keeps all relays and oracles of ${who(operator)} out from the next epoch on: ${reason}`,
  ],
};

const pardon: MessageForm<tx.MsgPardon> = {
  summary: "let an operator in again, in probation, by governance",
  positionals: ["operator"],
  examples: ["weir1… --generate-only"],
  describe: ({ operator }, { who }) => [`Lets ${who(operator)} in again; its relays begin in probation`],
};

export const governanceForms = {
  "/weir.attestation.v1.MsgUpdateParams": {
    summary: "set the parameters of relays, oracles and readings, by governance",
    positionals: ["params"],
    examples: ["@params.json --generate-only"],
    describe: () => ["Sets the parameters of relays, oracles and readings; only governance may"],
  },
  "/weir.attestation.v1.MsgUpdateCells": updateCells,
  "/weir.attestation.v1.MsgUpdatePilot": updatePilot,
  "/weir.attestation.v1.MsgGovernSoftware": governSoftware,
  "/weir.attestation.v1.MsgDeny": deny,
  "/weir.attestation.v1.MsgPardon": pardon,
};
