import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import { FulltapeError } from '#contracts/result/result.js';
import { riskRuleModels, riskRulesView, type ReadSnapshot, type RiskRulesView, type RulesOf } from '#platform/read-side/index.js';
import { scopeStateNodeOf } from '../accounts/account-nodes.js';
import type { RiskRules } from '../graphql.generated.js';
import {
  limitScopeNames,
  restrictionNames,
  stateScopeNames,
  tradingPhaseNames,
  tradingStateNames,
  tripRuleNames,
} from '../graphql/enum-names.js';
import { requireAccount, requirePermission, type RequestContext } from '../graphql/request-context.js';
import { instrumentNodeOf, type InstrumentNode } from '../instruments/instrument-node.js';

interface RiskRulesNode extends Omit<RiskRules, 'stoppedInstruments'> {
  readonly stoppedInstruments: readonly InstrumentNode[];
}

const rulesOf = async ({ reference }: ReadSnapshot, accountId: number): Promise<RulesOf> => {
  const [account] = await reference.accounts([accountId]);
  if (account === undefined) throw new FulltapeError('UNKNOWN_ACCOUNT', { accountId: String(accountId) });
  return { accountId, groupId: account.groupId };
};

const riskRulesNodeOf = (view: RiskRulesView, position: string): RiskRulesNode => ({
  limits: view.limits.map(({ scope, targetId, maxPriceAgeMs, ...bounds }) => ({
    ...bounds,
    scope: limitScopeNames[scope],
    targetId: String(targetId),
    maxPriceAgeMs: maxPriceAgeMs === null ? null : String(maxPriceAgeMs),
  })),
  restrictedListVersion: view.restrictedListVersion,
  restrictions: view.restrictions.map(({ accountId, restriction, ...entry }) => ({
    ...entry,
    accountId: accountId === null ? null : String(accountId),
    restriction: restrictionNames[restriction],
  })),
  tripRules: view.tripRules.map(({ scope, targetId, rule, resultingState, resultingPhase, ...entry }) => ({
    ...entry,
    scope: stateScopeNames[scope],
    targetId: String(targetId),
    rule: tripRuleNames[rule],
    resultingState: resultingState === null ? null : tradingStateNames[resultingState],
    resultingPhase: resultingPhase === null ? null : tradingPhaseNames[resultingPhase],
  })),
  states: view.states.map(scopeStateNodeOf),
  stoppedInstruments: view.stoppedInstruments.map((row) => instrumentNodeOf(row)),
  position,
});

/** What is in force beside the orders: limits, restricted list, circuit breakers, states. */
@Resolver()
export class RiskRulesResolver {
  @Query()
  async riskRules(
    @Args() args: { accountId?: string | null; atLeast?: string | null },
    @Context() context: RequestContext,
  ): Promise<RiskRulesNode> {
    const named = args.accountId ?? null;
    const accountId = named === null ? null : requireAccount(context, named, 'read');
    if (accountId === null) requirePermission(context, 'operate');
    const { snapshot, positionOf } = await context.reads.at(args.atLeast, riskRuleModels);
    const of = accountId === null ? null : await rulesOf(snapshot, accountId);
    return riskRulesNodeOf(await riskRulesView(snapshot, of), positionOf(riskRuleModels));
  }
}
