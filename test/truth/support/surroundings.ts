/** What the programs find: tables with a few rows, and a service over HTTP. */
export const SCHEMA = `
  create table users (id serial primary key, name text not null, email text);
  create table orders (id serial primary key, user_id integer references users, total integer not null default 0, status text);
  create table accounts (id serial primary key, owner text not null, balance integer not null default 0);
  create table archived (id integer primary key, total integer not null);
  create table audit (id serial primary key, what text, order_id integer);
  insert into users (name) values ('Ada'), ('Grace'), ('Edsger');
  insert into orders (user_id, total) values (1, 10), (2, 20), (3, 30);
  insert into accounts (owner, balance) values ('Ada', 100), ('Grace', 100), ('Edsger', 100), ('Barbara', 100);
`;

/** How long the service that programs call takes to answer. */
export const SERVICE_MS = 20;

