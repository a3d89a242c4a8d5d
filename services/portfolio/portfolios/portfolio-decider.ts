/** Rules of portfolios. Pure. */
import type { Decider } from '#contracts/events/decider.js';
import type { PortfolioCreated, PortfolioEvent } from '#contracts/events/portfolio-events.js';
import { sameData } from '#contracts/events/same-data.js';
import { parseAccountId } from '#contracts/ids/ids.js';
import { assertNever, ok, refuse, type Result } from '#contracts/result/result.js';

export type CreatePortfolio = { readonly type: 'CreatePortfolio' } & Omit<PortfolioCreated, 'type'>;
export interface RenamePortfolio {
  readonly type: 'RenamePortfolio';
  readonly portfolioId: string;
  readonly name: string;
}
export interface DescribePortfolio {
  readonly type: 'DescribePortfolio';
  readonly portfolioId: string;
  readonly description: string;
}
export interface ArchivePortfolio {
  readonly type: 'ArchivePortfolio';
  readonly portfolioId: string;
}
export type PortfolioCommand = CreatePortfolio | RenamePortfolio | DescribePortfolio | ArchivePortfolio;

export type PortfolioState =
  | { readonly status: 'Absent' }
  | {
      readonly status: 'Active' | 'Archived';
      readonly creation: Omit<PortfolioCreated, 'type'>;
      readonly name: string;
      readonly description: string | null;
    };

const descriptionMax = 4_096;
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const invalidName = (name: string): boolean => name.trim() === '' || name.length > 255;
const unknown = (portfolioId: string): Result<never> => refuse('STREAM_NOT_FOUND', { portfolioId });

const create = (command: CreatePortfolio, state: PortfolioState): Result<readonly PortfolioEvent[]> => {
  const { type: _type, ...creation } = command;
  if (state.status !== 'Absent') {
    return sameData(state.creation, creation) ? ok([]) : refuse('ALREADY_EXISTS', { portfolioId: command.portfolioId });
  }
  if (!uuidPattern.test(command.portfolioId)) return refuse('INVALID_ARGUMENT', { argument: 'portfolioId', expected: 'a UUID' });
  const account = parseAccountId(command.accountId);
  if (!account.ok) return account;
  if (invalidName(command.name)) return refuse('INVALID_ARGUMENT', { argument: 'name', expected: '1 to 255 characters' });
  return ok([{ type: 'PortfolioCreated', ...creation }]);
};

export const portfolioDecider: Decider<PortfolioCommand, PortfolioEvent, PortfolioState> = {
  initialState: { status: 'Absent' },
  decide: (command, state) => {
    if (command.type === 'CreatePortfolio') return create(command, state);
    const { portfolioId } = command;
    if (state.status === 'Absent') return unknown(portfolioId);
    if (command.type === 'ArchivePortfolio') return state.status === 'Archived' ? ok([]) : ok([{ type: 'PortfolioArchived', portfolioId }]);
    if (state.status === 'Archived') return unknown(portfolioId); // what is archived is not edited
    switch (command.type) {
      case 'RenamePortfolio':
        if (invalidName(command.name)) return refuse('INVALID_ARGUMENT', { argument: 'name', expected: '1 to 255 characters' });
        return command.name === state.name ? ok([]) : ok([{ type: 'PortfolioRenamed', portfolioId, name: command.name }]);
      case 'DescribePortfolio':
        if (command.description.length > descriptionMax) {
          return refuse('INVALID_ARGUMENT', { argument: 'description', expected: `at most ${descriptionMax} characters` });
        }
        return command.description === state.description
          ? ok([])
          : ok([{ type: 'PortfolioDescribed', portfolioId, description: command.description }]);
      default:
        return assertNever(command);
    }
  },
  evolve: (state, event) => {
    if (event.type === 'PortfolioCreated') {
      const { type: _type, ...creation } = event;
      return { status: 'Active', creation, name: event.name, description: null };
    }
    if (state.status === 'Absent') return state;
    switch (event.type) {
      case 'PortfolioRenamed':
        return { ...state, name: event.name };
      case 'PortfolioDescribed':
        return { ...state, description: event.description };
      case 'PortfolioArchived':
        return { ...state, status: 'Archived' };
      default:
        return assertNever(event);
    }
  },
};
