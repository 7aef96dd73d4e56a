/** Makes handlers of generated messages: what every module's messages.ts and queries.ts say once a line. */
import { type GeneratedMessage, messageCodec } from "./codec.ts";
import type { ReadContext } from "./context.ts";
import type { MessageHandler, QueryHandler, Sync } from "./module.ts";

export function message<M, R>(
  request: GeneratedMessage<M>,
  response: GeneratedMessage<R>,
  rules: Pick<MessageHandler<M, R>, "signers" | "validate" | "furtherSignatures" | "reads" | "execute">,
): MessageHandler<M, R> {
  return { request: messageCodec(request), response: messageCodec(response), ...rules };
}

export function query<Q, R>(
  request: GeneratedMessage<Q>,
  response: GeneratedMessage<R>,
  run: (ctx: ReadContext, query: Q) => Sync<R>,
): QueryHandler<Q, R> {
  return { request: messageCodec(request), response: messageCodec(response), run };
}
