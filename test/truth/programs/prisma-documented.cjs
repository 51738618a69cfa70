// Prisma 7 from CommonJS: an extension, retries of a write conflict, raw SQL, sequential and interactive transactions, a loop
// rules: await-in-transaction, nested-checkout, repeated-query
const { PrismaPg } = require('@prisma/adapter-pg');
const { Pool } = require('pg');

async function main() {
  const { PrismaClient } = await import('./prisma-client.mjs');
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 8 });
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool), transactionOptions: { maxWait: 10_000, timeout: 20_000 } }).$extends({
    model: { user: { byEmail: (email) => prisma.user.findMany({ where: { email } }) } },
    query: { $allModels: { $allOperations: ({ args, query }) => query(args) } },
  });

  const pay = (id) =>
    prisma.$transaction(async (tx) => {
      await tx.account.update({ where: { id }, data: { balance: { increment: 1 } } });
      const answer = await fetch(`${process.env.SERVICE_URL}/pay/${id}`); // ← await-in-transaction
      await tx.user.updateMany({ where: { id }, data: { email: await answer.text() } });
    });

  let tries = 0;
  async function retried() {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        return await prisma.$transaction(
          async (tx) => {
            await tx.account.count();
            if (++tries % 2 === 1) throw Object.assign(new Error('write conflict'), { code: 'P2034' });
            return tx.account.findMany();
          },
          { isolationLevel: 'Serializable' },
        );
      } catch (error) {
        if (error.code !== 'P2034') throw error;
        await fetch(`${process.env.SERVICE_URL}/again`);
      }
    }
  }

  const forgotten = (id) =>
    prisma.$transaction(async (tx) => {
      await tx.user.findUniqueOrThrow({ where: { id } });
      await prisma.$queryRaw`select count(*) from orders`; // ← nested-checkout
      await tx.$executeRaw`update users set email = 'x' where id = ${id}`;
    });

  const loadEach = () =>
    prisma.$transaction(async (tx) => {
      for (let id = 1; id <= 15; id++) {
        await tx.account.findMany({ where: { id } }); // ← repeated-query
      }
    });

  const several = () => prisma.$transaction([prisma.user.count(), prisma.account.count(), prisma.$queryRaw`select 1`]);

  for (let round = 0; round < 3; round++) await Promise.all([pay(1), pay(2), retried(), forgotten(3), several(), prisma.user.findMany({ take: 2 })]);
  await loadEach();
  await prisma.$disconnect();
  await pool.end();
}
main();
