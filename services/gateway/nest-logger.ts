import type { LoggerService } from '@nestjs/common';
import { logger } from '#platform/telemetry/logger.js';

/** Nest's own messages in the log of the process; its start-up chatter is for debugging alone. */
export class NestLogger implements LoggerService {
  log(message: unknown, context?: unknown): void {
    logger.debug({ message, context }, 'gateway.nest');
  }

  debug(message: unknown, context?: unknown): void {
    logger.debug({ message, context }, 'gateway.nest');
  }

  verbose(message: unknown, context?: unknown): void {
    logger.trace({ message, context }, 'gateway.nest');
  }

  warn(message: unknown, context?: unknown): void {
    logger.warn({ message, context }, 'gateway.nest');
  }

  error(message: unknown, stack?: unknown, context?: unknown): void {
    logger.error({ message, stack, context }, 'gateway.nest');
  }
}
