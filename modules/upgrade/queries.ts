/** Upgrade's queries, answered as cosmossdk.io/x/upgrade/keeper/grpc_query.go does. */
import { authorityAddress } from "../../chain/authority.ts";
import { query } from "../../chain/handlers.ts";
import * as proto from "../../proto/gen/cosmos/upgrade/v1beta1/query.ts";
import { noModuleVersion } from "./errors.ts";
import { doneHeight } from "./keeper.ts";
import { plan, versions } from "./state.ts";

const service = "/cosmos.upgrade.v1beta1.Query";

export const queries = {
  [`${service}/CurrentPlan`]: query(proto.QueryCurrentPlanRequest, proto.QueryCurrentPlanResponse, (ctx) => ({
    plan: plan.get(ctx),
  })),
  [`${service}/AppliedPlan`]: query(proto.QueryAppliedPlanRequest, proto.QueryAppliedPlanResponse, (ctx, { name }) => ({
    height: doneHeight(ctx, name),
  })),
  // Nothing of IBC is ever stored here: the SDK's answer then.
  [`${service}/UpgradedConsensusState`]: query(
    proto.QueryUpgradedConsensusStateRequest,
    proto.QueryUpgradedConsensusStateResponse,
    () => ({ upgradedConsensusState: new Uint8Array(0) }),
  ),
  [`${service}/ModuleVersions`]: query(
    proto.QueryModuleVersionsRequest,
    proto.QueryModuleVersionsResponse,
    (ctx, { moduleName }) => {
      if (moduleName === "") {
        return { moduleVersions: [...versions.iterate(ctx)].map(([name, version]) => ({ name, version })) };
      }
      const version = versions.get(ctx, moduleName);
      if (version === undefined) throw noModuleVersion(moduleName);
      return { moduleVersions: [{ name: moduleName, version }] };
    },
  ),
  [`${service}/Authority`]: query(proto.QueryAuthorityRequest, proto.QueryAuthorityResponse, () => ({
    address: authorityAddress(),
  })),
};
