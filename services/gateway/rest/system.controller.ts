import { Controller, Get, HttpStatus, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { formatPosition } from '#contracts/position/position.js';
import { FulltapeError } from '#contracts/result/result.js';
import type { ReadSide } from '#platform/read-side/index.js';
import { bearerTokenOf, type TokenStore } from '#platform/identity/token-store.js';
import { gatewayFacts, liveFeed, readSide, tokenStore, type GatewayFacts } from '../gateway-ports.js';
import type { LiveFeed } from '../live/live-feed.js';

/** Answers of probes, and facts about the installation. */
@Controller()
export class SystemController {
  constructor(
    @Inject(gatewayFacts) private readonly facts: GatewayFacts,
    @Inject(liveFeed) private readonly feed: LiveFeed,
    @Inject(readSide) private readonly reads: ReadSide,
    @Inject(tokenStore) private readonly tokens: TokenStore,
  ) {}

  /** The process answers. */
  @Get('health')
  health(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  /** The gateway serves: it follows the tape and the read models answer. */
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const isReading = await this.reads.servedPosition().then(
      () => true,
      () => false,
    );
    const isReady = this.feed.isLive && isReading;
    if (!isReady) reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: isReady ? 'ready' : 'not ready', checks: { liveFeed: this.feed.isLive, readModels: isReading } };
  }

  @Get('api/v1/system')
  async system(@Req() request: FastifyRequest): Promise<object> {
    const token = bearerTokenOf(request.headers.authorization);
    const identity = token === null ? null : this.tokens.identify(token);
    if (identity === null) throw new FulltapeError('UNAUTHENTICATED');
    return {
      version: 1,
      product: { name: 'fulltape', version: this.facts.version, node: process.versions.node },
      uptimeSeconds: Math.floor((Date.now() - this.facts.startedAtMs) / 1_000),
      servedPosition: formatPosition(await this.reads.servedPosition()),
      livePosition: this.feed.position(),
      ...(identity.permissions.has('operate') ? { operator: this.facts.operator } : {}),
    };
  }
}
