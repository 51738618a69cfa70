// Prisma 7 with @prisma/adapter-pg: interactive transactions, batches, a full pool
// rules: await-in-transaction, connection-leak
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './prisma-client.mjs';

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 3 }), transactionOptions: { maxWait: 10_000, timeout: 20_000 } });

async function transfer(from, to) {
  await prisma.$transaction(async (tx) => {
    const account = await tx.account.findUniqueOrThrow({ where: { id: from } });
    if (account.balance < 1) return;
    await tx.account.update({ where: { id: from }, data: { balance: { decrement: 1 } } });
    await tx.account.update({ where: { id: to }, data: { balance: { increment: 1 } } });
  });
  const account = await prisma.account.findUniqueOrThrow({ where: { id: to } });
  await fetch(`${process.env.SERVICE_URL}/transferred/${account.balance}`);
}

const batch = (name) => prisma.$transaction([prisma.user.create({ data: { name } }), prisma.user.count(), prisma.account.findMany()]);

for (let round = 0; round < 3; round++) await Promise.all([transfer(1, 2), transfer(3, 4), batch('a'), batch('b'), prisma.user.findMany()]);
await prisma.$disconnect();
