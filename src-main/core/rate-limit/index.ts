export { CircuitBreaker } from './circuit-breaker.ts';
export { RateLimiter, defaultRateLimits, type Permit } from './rate-limiter.ts';
export { RateLimitSettings } from './rate-limit-settings.ts';
export { createRateLimitedProviders, notSentResult } from './with-rate-limit.ts';
