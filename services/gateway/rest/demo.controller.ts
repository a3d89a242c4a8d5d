import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { FulltapeError } from '#contracts/result/result.js';
import { demoCredentialList, type DemoCredential } from '../gateway-ports.js';

const isLoopback = (address: string): boolean => /^(::1|127\.\d+\.\d+\.\d+|::ffff:127\.\d+\.\d+\.\d+)$/.test(address);
/** The name under which the browser asked: a foreign one means that another site's page points here. */
const isLocalHost = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host);

/** Lets a newcomer on this machine trade at once: the demo accounts and their tokens, given to loopback alone. */
@Controller()
export class DemoController {
  constructor(@Inject(demoCredentialList) private readonly accounts: readonly DemoCredential[]) {}

  @Get('api/v1/demo')
  demo(@Req() request: FastifyRequest): { readonly accounts: readonly DemoCredential[] } {
    if (!isLoopback(request.socket.remoteAddress ?? '') || !isLocalHost(request.headers.host ?? ''))
      throw new FulltapeError('FORBIDDEN', { why: 'demo tokens are given to this machine alone' });
    return { accounts: this.accounts };
  }
}
