// Orders and their customers. The customer of an order is read when it is first asked for.
import { EntitySchema } from 'typeorm';

export interface Customer {
  id: number;
  name: string;
}

export interface Order {
  id: number;
  customer: Promise<Customer>;
}

export const customers = new EntitySchema<Customer>({
  name: 'customer',
  tableName: 'customers',
  columns: { id: { type: Number, primary: true }, name: { type: String } },
});

export const orders = new EntitySchema<Order>({
  name: 'order',
  tableName: 'orders',
  columns: { id: { type: Number, primary: true } },
  relations: { customer: { type: 'many-to-one', target: 'customer', lazy: true, joinColumn: { name: 'customer_id' } } },
});
