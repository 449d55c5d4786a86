export { RateLimiter, defaultRateLimits } from './rate-limiter.ts';
export { RateLimitSettings } from './rate-limit-settings.ts';
export { createRateLimitedProviders, type Priority } from './with-rate-limit.ts';
