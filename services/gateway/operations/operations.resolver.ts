import { Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type {
  OperatorAck,
  SetReferencePriceInput,
  SetRestrictionInput,
  SetRiskLimitsInput,
  SetSessionInput,
  SettleInstrumentInput,
  SetTradingStateInput,
  SetTripRuleInput,
} from '../graphql.generated.js';
import { requirePermission, type RequestContext } from '../graphql/request-context.js';
import { OperatorActionCommand } from './operator-action.handler.js';
import type { OperatorAction } from './operator-input.js';

/** Mutations of operators: each needs the permission `operate`, whatever accounts the token may use. */
@Resolver()
export class OperationsResolver {
  constructor(@Inject(CommandBus) private readonly bus: CommandBus) {}

  @Mutation()
  setTradingState(@Args('input') input: SetTradingStateInput, @Context() context: RequestContext): Promise<OperatorAck> {
    return this.#run({ type: 'setTradingState', input }, context);
  }

  @Mutation()
  setSession(@Args('input') input: SetSessionInput, @Context() context: RequestContext): Promise<OperatorAck> {
    return this.#run({ type: 'setSession', input }, context);
  }

  @Mutation()
  setRiskLimits(@Args('input') input: SetRiskLimitsInput, @Context() context: RequestContext): Promise<OperatorAck> {
    return this.#run({ type: 'setRiskLimits', input }, context);
  }

  @Mutation()
  setRestriction(@Args('input') input: SetRestrictionInput, @Context() context: RequestContext): Promise<OperatorAck> {
    return this.#run({ type: 'setRestriction', input }, context);
  }

  @Mutation()
  setTripRule(@Args('input') input: SetTripRuleInput, @Context() context: RequestContext): Promise<OperatorAck> {
    return this.#run({ type: 'setTripRule', input }, context);
  }

  @Mutation()
  setReferencePrice(@Args('input') input: SetReferencePriceInput, @Context() context: RequestContext): Promise<OperatorAck> {
    return this.#run({ type: 'setReferencePrice', input }, context);
  }

  @Mutation()
  settleInstrument(@Args('input') input: SettleInstrumentInput, @Context() context: RequestContext): Promise<OperatorAck> {
    return this.#run({ type: 'settleInstrument', input }, context);
  }

  #run(action: OperatorAction, context: RequestContext): Promise<OperatorAck> {
    const { name } = requirePermission(context, 'operate');
    return this.bus.execute(new OperatorActionCommand(name, action));
  }
}
