// Prisma 7 with @prisma/adapter-pg: the client instead of the transaction's, a slow call
// rules: await-in-transaction, nested-checkout
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './prisma-client.mjs';

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 8 }), transactionOptions: { maxWait: 10_000, timeout: 20_000 } });

async function verify(id) {
  await prisma.$transaction(async (tx) => {
    const user = await tx.user.findUniqueOrThrow({ where: { id } });
    await fetch(`${process.env.SERVICE_URL}/verify/${user.name}`); // ← await-in-transaction
    await tx.user.update({ where: { id }, data: { email: 'verified' } });
  });
}

async function rename(id) {
  await prisma.$transaction(async (tx) => {
    const user = await tx.user.findUniqueOrThrow({ where: { id } });
    const count = await prisma.user.count(); // ← nested-checkout
    await tx.user.update({ where: { id }, data: { name: `${user.name}${count}` } });
  });
}

for (let round = 0; round < 3; round++) await Promise.all([verify(1), verify(2), rename(3)]);
await prisma.$disconnect();
