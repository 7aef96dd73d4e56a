/** Authz's events: protobuf messages, as the SDK emits them. */
import { typedEvent } from "../../chain/events.ts";
import { EventGrant, EventRevoke } from "../../proto/gen/cosmos/authz/v1beta1/event.ts";

export interface GrantNames {
  readonly granter: string;
  readonly grantee: string;
  readonly messageUrl: string;
}

const fieldsOf = ({ granter, grantee, messageUrl }: GrantNames) => ({ granter, grantee, msg_type_url: messageUrl });

export const granted = (names: GrantNames) => typedEvent(EventGrant.$type, fieldsOf(names));
export const revoked = (names: GrantNames) => typedEvent(EventRevoke.$type, fieldsOf(names));
