import { describe, it } from 'vitest';
import { specificationOf } from '#platform/event-store/testing/decider-specification.js';
import { portfolioDecider } from './portfolio-decider.js';

const { given } = specificationOf(portfolioDecider);

const portfolioId = '000003e9-0002-8000-8000-000000000000';
const creation = { portfolioId, accountId: 1001, userId: null, name: 'Main' } as const;
const create = { type: 'CreatePortfolio', ...creation } as const;
const created = { type: 'PortfolioCreated', ...creation } as const;
const renamed = { type: 'PortfolioRenamed', portfolioId, name: 'Growth' } as const;
const described = { type: 'PortfolioDescribed', portfolioId, description: 'long term' } as const;
const archived = { type: 'PortfolioArchived', portfolioId } as const;
const rename = { type: 'RenamePortfolio', portfolioId, name: 'Growth' } as const;
const describeIt = { type: 'DescribePortfolio', portfolioId, description: 'long term' } as const;
const archive = { type: 'ArchivePortfolio', portfolioId } as const;

describe('portfolios', () => {
  it('creates', () => given().when(create).then(created));
  it('is the same fact when repeated, even after a new name', () => given(created, renamed).when(create).thenNothing());
  it('refuses another creation under the id', () =>
    given(created)
      .when({ ...create, accountId: 1002 })
      .thenRejected('ALREADY_EXISTS'));
  it('refuses an id that is no UUID', () =>
    given()
      .when({ ...create, portfolioId: 'main' })
      .thenRejected('INVALID_ARGUMENT'));
  it('refuses an account of 0', () =>
    given()
      .when({ ...create, accountId: 0 })
      .thenRejected('INVALID_ARGUMENT'));
  it('refuses an empty name', () =>
    given()
      .when({ ...create, name: ' ' })
      .thenRejected('INVALID_ARGUMENT'));

  it('renames', () => given(created).when(rename).then(renamed));
  it('says nothing when the name is the same', () => given(created, renamed).when(rename).thenNothing());
  it('refuses an empty new name', () =>
    given(created)
      .when({ ...rename, name: '' })
      .thenRejected('INVALID_ARGUMENT'));

  it('describes', () => given(created).when(describeIt).then(described));
  it('says nothing when the description is the same', () => given(created, described).when(describeIt).thenNothing());
  it('refuses a description of 4,097 characters', () => {
    given(created)
      .when({ ...describeIt, description: 'x'.repeat(4_097) })
      .thenRejected('INVALID_ARGUMENT');
  });

  it('archives', () => given(created).when(archive).then(archived));
  it('says nothing when it is archived', () => given(created, archived).when(archive).thenNothing());
  for (const command of [rename, describeIt]) {
    it(`refuses ${command.type} of what does not exist or is archived`, () => {
      given().when(command).thenRejected('STREAM_NOT_FOUND');
      given(created, archived).when(command).thenRejected('STREAM_NOT_FOUND');
    });
  }
  it('refuses to archive what does not exist', () => given().when(archive).thenRejected('STREAM_NOT_FOUND'));
});
