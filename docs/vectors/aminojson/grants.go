package main

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	authz "cosmossdk.io/api/cosmos/authz/v1beta1"
	bank "cosmossdk.io/api/cosmos/bank/v1beta1"
	base "cosmossdk.io/api/cosmos/base/v1beta1"
	distribution "cosmossdk.io/api/cosmos/distribution/v1beta1"
	feegrant "cosmossdk.io/api/cosmos/feegrant/v1beta1"
	slashing "cosmossdk.io/api/cosmos/slashing/v1beta1"
	staking "cosmossdk.io/api/cosmos/staking/v1beta1"
	vesting "cosmossdk.io/api/cosmos/vesting/v1beta1"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"weir/vectors/output"
)

const operator = "weirvaloper1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5tp25hv"

// stake packs a stake authorization with its fields in ascending order, as wallets and the SDK's own code write it: Go's protobuf puts a
// oneof last.
func stake(authorization *stakingtypes.StakeAuthorization) *anypb.Any {
	bytes, err := authorization.Marshal()
	output.Check(err)
	return &anypb.Any{TypeUrl: "/cosmos.staking.v1beta1.StakeAuthorization", Value: bytes}
}

func validators(addresses ...string) *stakingtypes.StakeAuthorization_Validators {
	return &stakingtypes.StakeAuthorization_Validators{Address: addresses}
}

