/** The message that registers an oracle, with the proofs that both its keys are its own. Pure. */
import { accountAddress } from "../../chain/address.ts";
import { prove, publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { signEd25519 } from "../../chain/crypto/sign.ts";
import { transportPossessionInput, vrfPossessionInput } from "../../modules/attestation/keys.ts";
import { MsgRegisterOracle } from "../../proto/gen/weir/attestation/v1/tx.ts";
import type { Identity } from "../transport/transport.ts";
import type { OracleSettings } from "./settings.ts";

export interface OracleRegistration {
  readonly settings: OracleSettings;
  readonly operator: string;
  readonly transportKey: Identity;
  readonly vrfSeed: Uint8Array;
  readonly bond: bigint;
  readonly softwareVersion: string;
}

export function registerOracleMessage(of: OracleRegistration): MsgRegisterOracle {
  const { settings, operator, transportKey, vrfSeed, bond, softwareVersion } = of;
  const { registration, chainId } = settings;
  const account = accountAddress.decode(operator);
  return MsgRegisterOracle.fromPartial({
    operator,
    moniker: registration.moniker,
    endpoints: [registration.endpoint],
    transportKey: {
      publicKey: transportKey.publicKey,
      possession: signEd25519(transportKey.seed, transportPossessionInput(chainId, account)),
    },
    vrfKey: { publicKey: publicKeyOf(vrfSeed), possession: prove(vrfSeed, vrfPossessionInput(chainId, account)) },
    declaredBps: registration.capacity,
    cell: registration.cell,
    bond: `${bond}`,
    softwareVersion,
  });
}
