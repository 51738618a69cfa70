// TypeORM in TypeScript: services whose methods are transactions by a decorator, and repositories that find them
// rules: await-in-transaction, nested-checkout
import 'reflect-metadata';
import { DataSource, EntitySchema } from 'typeorm';
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFile } from 'node:fs/promises';

const als = new AsyncLocalStorage<any>();
interface User { id: number; name: string; email: string | null }
const UserSchema = new EntitySchema<User>({ name: 'User', tableName: 'users', columns: { id: { type: Number, primary: true, generated: true }, name: { type: String }, email: { type: String, nullable: true } } });
const source = new DataSource({ type: 'postgres', url: process.env['DATABASE_URL'] as string, entities: [UserSchema], poolSize: 6 });

function Transactional() {
  return function (_target: any, _name: string, descriptor: PropertyDescriptor): void {
    const original = descriptor.value;
    descriptor.value = function (this: any, ...args: any[]) {
      return source.transaction((manager) => als.run(manager, () => original.apply(this, args)));
    };
  };
}

class UserRepository {
  get manager() { return als.getStore() ?? source.manager; }
  async byId(id: number): Promise<User | null> {
    return this.manager.findOneBy(UserSchema, { id });
  }
  async save(user: User): Promise<void> {
    await this.manager.save(UserSchema, user);
  }
}

class TemplateService {
  async load(): Promise<string> {
    return readFile(new URL(import.meta.url), 'utf8'); // ← await-in-transaction
  }
}

class UserService {
  constructor(private users = new UserRepository(), private templates = new TemplateService()) {}

  @Transactional()
  async welcome(id: number): Promise<void> {
    const user = await this.users.byId(id);
    const template = await this.templates.load();
    await this.users.save({ ...user!, email: `${template.length}@example.com` });
  }

  @Transactional()
  async rename(id: number, name: string): Promise<void> {
    const user = await this.users.byId(id);
    await this.users.save({ ...user!, name });
  }

  @Transactional()
  async count(): Promise<number> {
    await this.users.byId(1);
    const n = await source.getRepository(UserSchema).count(); // ← nested-checkout
    await this.users.byId(n);
    return n;
  }
}

await source.initialize();
const service = new UserService();
for (let i = 0; i < 6; i++) await Promise.all([service.welcome(1), service.rename(2, 'n' + i), service.count(), service.rename(3, 'x' + i)]);
await source.destroy();
