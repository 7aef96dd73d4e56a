/** Addresses in staking's messages. An operator signs with the account of the same bytes. */
import { type AddressFormat, accountAddress, validatorAddress } from "../../chain/address.ts";
import { ChainError, sdk } from "../../chain/errors.ts";

/** `which` names the field as the SDK does. */
export function decodedAddress(format: AddressFormat, text: string, which: string): Uint8Array {
  try {
    return format.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw sdk.invalidAddress(`invalid ${which} address: ${error.message}`);
    throw error;
  }
}

/** The account that signs for an operator; text that is none stays what it is, which no account's address is either. */
export function operatorAccount(operatorAddress: string): string {
  try {
    return accountAddress.encode(validatorAddress.decode(operatorAddress));
  } catch (error) {
    if (error instanceof ChainError) return operatorAddress;
    throw error;
  }
}
