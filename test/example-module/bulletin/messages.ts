/** The bulletin's messages: who signs, what is checked without state, and which rule runs. */
import { accountAddress } from "../../../chain/address.ts";
import { message } from "../../../chain/handlers.ts";
import { MsgPin, MsgPinResponse, MsgUnpin, MsgUnpinResponse } from "../gen/weir/bulletin/v1/tx.ts";
import { pin, unpin } from "./keeper.ts";
import { requireText } from "./text.ts";

export const messages = {
  "/weir.bulletin.v1.MsgPin": message(MsgPin, MsgPinResponse, {
    signers: ({ author }) => [author],
    validate({ author, text }) {
      accountAddress.decode(author);
      requireText(text);
    },
    execute: (ctx, { author, text }) => ({ id: pin(ctx, { author, text }) }),
  }),

  "/weir.bulletin.v1.MsgUnpin": message(MsgUnpin, MsgUnpinResponse, {
    signers: ({ author }) => [author],
    validate({ author }) {
      accountAddress.decode(author);
    },
    execute(ctx, { author, id }) {
      unpin(ctx, id, author);
      return {};
    },
  }),
};
