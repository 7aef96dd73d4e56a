/** A grant of every message of one type, whatever it says. Pure. */
import { unregistered } from "../../chain/errors.ts";
import type { GenericAuthorization } from "../../proto/gen/cosmos/authz/v1beta1/authz.ts";
import type { Authorization } from "./authorization.ts";

export const genericAuthorization = ({ msg }: GenericAuthorization): Authorization => ({
  messageUrl: () => msg,
  check() {
    if (msg === "") throw unregistered("msg type cannot be empty");
  },
  accept: () => "unchanged",
});
