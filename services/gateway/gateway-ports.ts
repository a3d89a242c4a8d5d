import type { CommandPort } from '#contracts/ports/command-gateway.js';
import type { ReadSide } from '#platform/read-side/index.js';
import type { OrderExplainer } from '#platform/explain/order-explainer.js';
import type { TokenStore } from '#platform/identity/token-store.js';
import type { InstrumentCatalogue } from './instruments/instrument-catalogue.js';
import type { LiveFeed } from './live/live-feed.js';
import type { Revocations } from './live/revocations.js';

/** Facts about this gateway for /ready and /api/v1/system. */
export interface GatewayFacts {
  readonly version: string;
  readonly startedAtMs: number;
  /** What operator commands need; shown to operator tokens alone. */
  readonly operator: { readonly natsUrl: string; readonly configFile: string | null; readonly dataDir: string };
}

/** Everything that the gateway talks to, made by start-gateway.ts and handed to Nest as values. */
export interface GatewayPorts {
  readonly commands: CommandPort;
  readonly readSide: ReadSide;
  readonly tokens: TokenStore;
  readonly catalogue: InstrumentCatalogue;
  readonly feed: LiveFeed;
  readonly revocations: Revocations;
  readonly explainer: OrderExplainer;
  readonly facts: GatewayFacts;
  /** Accounts that a newcomer may try, with their tokens; empty outside a demo installation. */
  readonly demoAccounts: readonly DemoCredential[];
}

/** What a newcomer needs to trade in a demo installation. */
export interface DemoCredential {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

/** Injection tokens, one per port. */
export const commandPort = Symbol('CommandPort');
export const readSide = Symbol('ReadSide');
export const tokenStore = Symbol('TokenStore');
export const instrumentCatalogue = Symbol('InstrumentCatalogue');
export const liveFeed = Symbol('LiveFeed');
export const revocationList = Symbol('Revocations');
export const orderExplainer = Symbol('OrderExplainer');
export const gatewayFacts = Symbol('GatewayFacts');
export const demoCredentialList = Symbol('DemoCredentials');
