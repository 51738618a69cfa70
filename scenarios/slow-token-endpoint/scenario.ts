import type { LoadStep, Scenario } from '../scenario.js';

/** Profiles are measured; logins go on meanwhile, more than there are connections. */
const PROFILES = { connections: 5, alongside: [{ request: 'POST /login', connections: 15 }] } satisfies Partial<LoadStep>;

export const slowTokenEndpoint: Scenario = {
  name: 'slow-token-endpoint',
  summary: "When the identity provider turns slow, so does every page, even those that don't ask it.",
  fault: 'The login exchanges its code at the token endpoint inside a transaction, so each slow exchange holds a connection.',
  cure: 'The code is exchanged first, and then the transaction begins.',
  poolSize: 10,
  request: 'GET /profile',
  schema: "create table users (id int primary key, name text); insert into users values (1, 'Ada'); create table logins (id bigserial primary key, code text, token text)",
  servers: { TOKEN_URL: 'token-endpoint' },
  steps: [
    { ...PROFILES, label: 'before', seconds: 1 },
    { ...PROFILES, label: 'token endpoint slow', seconds: 2, first: 'TOKEN_URL POST /slow' },
    { ...PROFILES, label: 'after', seconds: 1, first: 'TOKEN_URL POST /quick' },
  ],
  headline: 1,
  gain: { in: 'latency', factor: 1.5 },
  variants: {
    faulty: {
      expect: [
        { rule: 'await-in-transaction', marker: 'the fault' },
        { rule: 'pool-starvation', cause: 'held-idle', marker: 'the fault' },
      ],
    },
    fixed: { expect: [] },
  },
};
