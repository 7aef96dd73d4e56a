/**
 * What messages of a proposal mean: which of them a proposal may hold, which parameters they change and what class of vote that takes.
 * Owns no parameter: each module declares its own (Module.parameters).
 */
import { accountAddress } from "../../chain/address.ts";
import { governance, invalidSigner } from "../../chain/authority.ts";
import type { ReadContext } from "../../chain/context.ts";
import { ChainError } from "../../chain/errors.ts";
import type { AnyMessageHandler } from "../../chain/module.ts";
import { type AnyModuleParameters, type ParameterChange, parameterChanges } from "../../chain/parameters.ts";
import { compareBytes } from "../../chain/store/types.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { schema } from "../../proto/schema.ts";
import {
  invalidProposalMessage,
  messageNotForProposals,
  parameterIsFixed,
  unroutableProposalMessage,
} from "./errors.ts";
import { execLegacyUrl } from "./legacy.ts";

/** What gov knows of all modules: it executes their messages and reads their declarations. */
export interface Router {
  handler(typeUrl: string): AnyMessageHandler | undefined;
  parameters(): readonly Declared[];
}

export interface Declared {
  readonly module: string;
  readonly parameters: AnyModuleParameters;
}

export interface OpenMessage {
  readonly typeUrl: string;
  readonly handler: AnyMessageHandler;
  readonly value: unknown;
}

// ---------------------------------------------------------------------------------------------------- what may be proposed

const userOfGov = "the governance account neither proposes nor votes; send it from an account of yours";
const nested = "a proposal says its messages itself; propose them directly, so that voters see what they change";
const handsOver = "the authority of governance cannot be handed on; propose the messages themselves";

/** Executing it spends nothing, so that no look at the balance afterwards would tell. */
const paysLater = "what the governance account holds are deposits of proposals, which pay nobody's fees";

const refusedUrls: ReadonlyMap<string, string> = new Map([
  ...["v1", "v1beta1"].flatMap((version) =>
    ["MsgSubmitProposal", "MsgDeposit", "MsgVote", "MsgVoteWeighted", "MsgCancelProposal"].map(
      (name) => [`/cosmos.gov.${version}.${name}`, userOfGov] as const,
    ),
  ),
  ["/cosmos.authz.v1beta1.MsgGrant", handsOver],
  ["/cosmos.feegrant.v1beta1.MsgGrantAllowance", paysLater],
]);

/** Messages within messages would be executed without having been looked at. */
const carriesMessages = (typeUrl: string): boolean =>
  schema().messages[typeUrl.slice(1)]?.fields.some(({ accepts }) => accepts === "cosmos.base.v1beta1.Msg") ?? false;

function requireForProposals(typeUrl: string): void {
  const why = refusedUrls.get(typeUrl) ?? (carriesMessages(typeUrl) ? nested : undefined);
  if (why !== undefined && typeUrl !== execLegacyUrl) throw messageNotForProposals(typeUrl, why);
}

function requireGovernanceSigns({ handler, value }: OpenMessage): void {
  const signers = handler.signers(value);
  if (signers.length !== 1) throw invalidSigner(`${signers.length} signers`);
  const [signer] = signers;
  let address: Uint8Array;
  try {
    address = accountAddress.decode(signer!);
  } catch (error) {
    if (error instanceof ChainError) throw invalidSigner(signer!);
    throw error;
  }
  if (compareBytes(address, governance) !== 0) throw invalidSigner(signer!);
}

export function openMessage(router: Router, { typeUrl, value }: Any): OpenMessage {
  const handler = router.handler(typeUrl);
  if (handler === undefined) throw unroutableProposalMessage(typeUrl);
  return { typeUrl, handler, value: handler.request.decode(value) };
}

/** Opens the messages and refuses what no proposal may hold, by the first that is wrong. */
export function openProposed(router: Router, messages: readonly Any[]): OpenMessage[] {
  return messages.map((message) => {
    requireForProposals(message.typeUrl);
    const opened = openMessage(router, message);
    requireGovernanceSigns(opened);
    try {
      opened.handler.validate(opened.value);
    } catch (error) {
      if (error instanceof ChainError) throw invalidProposalMessage(error.message);
      throw error;
    }
    return opened;
  });
}

// ------------------------------------------------------------------------------------------------------------ what it changes

export interface ProposedChange extends ParameterChange {
  readonly module: string;
  readonly messageIndex: number;
}

export interface Meaning {
  readonly changes: readonly ProposedChange[];
  readonly isEconomic: boolean;
  /** It lets more out of the reserve or raises the emission: it waits after its vote. */
  readonly isLoosening: boolean;
}

function changesOf(ctx: ReadContext, declared: readonly Declared[], message: OpenMessage, messageIndex: number) {
  const own = declared.find(({ parameters }) => parameters.message === message.typeUrl);
  if (own === undefined) return [];
  const { module, parameters } = own;
  const next = parameters.proposed(ctx, message.value);
  const refused = parameters.refuse?.(ctx, next);
  if (refused !== undefined) throw invalidProposalMessage(refused);
  return parameterChanges(parameters, parameters.read(ctx), next).map((change): ProposedChange => {
    if (change.rule.class === "fixed") throw parameterIsFixed(`${module}'s ${change.name}`, message.typeUrl);
    return { ...change, module, messageIndex };
  });
}

/** In the state as it is now. Several messages may change one parameter: each is compared with what there is. */
export function meaningOf(ctx: ReadContext, router: Router, messages: readonly OpenMessage[]): Meaning {
  const declared = router.parameters();
  const changes = messages.flatMap((message, index) => changesOf(ctx, declared, message, index));
  return {
    changes,
    isEconomic: changes.some(({ rule }) => rule.class === "economic"),
    isLoosening: changes.some(({ isLoosening }) => isLoosening),
  };
}

export const economicNames = ({ changes }: Meaning): string =>
  changes
    .filter(({ rule }) => rule.class === "economic")
    .map(({ module, name }) => `${module}'s ${name}`)
    .join(", ");