// addGrants adds messages that hold others in an Any, and the messages of staking and its neighbours that wallets sign.
func addGrants(add func(name string, m proto.Message)) {
	never := (*timestamppb.Timestamp)(nil)
	year := &timestamppb.Timestamp{Seconds: 1893456000, Nanos: 120000000}
	grant := func(m proto.Message, expiration *timestamppb.Timestamp) *authz.MsgGrant {
		return &authz.MsgGrant{Granter: alice, Grantee: bob, Grant: &authz.Grant{Authorization: pack(m), Expiration: expiration}}
	}
	add("a generic grant", grant(&authz.GenericAuthorization{Msg: "/cosmos.gov.v1.MsgVote"}, never))
	add("a generic grant that ends", grant(&authz.GenericAuthorization{Msg: "/cosmos.gov.v1.MsgVote"}, year))
	add("a generic grant of nothing", grant(&authz.GenericAuthorization{}, never))
	add("a send grant", grant(&bank.SendAuthorization{SpendLimit: []*base.Coin{coin("uweir", "5")}, AllowList: []string{bob}}, year))
	add("a send grant of nothing", grant(&bank.SendAuthorization{}, never))
	granted := func(authorization *anypb.Any, expiration *timestamppb.Timestamp) *authz.MsgGrant {
		return &authz.MsgGrant{Granter: alice, Grantee: bob, Grant: &authz.Grant{Authorization: authorization, Expiration: expiration}}
	}
	limit := sdk.NewInt64Coin("uweir", 7)
	add("a stake grant", granted(stake(&stakingtypes.StakeAuthorization{
		MaxTokens:         &limit,
		Validators:        &stakingtypes.StakeAuthorization_AllowList{AllowList: validators(operator)},
		AuthorizationType: stakingtypes.AuthorizationType_AUTHORIZATION_TYPE_DELEGATE,
	}), year))
	add("a stake grant with a list of the denied", granted(stake(&stakingtypes.StakeAuthorization{
		Validators:        &stakingtypes.StakeAuthorization_DenyList{DenyList: validators(operator, operator)},
		AuthorizationType: stakingtypes.AuthorizationType_AUTHORIZATION_TYPE_REDELEGATE,
	}), never))
	add("a stake grant with an empty list", granted(stake(&stakingtypes.StakeAuthorization{
		Validators: &stakingtypes.StakeAuthorization_DenyList{DenyList: validators()},
	}), never))
	add("a grant of nothing", &authz.MsgGrant{Granter: alice, Grantee: bob, Grant: &authz.Grant{}})
	add("a revocation", &authz.MsgRevoke{Granter: alice, Grantee: bob, MsgTypeUrl: "/cosmos.bank.v1beta1.MsgSend"})
	exec := func(messages ...proto.Message) *authz.MsgExec {
		m := &authz.MsgExec{Grantee: bob}
		for _, message := range messages {
			m.Msgs = append(m.Msgs, pack(message))
		}
		return m
	}
	add("an exec", exec(send(coin("uweir", "1"))))
	add("an exec of several", exec(send(coin("uweir", "1")), grant(&authz.GenericAuthorization{Msg: "/a.B"}, year), &authz.MsgRevoke{}))
	add("an exec of an exec", exec(exec(exec(send(coin("uweir", "1"))))))
	add("an exec of nothing", exec())

	allow := func(m proto.Message) *feegrant.MsgGrantAllowance {
		return &feegrant.MsgGrantAllowance{Granter: alice, Grantee: bob, Allowance: pack(m)}
	}
	basic := &feegrant.BasicAllowance{SpendLimit: []*base.Coin{coin("uweir", "5")}, Expiration: year}
	periodic := &feegrant.PeriodicAllowance{
		Basic:            basic,
		Period:           &durationpb.Duration{Seconds: 3600, Nanos: 5},
		PeriodSpendLimit: []*base.Coin{coin("uusdc", "1"), coin("uweir", "2")},
		PeriodCanSpend:   nil,
		PeriodReset:      year,
	}
	add("a basic allowance", allow(basic))
	add("a basic allowance without a limit", allow(&feegrant.BasicAllowance{}))
	add("a periodic allowance", allow(periodic))
	add("an allowance for some messages", allow(&feegrant.AllowedMsgAllowance{Allowance: pack(periodic), AllowedMessages: []string{"/a.B", "/c.D"}}))
	add("an allowance for some messages of another", allow(&feegrant.AllowedMsgAllowance{Allowance: pack(&feegrant.AllowedMsgAllowance{Allowance: pack(basic)})}))
	add("a revoked allowance", &feegrant.MsgRevokeAllowance{Granter: alice, Grantee: bob})
	add("a pruning", &feegrant.MsgPruneAllowances{Pruner: alice})

	add("a vesting account", &vesting.MsgCreateVestingAccount{FromAddress: alice, ToAddress: bob, Amount: []*base.Coin{coin("uweir", "5")}, EndTime: 1893456000})
	add("a delayed vesting account", &vesting.MsgCreateVestingAccount{FromAddress: alice, ToAddress: bob, EndTime: -1, Delayed: true})
	add("a locked account", &vesting.MsgCreatePermanentLockedAccount{FromAddress: alice, ToAddress: bob, Amount: []*base.Coin{coin("uweir", "5")}})
	add("a periodic vesting account", &vesting.MsgCreatePeriodicVestingAccount{FromAddress: alice, ToAddress: bob, StartTime: 7, VestingPeriods: []*vesting.Period{
		{Length: 60, Amount: []*base.Coin{coin("uweir", "5")}}, {}, {Length: 1},
	}})
	add("a periodic vesting account without periods", &vesting.MsgCreatePeriodicVestingAccount{FromAddress: alice})
	base := &vesting.BaseVestingAccount{OriginalVesting: []*base.Coin{coin("uweir", "5")}, DelegatedFree: []*base.Coin{coin("uweir", "1")}, EndTime: 9}
	add("a stored continuous account", &vesting.ContinuousVestingAccount{BaseVestingAccount: base, StartTime: 3})
	add("a stored locked account", &vesting.PermanentLockedAccount{BaseVestingAccount: base})

	add("a delegation", &staking.MsgDelegate{DelegatorAddress: alice, ValidatorAddress: operator, Amount: coin("uweir", "1")})
	add("an undelegation", &staking.MsgUndelegate{DelegatorAddress: alice, ValidatorAddress: operator, Amount: coin("uweir", "1")})
	add("a redelegation", &staking.MsgBeginRedelegate{DelegatorAddress: alice, ValidatorSrcAddress: operator, ValidatorDstAddress: operator, Amount: coin("uweir", "1")})
	add("a cancelled undelegation", &staking.MsgCancelUnbondingDelegation{DelegatorAddress: alice, ValidatorAddress: operator, Amount: coin("uweir", "1"), CreationHeight: 9})
	add("a validator", &staking.MsgCreateValidator{
		Description:       &staking.Description{Moniker: strange, Details: "d"},
		Commission:        &staking.CommissionRates{Rate: "100000000000000000", MaxRate: "200000000000000000", MaxChangeRate: "10000000000000000"},
		MinSelfDelegation: "1",
		ValidatorAddress:  operator,
		Pubkey:            &anypb.Any{TypeUrl: "/cosmos.crypto.secp256k1.PubKey", Value: marshal(secp(7))},
		Value:             coin("uweir", "1000000"),
	})
	add("an edited validator", &staking.MsgEditValidator{Description: &staking.Description{Moniker: "[do-not-modify]"}, ValidatorAddress: operator, CommissionRate: "50000000000000000"})
	add("withdrawn rewards", &distribution.MsgWithdrawDelegatorReward{DelegatorAddress: alice, ValidatorAddress: operator})
	add("withdrawn commission", &distribution.MsgWithdrawValidatorCommission{ValidatorAddress: operator})
	add("a withdraw address", &distribution.MsgSetWithdrawAddress{DelegatorAddress: alice, WithdrawAddress: bob})
	add("a funded pool", &distribution.MsgFundCommunityPool{Depositor: alice, Amount: nil})
	add("an unjailing", &slashing.MsgUnjail{ValidatorAddr: operator})
}
