// The same, which says at once what it needs.
import { DataSource } from 'typeorm';
import { serve } from '../serve.js';
import { customers, orders } from './entities.js';

const source = new DataSource({
  type: 'postgres',
  url: process.env['DATABASE_URL'] ?? '',
  entities: [customers, orders],
  extra: { max: 10, connectionTimeoutMillis: 5000 },
});
await source.initialize();

async function listOrders(): Promise<string[]> {
  return await source.transaction(async (manager) => {
    const names: string[] = [];
    for (const order of await manager.find(orders, { order: { id: 'asc' }, take: 30, relations: { customer: true } })) {
      const customer = await order.customer; // is there already
      names.push(customer.name);
    }
    return names;
  });
}

serve({ 'GET /orders': listOrders }, () => source.destroy());
