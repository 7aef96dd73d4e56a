/**
 * The one place that changes parameters: every module's MsgUpdateParams is made here, so that its signer, what its fields mean together and
 * the ranges of the constitution are checked alike, when it is proposed (validate) and when it is executed. Owns no rule of a module.
 */
import { requireAuthority } from "./authority.ts";
import { type GeneratedMessage, messageCodec } from "./codec.ts";
import type { Context } from "./context.ts";
import { type ChainError, unregistered } from "./errors.ts";
import type { MessageHandler } from "./module.ts";
import { type ModuleParameters, rangeProblem } from "./parameters.ts";

export interface UpdateRules<M, P> {
  /** The whole of the params, as far as the message alone says them. */
  params(message: M): P;
  /** What is wrong with them together, in the module's own words; undefined when all is well. */
  problem(params: P): string | undefined;
  /** The error that a problem is refused by: unless said, as the SDK refuses what it has no code for. */
  readonly refusal?: (problem: string) => ChainError;
  /** In place of the check of the signer alone, where more is checked of the message. */
  authorize?(message: M): void;
  /** May refuse them because of the state. */
  store(ctx: Context, params: P, message: M): void;
}

export function parameterUpdate<M extends { readonly authority: string }, R, P extends object>(
  request: GeneratedMessage<M>,
  response: GeneratedMessage<R>,
  parameters: ModuleParameters<P>,
  { params, problem, refusal = unregistered, authorize, store }: UpdateRules<M, P>,
): MessageHandler<M, R> {
  const check = (candidate: P): void => {
    const found = problem(candidate) ?? rangeProblem(parameters, candidate);
    if (found !== undefined) throw refusal(found);
  };
  const answer = messageCodec(response);
  return {
    request: messageCodec(request),
    response: answer,
    signers: ({ authority }) => [authority],
    validate(message) {
      if (authorize === undefined) requireAuthority(message.authority);
      else authorize(message);
      check(params(message));
    },
    execute(ctx, message) {
      const next = parameters.proposed(ctx, message);
      check(next);
      const refused = parameters.refuse?.(ctx, next);
      if (refused !== undefined) throw refusal(refused);
      store(ctx, next, message);
      return answer.fromPartial({}) as R & { readonly then?: never };
    },
  };
}
