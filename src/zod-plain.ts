import { config } from 'zod';

/**
 * Loaded first: zod then makes no code for its schemas, which is made when each is first used. Here most are used once, on little,
 * and to make the code takes longer than to do without it.
 */
config({ jitless: true });
